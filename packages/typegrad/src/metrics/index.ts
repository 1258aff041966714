export { Accuracy, accuracy } from './accuracy.ts'
export { BinaryAccuracy, type BinaryAccuracyOptions, binaryAccuracy } from './binary-accuracy.ts'
export {
  BinaryCrossentropy,
  type BinaryCrossentropyOptions,
  binaryCrossentropy,
} from './binary-crossentropy.ts'
export { CategoricalAccuracy, categoricalAccuracy } from './categorical-accuracy.ts'
export {
  CategoricalCrossentropy,
  type CategoricalCrossentropyOptions,
  categoricalCrossentropy,
} from './categorical-crossentropy.ts'
export { FunctionMetric, type MetricFunction } from './function-metric.ts'
export { getMetric, type MetricContext, type MetricIdentifier, type MetricName } from './get.ts'
export { Mean, mean } from './mean.ts'
export { MeanAbsoluteError, meanAbsoluteError } from './mean-absolute-error.ts'
export { MeanAbsolutePercentageError, meanAbsolutePercentageError } from './mean-absolute-percentage-error.ts'
export { MeanSquaredError, meanSquaredError } from './mean-squared-error.ts'
export { MeanSquaredLogarithmicError, meanSquaredLogarithmicError } from './mean-squared-logarithmic-error.ts'
export { Metric, type MetricOptions } from './metric.ts'
export { type MetricFactory, PointwiseMetric } from './pointwise.ts'
export { RootMeanSquaredError, rootMeanSquaredError } from './root-mean-squared-error.ts'
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
export { TopKCategoricalAccuracy, topKCategoricalAccuracy } from './top-k-categorical-accuracy.ts'
