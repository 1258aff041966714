import { padded, textWidth, wrapped } from './text-width.ts'

/**
 * Two columns, the second of which is wrapped: `  --target COLUMN   the column that is predicted`. First columns wider than `most`
 * have a line for themselves.
 */
export function listing(
  rows: readonly (readonly [first: string, second: string])[],
  columns: number,
  most = 26,
): string[] {
  const width = Math.min(most, Math.max(0, ...rows.map(([first]) => textWidth(first))))
  const indent = ' '.repeat(width + 4)
  return rows.flatMap(([first, second]) => {
    const [line = '', ...more] = wrapped(second, columns - indent.length)
    const rest = more.map((each) => indent + each)
    return textWidth(first) > width
      ? [`  ${first}`, `${indent}${line}`, ...rest]
      : [`  ${padded(first, width)}  ${line}`.trimEnd(), ...rest]
  })
}

/** A table of cells in columns that are as wide as they have to be; numbers stand on the right. */
export function aligned(
  rows: readonly (readonly string[])[],
  sides: readonly ('left' | 'right')[] = [],
): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => textWidth(row[i] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0
        return sides[i] === 'right' ? ' '.repeat(width - textWidth(cell)) + cell : padded(cell, width)
      })
      .join('  ')
      .trimEnd(),
  )
}
