/**
 * Rows of cells as lines for a terminal, in columns that are as wide as their widest cell.
 *
 * @param isLeft which columns begin where the column begins; the others end where it ends. Default: the first.
 */
export function textTable(
  rows: readonly (readonly string[])[],
  isLeft: (column: number) => boolean = (column) => column === 0,
): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell[isLeft(column) ? 'padEnd' : 'padStart'](widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}
