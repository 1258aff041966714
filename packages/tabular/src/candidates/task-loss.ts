import { hasLabel, type TrainedTask } from '../scores/metrics.ts'
import type { TreeLossName } from '../trees/losses.ts'

const losses: Readonly<Record<TrainedTask['kind'], TreeLossName>> = {
  binary: 'logistic',
  classes: 'softmax',
  regression: 'squaredError',
  counts: 'poisson',
  quantiles: 'quantile',
  labels: 'logistic',
  ranking: 'lambda',
}

/** The loss that a linear model is fitted by, which knows no lists: relevance is a number to it. */
export const linearLossOf = (task: TrainedTask): TreeLossName =>
  task.kind === 'ranking' ? 'squaredError' : lossNameOf(task)

/** The loss of `trees/losses.ts` that a task is trained by. */
export const lossNameOf = ({ kind }: TrainedTask): TreeLossName => losses[kind]

export const classCountOf = (task: TrainedTask): number => (task.kind === 'classes' ? task.classes.length : 2)

/** What a model of one loss is fitted to. */
export interface TaskPart {
  /** The level of a quantile; where there is none, one that nothing looks at. */
  readonly quantile: number
  readonly targetsOf: (values: Float64Array) => Float64Array
  /** Of a ranking: the list of each row. */
  readonly listsOf?: (values: Float64Array) => Float64Array
}

/** A task as models of one loss: each quantile is one, and each label; the others are one altogether. */
export function partsOf(task: TrainedTask): readonly TaskPart[] {
  const same = (values: Float64Array): Float64Array => values
  if (task.kind === 'quantiles') return task.levels.map((quantile) => ({ quantile, targetsOf: same }))
  if (task.kind === 'labels')
    return task.labels.map((_, label) => ({
      quantile: 0.5,
      targetsOf: (values) => values.map((set) => hasLabel(set, label)),
    }))
  if (task.kind === 'ranking')
    return [
      {
        quantile: 0.5,
        targetsOf: (places) => places.map((place) => task.relevance[place] as number),
        listsOf: (places) => places.map((place) => task.lists[place] as number),
      },
    ]
  return [{ quantile: 0.5, targetsOf: same }]
}
