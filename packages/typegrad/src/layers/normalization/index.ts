/**
 * `layers/normalization/`: values brought to mean and deviation, over batches, features or groups, and norms of
 * weights. They know a layer's base alone.
 */
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  batchNormalization,
} from './batch-normalization.ts'
export {
  GroupNormalization,
  type GroupNormalizationOptions,
  groupNormalization,
} from './group-normalization.ts'
export {
  LayerNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
} from './layer-normalization.ts'
export {
  RMSNormalization,
  type RMSNormalizationOptions,
  rmsNormalization,
} from './rms-normalization.ts'
export {
  SpectralNormalization,
  type SpectralNormalizationOptions,
  spectralNormalization,
} from './spectral-normalization.ts'
export {
  UnitNormalization,
  type UnitNormalizationOptions,
  unitNormalization,
} from './unit-normalization.ts'
