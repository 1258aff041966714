/**
 * `files/`: data files of one format each, as features and rows. It knows features; which files make a data set,
 * `folders/` says.
 */
import { FormatError } from 'typegrad/core'
import { Misfit, rowDecoder } from '../features/decode.ts'
import type { DataRow, Features } from '../features/feature.ts'

/** A row as its file stores it, and where it stands, for errors: a line, or a row's number. */
export interface StoredRow {
  readonly values: Readonly<Record<string, unknown>>
  readonly place: string
}

/** A file that has been opened. */
export interface DataFile {
  readonly path: string
  /** What the file itself says; undefined for formats of plain text. */
  readonly features: Features | undefined
  /** Columns in order; undefined where each row has its own. */
  readonly columns: readonly string[] | undefined
  /** Reads from the beginning, a part at a time. @param columns those that are wanted; all by default. */
  rows(columns?: readonly string[]): AsyncIterable<StoredRow>
}

/** How a format looks into files. */
export interface FileFormat {
  readonly name: string
  open(path: string, options: FileOptions): Promise<DataFile>
  /** For formats without features of their own: what stored rows say of them. */
  infer?(files: readonly DataFile[], most: number): Promise<Features>
}

export interface FileOptions {
  /** Of JSON: the name under which the rows stand in a file that is one object. */
  readonly field?: string | undefined
  /** Of CSV: what stands between cells. */
  readonly delimiter?: string | undefined
}

/** The rows of a file by their features. @throws FormatError naming file, line and column of what does not fit. */
export async function* decodedRows(
  file: DataFile,
  features: Features,
  columns?: readonly string[],
): AsyncGenerator<DataRow> {
  const wanted =
    columns === undefined
      ? features
      : Object.fromEntries(Object.entries(features).filter(([name]) => columns.includes(name)))
  const decode = rowDecoder(wanted)
  for await (const { values, place } of file.rows(columns)) {
    const unknown = Object.keys(values).find((name) => !Object.hasOwn(features, name))
    if (unknown !== undefined)
      throw new FormatError({
        where: `${file.path}: ${place}`,
        expected: `columns of ${Object.keys(features).join(', ')}`,
        received: `'${unknown}' as well`,
        fix: 'Rows that were looked at before have no such column: give the features of all (features).',
      })
    let row: DataRow
    try {
      row = decode(values)
    } catch (error) {
      if (!(error instanceof Misfit)) throw error
      throw new FormatError({
        where: `${file.path}: ${place}: ${error.path.slice(1)}`,
        expected: error.expected,
        received: error.received,
        fix: 'The type is that of the features, or of what was read before: give other features (features).',
      })
    }
    yield row
  }
}
