import { baselineForecaster } from './baselines/baseline-forecaster.ts'
import type { Forecaster, ForecastTask, Past, WorkOptions } from './task.ts'

export type BaselineCandidate = 'naive' | 'seasonal naive' | 'ETS' | 'theta'
export type NetworkCandidate = never

/** What models of series are called. */
export type CandidateName = BaselineCandidate | NetworkCandidate

/** A model that is tried. */
export interface Candidate {
  readonly name: CandidateName
  /** Whether it is tried though nobody asks for it. */
  readonly isAlways: boolean
  /** Fits it to pasts, and fits it anew to all that is known. Undefined where nothing can be learned from them. */
  fit(task: ForecastTask, pasts: readonly Past[], options: WorkOptions): Promise<Forecaster | undefined>
  read(task: ForecastTask, saved: unknown): Forecaster
}

const baseline = (name: BaselineCandidate, isAlways: boolean): Candidate => ({
  name,
  isAlways,
  fit: async (task) => baselineForecaster(name, task),
  read: (task) => baselineForecaster(name, task),
})

/** The models that are tried, in the order in which they are. */
export const candidates: readonly Candidate[] = [
  baseline('naive', true),
  baseline('seasonal naive', true),
  baseline('theta', false),
  baseline('ETS', false),
]

export const candidateNames: readonly CandidateName[] = candidates.map(({ name }) => name)
