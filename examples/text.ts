// Numbers and sentences as the examples print them.

/** `10000` → `10,000`. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** `0.9854` → `98.54 %`, with a space that no line breaks at. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)}\u00a0%`

export const plural = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

/** A text in lines of at most `columns` characters, broken between words; words that are longer have a line of their own. */
export function wrapped(text: string, columns: number): string {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines.join('\n')
}
