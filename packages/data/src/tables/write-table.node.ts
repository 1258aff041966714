import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ArgumentError } from 'typegrad/core'
import { withWritableDatabase } from './database.node.ts'
import { explained } from './duckdb-errors.ts'
import { literal } from './pieces.ts'
import { prepared, type Query } from './query.node.ts'
import { statementOf } from './statement.ts'
import type { WriteTableOptions } from './write-options.ts'

const endings: readonly (readonly [RegExp, NonNullable<WriteTableOptions['format']>])[] = [
  [/\.(csv|tsv)$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
  [/\.json$/i, 'json'],
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
]

let written = 0

/** Writes the rows of a query beside the file, flushes them, and puts them into its place. */
export async function writeTable(query: Query, path: string, options: WriteTableOptions): Promise<void> {
  const format = options.format ?? endings.find(([ending]) => ending.test(path))?.[1]
  if (typeof path !== 'string' || format === undefined)
    throw new ArgumentError({
      where: 'Table.write',
      expected: 'a path that ends in .csv, .tsv, .parquet, .json or .jsonl, or format',
      received: JSON.stringify(path) ?? 'none',
    })
  const target = resolve(path)
  const temporary = `${target}.typegrad-tmp-${process.pid}-${++written}`
  const { text, values, files, loaded } = statementOf(query.query)
  await mkdir(dirname(target), { recursive: true })
  try {
    await withWritableDatabase(files, query.limits, temporary, async (database) => {
      const connection = await database.connect(loaded)
      try {
        const statement = await prepared(
          connection,
          `COPY (${text}\n) TO ${literal(temporary)} (${settingsOf(format, target, options)})`,
          values,
        )
        await statement.run()
      } catch (error) {
        throw await explained(error, query)
      } finally {
        connection.closeSync()
      }
    })
    const file = await open(temporary, 'r+')
    await file.sync().finally(() => file.close())
    await rename(temporary, target)
    const folder = await open(dirname(target), 'r').catch(() => undefined)
    await folder?.sync().catch(() => undefined)
    await folder?.close()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function settingsOf(
  format: NonNullable<WriteTableOptions['format']>,
  path: string,
  { delimiter, compression = 'zstd' }: WriteTableOptions,
): string {
  const between = delimiter ?? (/\.tsv$/i.test(path) ? '\t' : ',')
  const settings: Readonly<Record<typeof format, string>> = {
    csv: `FORMAT csv, HEADER true, DELIMITER ${literal(between)}`,
    parquet: `FORMAT parquet, COMPRESSION ${literal(compression === 'none' ? 'uncompressed' : compression)}`,
    json: 'FORMAT json, ARRAY true',
    jsonl: 'FORMAT json',
  }
  return settings[format]
}
