export { ignoredLabel } from '../layers/labels.ts'
export { causalSample, type LanguageSample } from './causal.ts'
export { flopsPerToken } from './flops.ts'
export type { Decay } from './learning-rate.ts'
export { type MaskingOptions, masking } from './masked.ts'
export { type Documents, type Pretrained, type PretrainOptions, pretrain } from './pretrain.ts'
export type { TextRow } from './rows.ts'
export {
  type CorruptedLengths,
  corruptedLengths,
  type NoiseOptions,
  type SpanCorruptionOptions,
  spanCorruption,
} from './span-corruption.ts'
export { type Packing, type TextBlock, type TextBlocksOptions, textBlocks } from './text-blocks.ts'
export { type TextFilesOptions, textFiles } from './text-files.ts'
export { matmulFlops, Throughput, type ThroughputOptions, throughput } from './throughput.ts'
export { WriteSamples, type WriteSamplesOptions, writeSamples } from './write-samples.ts'
