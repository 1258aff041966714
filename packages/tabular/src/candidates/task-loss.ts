import type { TrainedTask } from '../scores/metrics.ts'
import type { TreeLossName } from '../trees/losses.ts'

const losses: Readonly<Record<TrainedTask['kind'], TreeLossName>> = {
  binary: 'logistic',
  classes: 'softmax',
  regression: 'squaredError',
  counts: 'poisson',
  quantiles: 'quantile',
}

/** The loss of `trees/losses.ts` that a task is trained by. */
export const lossNameOf = ({ kind }: TrainedTask): TreeLossName => losses[kind]

export const classCountOf = (task: TrainedTask): number => (task.kind === 'classes' ? task.classes.length : 2)

/** Levels of quantiles; of other tasks one that nothing looks at. */
export const levelsOf = (task: TrainedTask): readonly number[] =>
  task.kind === 'quantiles' ? task.levels : [0.5]
