/** `losses/`: what training makes small. They know tensors and labels, and nothing of models. */
export {
  BinaryCrossentropy,
  type BinaryCrossentropyOptions,
  binaryCrossentropy,
} from './binary-crossentropy.ts'
export {
  BinaryFocalCrossentropy,
  type BinaryFocalCrossentropyOptions,
  binaryFocalCrossentropy,
} from './binary-focal-crossentropy.ts'
export {
  CategoricalCrossentropy,
  type CategoricalCrossentropyOptions,
  categoricalCrossentropy,
} from './categorical-crossentropy.ts'
export {
  CategoricalFocalCrossentropy,
  type CategoricalFocalCrossentropyOptions,
  categoricalFocalCrossentropy,
} from './categorical-focal-crossentropy.ts'
export {
  CategoricalGeneralizedCrossEntropy,
  type CategoricalGeneralizedCrossEntropyOptions,
  categoricalGeneralizedCrossEntropy,
} from './categorical-generalized-cross-entropy.ts'
export { CategoricalHinge, categoricalHinge } from './categorical-hinge.ts'
export { Circle, type CircleOptions, circle } from './circle.ts'
export { CosineSimilarity, type CosineSimilarityOptions, cosineSimilarity } from './cosine-similarity.ts'
export { CTC, ctc } from './ctc.ts'
export { Dice, type DiceOptions, dice } from './dice.ts'
export { FunctionLoss, type LossFunction } from './function-loss.ts'
export { getLoss, type LossIdentifier, type LossName } from './get.ts'
export { Hinge, hinge } from './hinge.ts'
export { Huber, type HuberOptions, huber } from './huber.ts'
export { KLDivergence, klDivergence } from './kl-divergence.ts'
export type { HostLabels, OutputShape } from './labels.ts'
export { LogCosh, logCosh } from './log-cosh.ts'
export { Loss, type LossContext, type LossFactory, type LossOptions } from './loss.ts'
export { MeanAbsoluteError, meanAbsoluteError } from './mean-absolute-error.ts'
export { MeanAbsolutePercentageError, meanAbsolutePercentageError } from './mean-absolute-percentage-error.ts'
export { MeanSquaredError, meanSquaredError } from './mean-squared-error.ts'
export { MeanSquaredLogarithmicError, meanSquaredLogarithmicError } from './mean-squared-logarithmic-error.ts'
export { Poisson, poisson } from './poisson.ts'
export type { Reduction } from './reduction.ts'
export {
  SparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from './sparse-categorical-crossentropy.ts'
export { SquaredHinge, squaredHinge } from './squared-hinge.ts'
export type { TaskContext } from './task.ts'
export { Tversky, type TverskyOptions, tversky } from './tversky.ts'
