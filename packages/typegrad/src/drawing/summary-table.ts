/** How a column's cells stand in it. */
export type Alignment = 'left' | 'right' | 'centre'

/**
 * A table in a frame, no line of which is longer than `lineLength`: cells of the first column are broken between words,
 * and where that is not enough those of the second too, and then words. Below the width of its other columns and a few
 * letters a table stays as wide as it is.
 */
export function framedTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  lineLength: number,
): string[] {
  const cells = [header, ...rows]
  const widths = fitted(
    header.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0))),
    header.map((_, i) => Math.max(...cells.map((row) => longestWord(row[i] ?? '')))),
    lineLength - 3 * header.length - 1,
  )
  const lines = (row: readonly string[]): string[] => {
    const folded = widths.map((width, i) => fold(row[i] ?? '', width))
    return Array.from({ length: Math.max(...folded.map(({ length }) => length)) }, (_, line) => {
      const texts = widths.map((width, i) => aligned(folded[i]?.[line] ?? '', width, alignments[i] ?? 'left'))
      return `│ ${texts.join(' │ ')} │`
    })
  }
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`
  return [
    rule('┌', '┬', '┐'),
    ...lines(header),
    rule('├', '┼', '┤'),
    ...rows.flatMap(lines),
    rule('└', '┴', '┘'),
  ]
}

const longestWord = (text: string): number => Math.max(...text.split(' ').map(({ length }) => length))
/** Fewer letters than these are not worth a line. */
const narrowest = 8

/** Widths of at most `room` together, by making the first two columns narrower. */
function fitted(natural: readonly number[], words: readonly number[], room: number): readonly number[] {
  const widths = [...natural]
  const excess = (): number => widths.reduce((sum, width) => sum + width, 0) - room
  for (const least of [words, natural.map(() => narrowest)])
    for (const i of [0, 1]) {
      const width = widths[i] ?? 0
      widths[i] = Math.max(Math.min(width, least[i] ?? 0), width - Math.max(0, excess()))
    }
  return excess() > 0 ? natural : widths
}

/** A text in lines of at most `width`. */
function fold(text: string, width: number): string[] {
  if (text.length <= width) return [text]
  const space = text.lastIndexOf(' ', width)
  const end = space > 0 ? space : width
  return [text.slice(0, end).trimEnd(), ...fold(text.slice(end).trimStart(), width)]
}

function aligned(text: string, width: number, alignment: Alignment): string {
  if (alignment === 'left') return text.padEnd(width)
  if (alignment === 'right') return text.padStart(width)
  return text.padStart(Math.ceil((width + text.length) / 2)).padEnd(width)
}
