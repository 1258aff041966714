/**
 * `networks/`: layers that networks for tables are made of, and the networks: TabM, RealMLP, FT-Transformer. They know layers and
 * tensors, and nothing of frames, tasks and training.
 */
export {
  BatchEnsembleDense,
  type BatchEnsembleDenseOptions,
  type ScaleStart,
} from './batch-ensemble-dense.ts'
export { type BinEdges, quantileBins } from './bins.ts'
export { FeatureDense, type FeatureDenseOptions } from './feature-dense.ts'
export { FeatureTransformer, type FeatureTransformerOptions } from './feature-transformer.ts'
export { LinearEmbeddings, type LinearEmbeddingsOptions } from './linear-embeddings.ts'
export { PeriodicEmbeddings, type PeriodicEmbeddingsOptions } from './periodic-embeddings.ts'
export {
  PiecewiseLinearEmbeddings,
  type PiecewiseLinearEmbeddingsOptions,
} from './piecewise-linear-embeddings.ts'
export { PiecewiseLinearEncoding, type PiecewiseLinearEncodingOptions } from './piecewise-linear-encoding.ts'
export { batchSizeFor, type ProgressSchedule, progressSchedules } from './progress.ts'
export { type LearningFactors, RealMLP, type RealMLPOptions } from './real-mlp.ts'
export { startRealMLP } from './start-real-mlp.ts'
export type { TableInputOptions } from './table-inputs.ts'
export { TabM, type TabMOptions } from './tabm.ts'
