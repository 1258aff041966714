import { DataError } from 'typegrad/core'

/** A document: its text, or a row of a table that has it in a field. */
export type TextRow = string | Readonly<Record<string, unknown>>

/** Where a row has its text. */
export interface TextPlace {
  readonly field: string
  /** What errors call the row. */
  readonly where: string
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100)

/**
 * The text of a line of JSON.
 *
 * @throws DataError for JSON that is broken, or has no text there.
 */
export function textOf(line: string, place: TextPlace): string {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch (cause) {
    throw new DataError({
      where: place.where,
      expected: 'a value of JSON, whole on its line',
      received: `${shown(line)} (${(cause as Error).message})`,
      fix: 'Mend the line, or leave it out.',
    })
  }
  return textOfRow(row as TextRow, place)
}

/** The text of a row. @throws DataError for a row without one. */
export function textOfRow(row: TextRow, { field, where }: TextPlace): string {
  const text: unknown = typeof row === 'string' ? row : row?.[field]
  if (typeof text === 'string') return text
  const names = typeof row === 'object' && row !== null ? Object.keys(row) : []
  throw new DataError({
    where,
    expected: `a text, or an object with one in its field '${field}'`,
    received: names.length > 0 ? `the fields ${names.join(', ').slice(0, 200)}` : shown(row),
    fix: `Say which field has the text: { field: '${names[0] ?? 'content'}' }.`,
  })
}
