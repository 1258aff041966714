import { packageOf, registeredFunction } from '../base/registered.ts'
import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import type { Loss } from '../losses/loss.ts'
import { SparseCategoricalCrossentropy as SparseLoss } from '../losses/sparse-categorical-crossentropy.ts'
import { type Task, type TaskContext, taskOf } from '../losses/task.ts'
import { accuracy } from './accuracy.ts'
import { auc } from './auc.ts'
import { binaryAccuracy } from './binary-accuracy.ts'
import { binaryCrossentropy } from './binary-crossentropy.ts'
import { binaryIoU } from './binary-iou.ts'
import { categoricalAccuracy } from './categorical-accuracy.ts'
import { categoricalCrossentropy } from './categorical-crossentropy.ts'
import { categoricalHinge } from './categorical-hinge.ts'
import { concordanceCorrelation } from './concordance-correlation.ts'
import { cosineSimilarity } from './cosine-similarity.ts'
import { fBetaScore } from './f-beta-score.ts'
import { f1Score } from './f1-score.ts'
import { falseNegatives } from './false-negatives.ts'
import { falsePositives } from './false-positives.ts'
import { FunctionMetric, type MetricFunction } from './function-metric.ts'
import { hinge } from './hinge.ts'
import { iou } from './iou.ts'
import { klDivergence } from './kl-divergence.ts'
import { logCoshError } from './log-cosh-error.ts'
import { mean } from './mean.ts'
import { meanAbsoluteError } from './mean-absolute-error.ts'
import { meanAbsolutePercentageError } from './mean-absolute-percentage-error.ts'
import { meanIoU } from './mean-iou.ts'
import { meanSquaredError } from './mean-squared-error.ts'
import { meanSquaredLogarithmicError } from './mean-squared-logarithmic-error.ts'
import { Metric } from './metric.ts'
import { oneHotIoU } from './one-hot-iou.ts'
import { oneHotMeanIoU } from './one-hot-mean-iou.ts'
import { pearsonCorrelation } from './pearson-correlation.ts'
import { poisson } from './poisson.ts'
import { precision } from './precision.ts'
import { precisionAtRecall } from './precision-at-recall.ts'
import { r2Score } from './r2-score.ts'
import { recall } from './recall.ts'
import { recallAtPrecision } from './recall-at-precision.ts'
import { rootMeanSquaredError } from './root-mean-squared-error.ts'
import { sensitivityAtSpecificity } from './sensitivity-at-specificity.ts'
import { sparseCategoricalAccuracy } from './sparse-categorical-accuracy.ts'
import { sparseCategoricalCrossentropy } from './sparse-categorical-crossentropy.ts'
import { sparseTopKCategoricalAccuracy } from './sparse-top-k-categorical-accuracy.ts'
import { specificityAtSensitivity } from './specificity-at-sensitivity.ts'
import { squaredHinge } from './squared-hinge.ts'
import { sum } from './sum.ts'
import { topKCategoricalAccuracy } from './top-k-categorical-accuracy.ts'
import { trueNegatives } from './true-negatives.ts'
import { truePositives } from './true-positives.ts'

const table = {
  accuracy,
  auc,
  binaryAccuracy,
  binaryCrossentropy,
  binaryIoU,
  categoricalAccuracy,
  categoricalCrossentropy,
  categoricalHinge,
  concordanceCorrelation,
  cosineSimilarity,
  f1Score,
  fBetaScore,
  falseNegatives,
  falsePositives,
  hinge,
  iou,
  klDivergence,
  logCoshError,
  mean,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanIoU,
  meanSquaredError,
  meanSquaredLogarithmicError,
  oneHotIoU,
  oneHotMeanIoU,
  pearsonCorrelation,
  poisson,
  precision,
  precisionAtRecall,
  r2Score,
  recall,
  recallAtPrecision,
  rootMeanSquaredError,
  sensitivityAtSpecificity,
  sparseCategoricalAccuracy,
  sparseCategoricalCrossentropy,
  sparseTopKCategoricalAccuracy,
  specificityAtSensitivity,
  squaredHinge,
  sum,
  topKCategoricalAccuracy,
  trueNegatives,
  truePositives,
}

const aliases = {
  bce: 'binaryCrossentropy',
  kld: 'klDivergence',
  logCosh: 'logCoshError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  mse: 'meanSquaredError',
  msle: 'meanSquaredLogarithmicError',
  rmse: 'rootMeanSquaredError',
} as const

/** What `accuracy` and `crossentropy` mean for each kind of labels. */
const accuracies: Readonly<Record<Task, () => Metric>> = {
  binary: binaryAccuracy,
  categorical: categoricalAccuracy,
  sparse: sparseCategoricalAccuracy,
}
const crossentropies: Readonly<Record<Task, (options: { readonly fromLogits: boolean }) => Metric>> = {
  binary: binaryCrossentropy,
  categorical: categoricalCrossentropy,
  sparse: sparseCategoricalCrossentropy,
}

const taskNames: Readonly<Record<string, 'accuracy' | 'crossentropy'>> = {
  accuracy: 'accuracy',
  acc: 'accuracy',
  crossentropy: 'crossentropy',
  ce: 'crossentropy',
}

/** Names of metrics. Keras's spelling (`binary_accuracy`) is understood too. */
export type MetricName = keyof typeof table | keyof typeof aliases | 'acc' | 'crossentropy' | (string & {})

/** What `compile`'s `metrics` are a list of. */
export type MetricIdentifier = MetricName | Metric | MetricFunction | SerializedObject

export interface MetricContext extends TaskContext {
  /** The loss of the same output: says whether predictions are logits, and what labels are if shapes do not. */
  readonly loss?: Loss | undefined
}

const factories = new Set<unknown>(Object.values(table))

/**
 * The metric that a name, a function or a saved configuration stands for; a metric stands for itself. A metric
 * that was named is called by that name in logs.
 *
 * @param context resolves `'accuracy'` (`'acc'`) and `'crossentropy'` (`'ce'`): binary for outputs of one
 * number, sparse for labels that number classes, categorical elsewhere.
 * @throws UnknownNameError with the nearest known name.
 * @example
 * getMetric('accuracy', { labelShape: [60000], outputShape: [null, 10] }) // SparseCategoricalAccuracy
 */
export function getMetric(identifier: MetricIdentifier, context: MetricContext = {}): Metric {
  if (identifier instanceof Metric) return identifier
  if (typeof identifier === 'function') {
    return factories.has(identifier)
      ? (identifier as unknown as () => Metric)()
      : new FunctionMetric(identifier)
  }
  const own = registeredFunction('metric', identifier)
  if (own !== undefined) return new FunctionMetric(own.of as MetricFunction, own.config)
  if (typeof identifier !== 'string') return make<Metric>('metric', identifier, table, aliases)
  const byShape = taskNames[identifier.toLowerCase()]
  const metric =
    byShape === undefined ? make<Metric>('metric', identifier, table, aliases) : resolved(byShape, context)
  return packageOf(identifier) === undefined ? metric.renamed(identifier) : metric
}

function resolved(name: 'accuracy' | 'crossentropy', { loss, ...shapes }: MetricContext): Metric {
  const task: Task =
    shapes.labelShape === undefined && loss instanceof SparseLoss ? 'sparse' : taskOf(name, shapes)
  if (name === 'accuracy') return accuracies[task]()
  return crossentropies[task]({ fromLogits: loss?.getConfig().fromLogits === true })
}
