/**
 * `folders/`: which files of a folder make which split, by their names, the card or what `save_to_disk` wrote. It knows
 * features, and nothing of what is in the files.
 */

/**
 * Whether a path fits a pattern as the cards of data sets have it: `*` for any part of a name, `**` for any folders, `?` and
 * `[…]` for one character.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  const source = pattern
    .replace(/^\.\//, '')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (wildcard) => {
      if (wildcard === '**/') return '(?:.*/)?'
      if (wildcard === '**') return '.*'
      return wildcard === '*' ? '[^/]*' : '[^/]'
    })
    .replace(/\[!/g, '[^')
  return new RegExp(`^${source}$`).test(path)
}
