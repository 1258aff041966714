/**
 * What a global pattern finds. `matchAll` makes a pattern of its own each time, which takes a millisecond where classes are
 * written out.
 */
export function* matchesOf(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const next = pattern.lastIndex
    yield match
    // An empty match does not advance.
    pattern.lastIndex = match[0] === '' ? next + ((text.codePointAt(next) ?? 0) > 0xffff ? 2 : 1) : next
  }
}
