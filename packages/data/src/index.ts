/**
 * `@typegrad/data`: data sets in Hugging Face's layout, from files of many formats, as rows with types.
 */

export * from './cleaning/index.ts'
export * from './denoising/index.ts'
export type {
  ArrayFeature,
  AudioFeature,
  Cell,
  CellOf,
  ClassLabelFeature,
  DataRow,
  Feature,
  Features,
  ImageFeature,
  ListFeature,
  RowOf,
  StoredFile,
  StructFeature,
  ValueFeature,
} from './features/feature.ts'
export { feature } from './features/feature.ts'
export { loadDataset } from './load-dataset.ts'
export type { LoadDatasetOptions } from './load-options.ts'
export { DatasetSplits } from './rows/dataset-splits.ts'
export {
  type MapRowsOptions,
  RowDataset,
  type ShuffleRowsOptions,
  type SplitRowsOptions,
} from './rows/row-dataset.ts'
