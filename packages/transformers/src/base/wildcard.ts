/** Whether a name fits one of the patterns, in which `*` is any text. */
export function fitsAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern.split('*').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    return new RegExp(`^${escaped.join('.*')}$`).test(name)
  })
}
