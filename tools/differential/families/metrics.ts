/** Every metric with all of its options over several batches, against Keras. */
import { metrics } from 'typegrad'
import { type ArrayJson, tensorJson, tensorOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { type Judged, judged, type Labels, sampleWeightOf } from './judged.ts'
import { optionalTensor, shrunkJudged } from './losses.ts'
import {
  arrayOf,
  chosen,
  here,
  type KerasObject,
  type Options,
  oneOf,
  pythonValue,
  typescriptValue,
  withoutOptions,
} from './objects.ts'

interface Batch extends Judged {
  readonly sampleWeight: ArrayJson | null
}

interface MetricSpec extends JsonObject {
  readonly object: KerasObject
  readonly batches: readonly Batch[]
}

/** What a metric's batches look like: the labels, and the shape of a sample. */
type Sample = readonly number[]
interface Row {
  readonly labels: Labels
  readonly options?: Options
  /** Shapes of one sample. Default: several ranks. */
  readonly samples?: readonly Sample[]
  readonly unweighted?: true
}

const several: readonly Sample[] = [[1], [3], [2, 3], [2, 2, 2]]
const flat: readonly Sample[] = [[1], [2], [3]]
const classes: readonly Sample[] = [[3], [4]]
const thresholds: Options = { thresholds: oneOf(0.3, [0.2, 0.5, 0.8], [0, 1]) }
const counts: Options = { thresholds: oneOf(0.3, [0.2, 0.5, 0.8]), top_k: oneOf(1, 2), class_id: oneOf(0, 1) }
const atLeast = (name: string): Options => ({
  [`${name}!`]: oneOf(0.3, 0.5, 0.9),
  num_thresholds: oneOf(5, 20, 200),
  class_id: oneOf(0),
})
const axis: Options = { axis: oneOf(-1, 1) }
const entropy: Options = { from_logits: oneOf(true, false), label_smoothing: oneOf(0, 0.2) }
const score: Options = { average: oneOf(null, 'micro', 'macro', 'weighted'), threshold: oneOf(0.3, 0.6) }
const iou: Options = { 'num_classes!': oneOf(3), ignore_class: oneOf(0, 1) }

const table: Readonly<Record<string, Row>> = {
  Accuracy: { labels: 'classes', samples: several },
  AUC: {
    labels: 'binary',
    samples: flat,
    options: {
      num_thresholds: oneOf(3, 20, 200),
      curve: oneOf('ROC', 'PR'),
      summation_method: oneOf('interpolation', 'minoring', 'majoring'),
      thresholds: oneOf([0.25, 0.5], [0.1, 0.4, 0.9]),
      multi_label: oneOf(true),
      from_logits: oneOf(true),
    },
  },
  BinaryAccuracy: { labels: 'binary', options: { threshold: oneOf(0.3, 0.7) } },
  BinaryCrossentropy: { labels: 'binary', options: entropy },
  BinaryIoU: {
    labels: 'binary',
    options: { target_class_ids: oneOf([0], [1], [0, 1]), threshold: oneOf(0.3, 0.6) },
  },
  CategoricalAccuracy: { labels: 'oneHot', samples: [[3], [2, 3]] },
  CategoricalCrossentropy: { labels: 'oneHot', samples: [[3], [2, 3]], options: entropy },
  CategoricalHinge: { labels: 'oneHot', samples: [[3], [2, 3]] },
  ConcordanceCorrelation: { labels: 'numbers', samples: [[3], [4], [2, 3]], options: axis },
  CosineSimilarity: { labels: 'numbers', samples: [[3], [2, 3]], options: axis },
  F1Score: { labels: 'oneHot', samples: classes, options: score },
  FBetaScore: { labels: 'oneHot', samples: classes, options: { ...score, beta: oneOf(0.5, 2) } },
  FalseNegatives: { labels: 'binary', options: thresholds },
  FalsePositives: { labels: 'binary', options: thresholds },
  Hinge: { labels: 'signed' },
  IoU: {
    labels: 'classes',
    options: { ...iou, 'target_class_ids!': oneOf([0], [1, 2], [0, 1, 2]) },
    samples: several,
  },
  KLDivergence: { labels: 'positive' },
  LogCoshError: { labels: 'numbers' },
  MeanAbsoluteError: { labels: 'numbers' },
  MeanAbsolutePercentageError: { labels: 'numbers' },
  MeanIoU: { labels: 'classes', options: iou, samples: several },
  MeanSquaredError: { labels: 'numbers' },
  MeanSquaredLogarithmicError: { labels: 'positive' },
  OneHotIoU: {
    labels: 'oneHot',
    samples: [[3], [2, 3]],
    options: { ...iou, 'target_class_ids!': oneOf([0], [1, 2]), axis: oneOf(-1) },
  },
  OneHotMeanIoU: { labels: 'oneHot', samples: [[3], [2, 3]], options: { ...iou, axis: oneOf(-1) } },
  PearsonCorrelation: { labels: 'numbers', samples: [[3], [4], [2, 3]], options: axis },
  Poisson: { labels: 'positive' },
  Precision: { labels: 'binary', samples: classes, options: counts },
  PrecisionAtRecall: { labels: 'binary', samples: flat, options: atLeast('recall') },
  R2Score: {
    labels: 'numbers',
    samples: flat,
    options: {
      class_aggregation: oneOf('uniform_average', 'variance_weighted_average', null),
      num_regressors: oneOf(0, 1),
    },
  },
  Recall: { labels: 'binary', samples: classes, options: counts },
  RecallAtPrecision: { labels: 'binary', samples: flat, options: atLeast('precision') },
  RootMeanSquaredError: { labels: 'numbers' },
  SensitivityAtSpecificity: { labels: 'binary', samples: flat, options: atLeast('specificity') },
  SparseCategoricalAccuracy: { labels: 'sparse', samples: [[3], [2, 3]] },
  SparseCategoricalCrossentropy: {
    labels: 'sparse',
    samples: [[3], [2, 3]],
    options: { from_logits: oneOf(true, false), ignore_class: oneOf(0, 1) },
  },
  SparseTopKCategoricalAccuracy: {
    labels: 'sparse',
    samples: [[3], [4], [2, 4]],
    options: { k: oneOf(1, 2, 3) },
  },
  SpecificityAtSensitivity: { labels: 'binary', samples: flat, options: atLeast('sensitivity') },
  SquaredHinge: { labels: 'signed' },
  TopKCategoricalAccuracy: { labels: 'oneHot', samples: [[3], [4], [2, 4]], options: { k: oneOf(1, 2, 3) } },
  TrueNegatives: { labels: 'binary', options: thresholds },
  TruePositives: { labels: 'binary', options: thresholds },
  Mean: { labels: 'numbers' },
  Sum: { labels: 'numbers' },
}

/** Metrics of values rather than of labels and predictions. */
const ofValues: ReadonlySet<string> = new Set(['Mean', 'Sum'])

function generate(random: Random): MetricSpec {
  const name = random.pick(Object.keys(table))
  const { labels, options = {}, samples = several, unweighted } = table[name] as Row
  const config = chosen(random, options)
  const sample = random.pick(samples)
  const isWeighted = unweighted !== true && random.chance(0.4)
  const batches = Array.from({ length: random.int(1, 3) }, () => {
    const shape = [random.int(1, 6), ...sample]
    const pair = judged(random, labels, shape, { logits: config.from_logits === true })
    // A weight for each sample is what every metric takes; pointwise ones also take one for each value.
    const weight = random.chance(0.7)
      ? arrayOf(shape.slice(0, 1), 'float32', () => random.int(0, 3))
      : sampleWeightOf(random, shape)
    return { ...pair, sampleWeight: isWeighted ? weight : null }
  })
  return { object: { class_name: name, config }, batches }
}

async function answer({ object, batches }: MetricSpec): Promise<JsonObject> {
  const metric = metrics.getMetric(here(object))
  const results: ArrayJson[] = []
  const update = ({ yTrue, yPred, sampleWeight }: Batch): void => {
    const weight = optionalTensor(sampleWeight)
    if (ofValues.has(object.class_name)) {
      const gathered = metric as InstanceType<typeof metrics.Mean | typeof metrics.Sum>
      gathered.updateState(tensorOf(yTrue), weight)
    } else metric.updateState(tensorOf(yTrue), tensorOf(yPred), weight)
  }
  for (const batch of batches) {
    update(batch)
    results.push(await tensorJson(metric.result()))
  }
  metric.reset()
  update(batches.at(-1) as Batch)
  return { results, afterReset: await tensorJson(metric.result()) }
}

function* shrinks(spec: MetricSpec): Iterable<MetricSpec> {
  const { batches } = spec
  if (batches.length > 1)
    for (const [i] of batches.entries()) yield { ...spec, batches: batches.toSpliced(i, 1) }
  if (batches.some(({ sampleWeight }) => sampleWeight !== null))
    yield { ...spec, batches: batches.map((batch) => ({ ...batch, sampleWeight: null })) }
  for (const object of withoutOptions(spec.object)) yield { ...spec, object }
  if (batches.length === 1)
    for (const batch of shrunkJudged(batches[0] as Batch)) yield { ...spec, batches: [batch] }
}

export const metricsFamily: Family<MetricSpec> = {
  name: 'metrics',
  first: 'python',
  backends: ['torch', 'jax'],
  generate,
  here: answer,
  tolerance: () => ({ relative: 5e-5, absolute: 1e-6 }),
  keepsExtremes: () => true,
  shrinks,
  typescript: ({ object, batches }) =>
    [
      "import { metrics, tensor } from 'typegrad'",
      `const metric = metrics.getMetric(${typescriptValue(object)})`,
      ...batches.flatMap(({ yTrue, yPred, sampleWeight }) => [
        ofValues.has(object.class_name)
          ? `metric.updateState(${typescriptValue(yTrue)}${sampleWeight === null ? '' : `, ${typescriptValue(sampleWeight)}`})`
          : `metric.updateState(${typescriptValue(yTrue)}, ${typescriptValue(yPred)}${sampleWeight === null ? '' : `, ${typescriptValue(sampleWeight)}`})`,
        'console.log(await metric.result().data())',
      ]),
    ].join('\n'),
  python: ({ object, batches }) =>
    [
      'import keras, numpy as np',
      `metric = ${pythonValue(object, 'keras.metrics')}`,
      ...batches.flatMap(({ yTrue, yPred, sampleWeight }) => [
        ofValues.has(object.class_name)
          ? `metric.update_state(${pythonValue(yTrue)}, sample_weight=${pythonValue(sampleWeight)})`
          : `metric.update_state(${pythonValue(yTrue)}, ${pythonValue(yPred)}, sample_weight=${pythonValue(sampleWeight)})`,
        'print(metric.result())',
      ]),
    ].join('\n'),
}
