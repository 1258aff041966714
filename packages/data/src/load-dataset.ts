import { hubChecks } from '@typegrad/hub/options'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { DataRow, Features, RowOf } from './features/feature.ts'
import type { LoadDatasetOptions } from './load-options.ts'
import type { DatasetSplits } from './rows/dataset-splits.ts'
import type { RowDataset } from './rows/row-dataset.ts'

const loadChecks = optionsOf<LoadDatasetOptions>()({
  split: checks.string,
  streaming: checks.boolean,
  columns: checks.list,
  config: checks.string,
  dataFiles: checks.anything,
  features: checks.anything,
  field: checks.string,
  delimiter: checks.string,
  inferFrom: checks.count,
  ...hubChecks,
})

/**
 * Loads a data set from a folder in the layout of Hugging Face's hub, a folder that Python's `save_to_disk` wrote, or one
 * file, or from the hub itself by the data set's name, whose files are downloaded once: Parquet, Arrow, JSON Lines, JSON, CSV, TSV or text, the last five also packed by gzip.
 *
 * Files belong to splits as their names say (`data/train-00000-of-00002.parquet`, `test.csv`, `validation/…`), or as the card
 * (README.md) does. Columns have features: those that the card, the files' metadata or `dataset_info.json` tell, so that a
 * ClassLabel keeps its names; of JSON and CSV, those that all rows fit. A missing cell is null; whole numbers beyond 2⁵³ are
 * bigint; dates and timestamps are Date, to the millisecond.
 *
 * @param path a folder or a file, or the name of a data set of the hub (`org/name`). What is on this machine goes first.
 * @throws ArgumentError for a path, split, config or column that there is not; FormatError, with file and line or row, for what
 * is damaged or does not fit; StateError where the hub does not answer, or `offline` finds nothing.
 * @example
 * const { train, test } = await loadDataset('data/reviews')
 * const labels = train.features?.label // { kind: 'classLabel', names: ['negative', 'positive'] }
 * for await (const row of await loadDataset('data/logs.jsonl', { split: 'train', streaming: true })) console.log(row)
 */
export function loadDataset<const F extends Features>(
  path: string,
  options: LoadDatasetOptions & { readonly features: F; readonly split: string },
): Promise<RowDataset<RowOf<F>>>
export function loadDataset<const F extends Features>(
  path: string,
  options: LoadDatasetOptions & { readonly features: F },
): Promise<DatasetSplits<RowOf<F>>>
export function loadDataset<Row = DataRow>(
  path: string,
  options: LoadDatasetOptions & { readonly split: string },
): Promise<RowDataset<Row>>
export function loadDataset<Row = DataRow>(
  path: string,
  options?: LoadDatasetOptions,
): Promise<DatasetSplits<Row>>
export async function loadDataset(
  path: string,
  options: LoadDatasetOptions = {},
): Promise<DatasetSplits | RowDataset> {
  checkOptions('loadDataset', options, loadChecks)
  if (typeof path !== 'string' || path === '')
    throw new ArgumentError({
      where: 'loadDataset',
      expected: 'a path',
      received: JSON.stringify(path) ?? 'none',
    })
  const { loadFolder } = await import('./load-folder.node.ts')
  const splits = await loadFolder(path, options)
  return options.split === undefined ? splits : splits.get(options.split)
}
