/**
 * `metrics/`: numbers that tell how well a model does, gathered over batches. They know tensors and labels, and
 * nothing of models.
 */
export { Accuracy, accuracy } from './accuracy.ts'
export { AUC, auc } from './auc.ts'
export type { AUCOptions } from './auc-options.ts'
export type { BestThresholdOptions } from './best-threshold.ts'
export { BinaryAccuracy, type BinaryAccuracyOptions, binaryAccuracy } from './binary-accuracy.ts'
export {
  BinaryCrossentropy,
  type BinaryCrossentropyOptions,
  binaryCrossentropy,
} from './binary-crossentropy.ts'
export { BinaryIoU, type BinaryIoUOptions, binaryIoU } from './binary-iou.ts'
export { CategoricalAccuracy, categoricalAccuracy } from './categorical-accuracy.ts'
export {
  CategoricalCrossentropy,
  type CategoricalCrossentropyOptions,
  categoricalCrossentropy,
} from './categorical-crossentropy.ts'
export { CategoricalHinge, categoricalHinge } from './categorical-hinge.ts'
export { ConcordanceCorrelation, concordanceCorrelation } from './concordance-correlation.ts'
export { CosineSimilarity, type CosineSimilarityOptions, cosineSimilarity } from './cosine-similarity.ts'
export type { ExactAUC } from './exact-auc.ts'
export { type F1ScoreOptions, FBetaScore, type FBetaScoreOptions, fBetaScore } from './f-beta-score.ts'
export { F1Score, f1Score } from './f1-score.ts'
export { FalseNegatives, falseNegatives } from './false-negatives.ts'
export { FalsePositives, falsePositives } from './false-positives.ts'
export { FunctionMetric, type MetricFunction } from './function-metric.ts'
export { getMetric, type MetricContext, type MetricIdentifier, type MetricName } from './get.ts'
export { Hinge, hinge } from './hinge.ts'
export { IoU, type IoUOptions, iou, type MeanIoUOptions } from './iou.ts'
export { KLDivergence, klDivergence } from './kl-divergence.ts'
export { LogCoshError, logCoshError } from './log-cosh-error.ts'
export { Mean, mean } from './mean.ts'
export { MeanAbsoluteError, meanAbsoluteError } from './mean-absolute-error.ts'
export { MeanAbsolutePercentageError, meanAbsolutePercentageError } from './mean-absolute-percentage-error.ts'
export { MeanIoU, meanIoU } from './mean-iou.ts'
export { MeanSquaredError, meanSquaredError } from './mean-squared-error.ts'
export { MeanSquaredLogarithmicError, meanSquaredLogarithmicError } from './mean-squared-logarithmic-error.ts'
export { Metric, type MetricOptions } from './metric.ts'
export { OneHotIoU, type OneHotIoUOptions, oneHotIoU } from './one-hot-iou.ts'
export { OneHotMeanIoU, type OneHotMeanIoUOptions, oneHotMeanIoU } from './one-hot-mean-iou.ts'
export { type CorrelationOptions, PearsonCorrelation, pearsonCorrelation } from './pearson-correlation.ts'
export { type MetricFactory, PointwiseMetric } from './pointwise.ts'
export { Poisson, poisson } from './poisson.ts'
export { Precision, precision } from './precision.ts'
export { PrecisionAtRecall, type PrecisionAtRecallOptions, precisionAtRecall } from './precision-at-recall.ts'
export { R2Score, type R2ScoreOptions, r2Score } from './r2-score.ts'
export { Recall, recall } from './recall.ts'
export { RecallAtPrecision, type RecallAtPrecisionOptions, recallAtPrecision } from './recall-at-precision.ts'
export { RootMeanSquaredError, rootMeanSquaredError } from './root-mean-squared-error.ts'
export {
  SensitivityAtSpecificity,
  type SensitivityAtSpecificityOptions,
  sensitivityAtSpecificity,
} from './sensitivity-at-specificity.ts'
export { SparseCategoricalAccuracy, sparseCategoricalAccuracy } from './sparse-categorical-accuracy.ts'
export {
  SparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from './sparse-categorical-crossentropy.ts'
export {
  SparseTopKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  type TopKOptions,
} from './sparse-top-k-categorical-accuracy.ts'
export {
  SpecificityAtSensitivity,
  type SpecificityAtSensitivityOptions,
  specificityAtSensitivity,
} from './specificity-at-sensitivity.ts'
export { SquaredHinge, squaredHinge } from './squared-hinge.ts'
export { Sum, sum } from './sum.ts'
export type { ThresholdOptions } from './threshold-counts.ts'
export type { ThresholdRatioOptions } from './threshold-ratio.ts'
export { TopKCategoricalAccuracy, topKCategoricalAccuracy } from './top-k-categorical-accuracy.ts'
export { TrueNegatives, trueNegatives } from './true-negatives.ts'
export { TruePositives, truePositives } from './true-positives.ts'
