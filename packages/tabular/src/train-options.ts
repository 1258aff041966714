import { optionsOf } from 'typegrad/core'
import type { EnergyMeter } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import { type CandidateName, candidateNames } from './candidates/table.ts'
import type { TaskOptions } from './tasks/find-task.ts'

/** What two kinds of wrong decisions cost, in any unit. */
export interface DecisionCosts {
  /** Of taking the second class where it is the first. */
  readonly falsePositive: number
  /** Of taking the first class where it is the second. */
  readonly falseNegative: number
}

export interface TrainOptions extends TaskOptions {
  /** The column that is predicted. */
  readonly target: string | readonly string[]
  /** Columns that are no features: identifiers, what is known only with the target. Default none. */
  readonly ignore?: readonly string[]
  /** A column whose equal values stay together, in the rows that are learned from or in those that are judged on: customers, patients. Default none. */
  readonly groups?: string
  /** A column of dates or numbers by which what is judged on is later than what is learned from. Default none. */
  readonly time?: string
  /** The share of the rows that nothing is learned from, and that the model is judged on. Default 0.2. */
  readonly testShare?: number
  /** Parts of the other rows, each of which is watched once while models learn from the rest. Default 5, and 3 of more than 20 000 rows. */
  readonly folds?: number
  /** Seconds after which no further model is begun, and those under way end with what they have. Default 60. */
  readonly budget?: number
  /** The models that are tried, beside the constant and the linear one, which always are. Default all: 'trees', 'small trees', 'large trees', 'tabm', 'mlp', 'transformer'. */
  readonly models?: readonly CandidateName[]
  /**
   * What models are fitted to once more, with the settings that their folds found: a fraction of the size and of the time that predictions
   * take. 'all' rows, after the folds' models were judged, those that there is no time for excepted; 'training', the rows that nothing is
   * judged on, before it is: what is judged is what is kept; or 'none', which keeps the mean of the folds' models. Default 'all'.
   */
  readonly refit?: 'all' | 'training' | 'none'
  /** Of two classes: what wrong decisions cost, by which the threshold is chosen. Default both the same: one half. */
  readonly costs?: DecisionCosts
  /** Of all that is by chance. Default 0. */
  readonly seed?: number
  /** Ends training with an error. */
  readonly signal?: AbortSignal
  /** Ends training with the best that there is by then, as a budget that is over does. */
  readonly stop?: AbortSignal
  /** What counts the energy of the training, for the report. Default the counters of the processors, where the system shows them; the report tells nothing of it otherwise. */
  readonly energy?: EnergyMeter
  /** Is told what is being done, in sentences. Default nothing is told. */
  readonly onProgress?: (message: string) => void
}

const shareWithin: typeof checks.share = {
  expected: 'a share above 0 and below 1',
  accepts: (value) => typeof value === 'number' && value > 0 && value < 1,
}

const isCost = (value: unknown): boolean => Number.isFinite(value) && (value as number) > 0

export const trainChecks = optionsOf<TrainOptions>()({
  target: checks.needed({
    expected: 'the name of a column, or an array of names',
    accepts: (value) => typeof value === 'string' || Array.isArray(value),
  }),
  task: checks.oneOf('binary', 'classes', 'labels', 'regression', 'quantiles', 'counts', 'ranking'),
  quantiles: checks.list,
  group: checks.string,
  positive: checks.anything,
  ignore: checks.list,
  groups: checks.string,
  time: checks.string,
  testShare: shareWithin,
  folds: checks.wholeFrom(2),
  budget: checks.positive,
  models: {
    expected: `an array of ${candidateNames.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.every((name) => candidateNames.includes(name)),
  },
  costs: {
    expected: '{ falsePositive, falseNegative }, both above 0',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      isCost((value as DecisionCosts).falsePositive) &&
      isCost((value as DecisionCosts).falseNegative),
  },
  refit: checks.oneOf('all', 'training', 'none'),
  seed: checks.integer,
  signal: checks.abortSignal,
  stop: checks.abortSignal,
  energy: {
    expected: 'a meter with a method read',
    accepts: (value) => typeof (value as Partial<EnergyMeter> | null)?.read === 'function',
  },
  onProgress: checks.func,
})
