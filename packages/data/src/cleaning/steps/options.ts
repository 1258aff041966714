export type { CleanTextOptions, CoerceOptions, MarkMissingOptions } from './cells.ts'
export type {
  DropConstantOptions,
  DropDuplicatesOptions,
  DropMissingOptions,
  DropSparseOptions,
} from './columns.ts'
export type { DateCycle, DatePart, DatePartsOptions, ParseDatesOptions } from './dates.ts'
export type { DiscretizeOptions } from './discretize.ts'
export type { PowerTransformOptions, QuantileTransformOptions } from './distributions.ts'
export type { GroupRareOptions, OneHotOptions, OrdinalOptions } from './encoders.ts'
export type { ImputeOptions } from './impute.ts'
export type { KnnImputeOptions } from './knn-impute.ts'
export type { ClipOptions, WinsorizeOptions } from './limits.ts'
export type { NumberFormat, ParseNumbersOptions } from './parse-numbers.ts'
export type { MinMaxOptions, RobustScaleOptions, StandardizeOptions } from './scaling.ts'
export type { TargetEncodeOptions } from './target-encode.ts'
export type { HashTextOptions, TextCount, TextCountsOptions, TfIdfOptions } from './text.ts'
