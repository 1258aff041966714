import { existsSync } from 'node:fs'
import { isHubId } from '@typegrad/hub'
import { ArgumentError, FormatError } from 'typegrad/core'
import type { DataRow, Features } from './features/feature.ts'
import { arrow } from './files/arrow.node.ts'
import { csv } from './files/csv.node.ts'
import { type DataFile, decodedRows, type FileFormat } from './files/data-file.ts'
import { json } from './files/json.node.ts'
import { parquet } from './files/parquet.node.ts'
import { text } from './files/text.node.ts'
import { dataFolder } from './folders/data-folder.node.ts'
import { hubDataset } from './folders/hub-dataset.node.ts'
import type { LoadDatasetOptions } from './load-options.ts'
import { DatasetSplits } from './rows/dataset-splits.ts'
import { RowDataset } from './rows/row-dataset.ts'

const formats: Readonly<Record<string, FileFormat>> = {
  parquet,
  arrow,
  feather: arrow,
  jsonl: json,
  ndjson: json,
  json,
  csv,
  tsv: csv,
  txt: text,
}

/** @throws ArgumentError for a file whose name does not end as a format that is read. */
function formatOf(path: string): FileFormat {
  const found = formats[/\.([a-z]+)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '']
  if (found !== undefined) return found
  throw new ArgumentError({
    where: 'loadDataset',
    expected: `a file that ends in .${Object.keys(formats).join(', .')}`,
    received: `'${path}'`,
  })
}

/** The splits of a folder or file. Rows are read when they are asked for; what is wrong with the files' beginnings is told now. */
export async function loadFolder(path: string, options: LoadDatasetOptions): Promise<DatasetSplits> {
  // A folder or file of that name goes first.
  const isRemote = isHubId(path) && !existsSync(path)
  const folder = isRemote ? await hubDataset(path, options.split, options) : await dataFolder(path, options)
  const wanted =
    options.split === undefined
      ? folder.splits
      : new Map([...folder.splits].filter(([name]) => name === options.split))
  // A split that there is not is refused by its name, with those that there are.
  if (wanted.size === 0)
    new DatasetSplits(new Map([...folder.splits.keys()].map((name) => [name, empty]))).get(
      options.split ?? '',
    )
  const splits = new Map<string, RowDataset>()
  for (const [name, files] of wanted)
    splits.set(name, await splitOf(files, options.features ?? folder.features, options))
  return new DatasetSplits(splits)
}

const empty = RowDataset.fromRows<DataRow>([])

async function splitOf(
  paths: readonly string[],
  told: Features | undefined,
  options: LoadDatasetOptions,
): Promise<RowDataset> {
  const format = formatOf(paths[0] as string)
  const other = paths.find((path) => formatOf(path) !== format)
  if (other !== undefined)
    throw new FormatError({
      where: `loadDataset: ${paths[0]}`,
      expected: `files of one format (${format.name}) in a split`,
      received: `'${other}' as well`,
      fix: 'Name the files that are meant: dataFiles.',
    })
  const files = await Promise.all(paths.map((path) => format.open(path, options)))
  const { streaming = false, inferFrom = 1000, columns } = options
  const most = streaming ? inferFrom : Number.POSITIVE_INFINITY
  const features = told ?? files[0]?.features ?? (await format.infer?.(files, most)) ?? {}
  checkColumns(files, features, columns)
  const open = async function* (): AsyncGenerator<DataRow> {
    for (const file of files) yield* decodedRows(file, features, columns)
  }
  const kept =
    columns === undefined
      ? features
      : Object.fromEntries(columns.map((name) => [name, features[name] as Features[string]]))
  if (streaming) return RowDataset.fromStream(open, kept)
  const rows: DataRow[] = []
  for await (const row of open()) rows.push(row)
  return RowDataset.fromRows(rows, kept)
}

/** That files have the columns that features and the caller name. */
function checkColumns(
  files: readonly DataFile[],
  features: Features,
  columns: readonly string[] | undefined,
): void {
  const unknown = columns?.filter((name) => !Object.hasOwn(features, name)) ?? []
  if (unknown.length > 0)
    throw new ArgumentError({
      where: 'loadDataset: columns',
      expected: `columns of ${Object.keys(features).join(', ')}`,
      received: unknown.map((name) => `'${name}'`).join(', '),
    })
  for (const file of files) {
    const own = file.columns
    if (own === undefined) continue
    const lacking = Object.keys(features).filter((name) => !own.includes(name))
    const beyond = own.filter((name) => !Object.hasOwn(features, name))
    if (lacking.length + beyond.length === 0) continue
    throw new FormatError({
      where: file.path,
      expected: `the columns ${Object.keys(features).join(', ')}`,
      received: own.join(', '),
      fix: 'All files of a split have the same columns, and features name all of them.',
    })
  }
}
