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
export { type ImageDatasetOptions, imageDataset } from './images/image-dataset.ts'
export {
  type ImageDirectoryOptions,
  imageDatasetFromDirectory,
} from './images/image-dataset-from-directory.ts'
export type { ColorMode, FloatPicture, Picture } from './images/picture.ts'
export type { PictureOptions, ReadImageOptions } from './images/picture-options.ts'
export type { Augment } from './images/picture-task.ts'
export { readImage } from './images/read-image.ts'
export type { Interpolation } from './images/resize-picture.ts'
export type {
  DirectorySource,
  FileHandle,
  FolderHandle,
  ListedFile,
} from './labelled/directory-of-files.ts'
export type { FileDataset } from './labelled/file-dataset.ts'
export type {
  DirectoryOptions,
  LabelMode,
  ReadingOptions,
  SkippedFile,
  Subset,
} from './labelled/options.ts'
export { loadDataset } from './load-dataset.ts'
export type { LoadDatasetOptions } from './load-options.ts'
export { type ProfileOptions, profile, TableProfile } from './profile/profile.ts'
export type {
  ColumnDrift,
  ColumnKind,
  ColumnPair,
  ColumnProfile,
  Finding,
  FindingKind,
  Histogram,
  ProfileNumbers,
  TargetPrediction,
  TargetProfile,
  TopValue,
} from './profile/profile-types.ts'
export { DatasetSplits } from './rows/dataset-splits.ts'
export {
  type MapRowsOptions,
  RowDataset,
  type ShuffleRowsOptions,
  type SplitRowsOptions,
} from './rows/row-dataset.ts'
// Pictures, sounds and texts of folders.
export {
  type AudioDirectoryOptions,
  audioDatasetFromDirectory,
} from './sound/audio-dataset-from-directory.ts'
export * from './sound/features/index.ts'
export { readSound } from './sound/read-sound.ts'
export { resample } from './sound/resample.ts'
export { type MonoSound, type SoundFile, toMono } from './sound/sound.ts'
export type { CastType } from './tables/cast-types.ts'
export {
  col,
  count,
  type DatePart,
  Expression,
  type Ordering,
  sql,
  when,
} from './tables/expression.ts'
export type { JoinKind, JoinOptions } from './tables/join.ts'
export type { ReadTableOptions, TableFormat } from './tables/read-options.ts'
export { readTable } from './tables/read-table.ts'
export type { SampleOptions, SplitTableOptions } from './tables/sampling.ts'
export type { TableLimits } from './tables/source.ts'
export { type GroupedTable, Table, type TableBatchOptions } from './tables/table.ts'
export { type ColumnValues, type TableFromOptions, tableFrom } from './tables/table-from.ts'
export type { SqlSource, TableSource } from './tables/table-source.ts'
export type { Columns } from './tables/table-types.ts'
export type { WriteTableOptions } from './tables/write-options.ts'
export {
  type TextDirectoryOptions,
  textDatasetFromDirectory,
} from './texts/text-dataset-from-directory.ts'
