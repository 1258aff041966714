/**
 * `scores/`: how good predictions are, as numbers of arrays: losses that models are blended by, metrics that people read, and how sure
 * these are. It knows tasks, and of models the NDCG of lists alone.
 */
import type { LabelsTask, RankingTask, Task } from '../tasks/task.ts'
import { ndcgOfLists } from '../trees/lambda-loss.ts'

/** Predictions of rows, one array an output: the probability of the second class, or of each; numbers; quantiles. */
export type Predictions = readonly Float64Array[]

/** Labels with one number a row: which of them hold, as its bits, the first label's being 1. */
export interface LabelSetsTask extends Omit<LabelsTask, 'values'> {
  readonly values: Float64Array
}

/** Labels that the bits of a number have room for. */
export const mostLabels = 50

/** 1 where a label is in a set, else 0. */
export const hasLabel = (set: number, label: number): number => Math.floor(set / 2 ** label) % 2

export const labelSets = ({ values, ...task }: LabelsTask): LabelSetsTask => ({
  ...task,
  values: Float64Array.from(task.rows, (_, row) =>
    values.reduce((sum, of, label) => sum + (of[row] as number) * 2 ** label, 0),
  ),
})

/** A ranking with one number a row: its place in these lists. */
export interface RankedTask extends Omit<RankingTask, 'values'> {
  readonly values: Float64Array
  readonly relevance: Float64Array
  /** The list of each row. */
  readonly lists: Float64Array
}

export const rankedRows = ({ values, ...task }: RankingTask, lists: Float64Array): RankedTask => ({
  ...task,
  values: Float64Array.from(values, (_, row) => row),
  relevance: values,
  lists,
})

/** Numbers of rows that stand in a list by their places. */
const at = (of: Float64Array, places: Float64Array): Float64Array =>
  places.map((place) => of[place] as number)

/** NDCG as a metric whose interval is one of lists, which are drawn whole. */
function ndcg(
  { lists, relevance }: Pick<RankedTask, 'lists' | 'relevance'>,
  name: MetricName,
  isGain: boolean,
  places?: number,
): Metric {
  const units: NonNullable<Metric['units']> = (values, predictions) => {
    const all = ndcgOfLists(at(lists, values), at(relevance, values), first(predictions), places)
    return isGain ? all : all.map((one) => 1 - one)
  }
  const of: Metric['of'] = (values, predictions) => {
    const all = units(values, predictions)
    return meanOf(all.length, (list) => all[list] as number)
  }
  return { name, isGain, of, units }
}

/** Tasks that `train` has models for. */
export type TrainedTask =
  | Extract<Task, { readonly kind: 'binary' | 'classes' | 'regression' | 'counts' | 'quantiles' }>
  | LabelSetsTask
  | RankedTask

/** What metrics and losses of tables are called. */
export type MetricName =
  | 'AUC'
  | 'mean AUC'
  | 'log loss'
  | 'Brier score'
  | 'accuracy'
  | 'label accuracy'
  | 'all labels right'
  | 'RMSE'
  | 'MAE'
  | 'R²'
  | 'Poisson deviance'
  | 'pinball loss'
  | 'NDCG'
  | 'NDCG@5'
  | '1 − NDCG'

/** A metric of predictions. */
export interface Metric {
  readonly name: string
  /** Whether more of it is better. */
  readonly isGain: boolean
  readonly of: (values: Float64Array, predictions: Predictions) => number
  /** The metric of each of several rows that belong together, where it is their mean. */
  readonly units?: (values: Float64Array, predictions: Predictions) => Float64Array
}

const clipped = (p: number): number => Math.min(1 - 1e-15, Math.max(1e-15, p))

const meanOf = (rows: number, of: (row: number) => number): number => {
  let sum = 0
  for (let row = 0; row < rows; row++) sum += of(row)
  return sum / rows
}

const first = (predictions: Predictions): Float64Array => predictions[0] as Float64Array

/** The class that is most probable in a row. */
export function likeliest(predictions: Predictions, row: number): number {
  let best = 0
  for (let k = 1; k < predictions.length; k++)
    if ((predictions[k]?.[row] as number) > (predictions[best]?.[row] as number)) best = k
  return best
}

const gain = (name: MetricName, of: Metric['of']): Metric => ({ name, isGain: true, of })
const loss = (name: MetricName, of: Metric['of']): Metric => ({ name, isGain: false, of })

export const meanSquaredError = (values: Float64Array, predictions: Predictions): number =>
  meanOf(values.length, (row) => ((first(predictions)[row] as number) - (values[row] as number)) ** 2)

const logLoss = loss('log loss', (values, predictions) =>
  meanOf(values.length, (row) => {
    const own = predictions.length === 1 ? binaryShare : shareOf
    return -Math.log(clipped(own(values[row] as number, predictions, row)))
  }),
)

const metrics = {
  logLoss,
  brier: loss('Brier score', (values, predictions) => meanSquaredError(values, predictions)),
  accuracy: gain('accuracy', (values, predictions) =>
    meanOf(values.length, (row) => {
      const guess =
        predictions.length === 1
          ? Number((first(predictions)[row] as number) > 0.5)
          : likeliest(predictions, row)
      return guess === values[row] ? 1 : 0
    }),
  ),
  auc: gain('AUC', (values, predictions) => areaUnderRoc(values, first(predictions))),
  rootMeanSquaredError: loss('RMSE', (values, predictions) =>
    Math.sqrt(meanSquaredError(values, predictions)),
  ),
  meanAbsoluteError: loss('MAE', (values, predictions) =>
    meanOf(values.length, (row) => Math.abs((first(predictions)[row] as number) - (values[row] as number))),
  ),
  r2: gain('R²', (values, predictions) => {
    const mean = meanOf(values.length, (row) => values[row] as number)
    const spread = meanOf(values.length, (row) => ((values[row] as number) - mean) ** 2)
    return 1 - meanSquaredError(values, predictions) / spread
  }),
  poissonDeviance: loss('Poisson deviance', (values, predictions) =>
    meanOf(values.length, (row) => {
      const [y, rate] = [values[row] as number, Math.max(1e-15, first(predictions)[row] as number)]
      return 2 * ((y > 0 ? y * Math.log(y / rate) : 0) - y + rate)
    }),
  ),
  meanAuc: gain('mean AUC', (values, predictions) =>
    overLabels(values, predictions, (of, own) => areaUnderRoc(of, own[0] as Float64Array)),
  ),
  labelLogLoss: loss('log loss', (values, predictions) => overLabels(values, predictions, logLoss.of)),
  labelAccuracy: gain('label accuracy', (values, predictions) =>
    meanOf(predictions.length, (label) =>
      meanOf(values.length, (row) => Number(isLabelRight(values, predictions, row, label))),
    ),
  ),
  allLabelsRight: gain('all labels right', (values, predictions) =>
    meanOf(values.length, (row) =>
      Number(predictions.every((_, label) => isLabelRight(values, predictions, row, label))),
    ),
  ),
} satisfies Record<string, Metric>

/** The mean of a metric over labels. */
const overLabels = (
  values: Float64Array,
  predictions: Predictions,
  of: (values: Float64Array, predictions: Predictions) => number,
): number =>
  meanOf(predictions.length, (label) =>
    of(
      values.map((set) => hasLabel(set, label)),
      [predictions[label] as Float64Array],
    ),
  )

const isLabelRight = (values: Float64Array, predictions: Predictions, row: number, label: number): boolean =>
  Number((predictions[label]?.[row] as number) >= 0.5) === hasLabel(values[row] as number, label)

const binaryShare = (value: number, predictions: Predictions, row: number): number => {
  const p = first(predictions)[row] as number
  return value === 1 ? p : 1 - p
}
const shareOf = (value: number, predictions: Predictions, row: number): number =>
  predictions[value]?.[row] as number

/** The mean pinball loss over levels. */
export const pinball = (levels: readonly number[]): Metric =>
  loss('pinball loss', (values, predictions) =>
    meanOf(values.length, (row) => {
      const y = values[row] as number
      const costs = levels.map((level, k) => {
        const over = y - (predictions[k]?.[row] as number)
        return Math.max(level * over, (level - 1) * over)
      })
      return costs.reduce((sum, cost) => sum + cost, 0) / levels.length
    }),
  )

/** What models of a task are blended by: a proper loss. */
export function lossOf(task: TrainedTask): Metric {
  const byKind = {
    binary: metrics.logLoss,
    classes: metrics.logLoss,
    regression: metrics.rootMeanSquaredError,
    counts: metrics.poissonDeviance,
    labels: metrics.labelLogLoss,
  } as const
  if (task.kind === 'ranking') return ndcg(task, '1 − NDCG', false)
  return task.kind === 'quantiles' ? pinball(task.levels) : byKind[task.kind]
}

/** What metrics have to know of a task: that of a report does. */
export interface JudgedTask {
  readonly kind: TrainedTask['kind']
  /** Of quantiles. */
  readonly levels?: readonly number[]
  /** Of a ranking: how relevant rows are, and the list of each. */
  readonly relevance?: Float64Array
  readonly lists?: Float64Array
}

/** What is told of models of a task, the most important first. */
export function metricsOf({ kind, levels = [], relevance, lists }: JudgedTask): readonly Metric[] {
  const byKind = {
    binary: [metrics.auc, metrics.logLoss, metrics.brier, metrics.accuracy],
    classes: [metrics.accuracy, metrics.logLoss],
    regression: [metrics.r2, metrics.rootMeanSquaredError, metrics.meanAbsoluteError],
    counts: [metrics.poissonDeviance, metrics.rootMeanSquaredError, metrics.meanAbsoluteError],
    labels: [metrics.meanAuc, metrics.labelLogLoss, metrics.labelAccuracy, metrics.allLabelsRight],
  } as const
  if (kind === 'ranking') {
    const ranked = { relevance: relevance ?? new Float64Array(0), lists: lists ?? new Float64Array(0) }
    return [ndcg(ranked, 'NDCG', true), ndcg(ranked, 'NDCG@5', true, 5)]
  }
  return kind === 'quantiles' ? [pinball(levels)] : byKind[kind]
}

/** Places of numbers from the least to the greatest: as they are, where they are in order. */
export function ascending(numbers: Float64Array): Uint32Array {
  const places = Uint32Array.from({ length: numbers.length }, (_, i) => i)
  const isInOrder = numbers.every((one, i) => i === 0 || (numbers[i - 1] as number) <= one)
  return isInOrder ? places : places.sort((a, b) => (numbers[a] as number) - (numbers[b] as number))
}

/** The area under the ROC curve by ranks (Mann and Whitney's U), equal scores sharing theirs; NaN with one class alone. */
export function areaUnderRoc(values: Float64Array, scores: Float64Array): number {
  const order = ascending(scores)
  let positives = 0
  let ranks = 0
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) end += 1
    const rank = (start + 1 + end) / 2
    for (let i = start; i < end; i++) {
      if (values[order[i] as number] !== 1) continue
      positives += 1
      ranks += rank
    }
    start = end
  }
  const negatives = order.length - positives
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}
