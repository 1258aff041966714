/** Letters that take two columns of a terminal: East Asian Wide and Fullwidth (Unicode's UAX 11), and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

const widthOf = (letter: string): number => (wide.test(letter) ? 2 : 1)

/** Columns of a terminal that a text takes. */
export const textWidth = (text: string): number => [...text].reduce((sum, letter) => sum + widthOf(letter), 0)

/** A text with blanks behind it, up to a width in columns. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - textWidth(text)))

/** A text that takes at most so many columns. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const letter of text) {
    if (textWidth(kept) + widthOf(letter) > width - 1) break
    kept += letter
  }
  return `${kept}…`
}

/** Pieces that a line may end behind: words with their blanks, and each wide letter, with the punctuation that follows it. */
const pieces = (text: string): string[] =>
  text.match(
    /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef][，。；：、！？）》」]*\s*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+\s*|\s+/gu,
  ) ?? []

/** A text in lines of at most `width` columns, broken between words; a word that is longer has a line for itself. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const piece of pieces(paragraph)) {
      const room = width - (lines.length === 0 ? 0 : indent.length)
      if (line !== '' && textWidth(line) + textWidth(piece.trimEnd()) > room) {
        lines.push(line.trimEnd())
        line = ''
      }
      line += piece
    }
    return [...lines, line.trimEnd()].map((each, i) => (i === 0 ? each : indent + each))
  })
}
