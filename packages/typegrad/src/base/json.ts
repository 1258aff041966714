/** Objects and lists within each other: models nest some tens, and each function that walks them takes stack for it. */
const maxLevels = 512

/**
 * JSON of a file: what is nested deeper than any model is refused before functions that call themselves walk it.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  let level = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      // To the end of a text.
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (code === 0x7b || code === 0x5b) {
      level += 1
      if (level > maxLevels) throw tooDeep()
    } else if (code === 0x7d || code === 0x5d) level -= 1
  }
  return JSON.parse(text)
}

/** The same for what has been parsed already. @throws SyntaxError */
export function checkDepth(value: unknown): void {
  let row: readonly unknown[] = [value]
  for (let level = 0; row.length > 0; level++) {
    if (level > maxLevels + 1) throw tooDeep()
    row = row.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
}

const tooDeep = (): SyntaxError =>
  new SyntaxError(`more than ${maxLevels} objects and lists within each other`)
