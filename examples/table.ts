/**
 * A table for the terminal: a line of headings, a rule, and a line a row. The first column stands to the left,
 * the others, which are numbers, to the right.
 *
 * @example
 * console.log(table(['net', 'loss'], [['plain', '0.310'], ['dropout', '0.092']]))
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width)))
      .join('   ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('───')
  return [line(headings), rule, ...rows.map(line)].join('\n')
}
