/**
 * `candidates/`: the models that are tried on a table. Each is fitted to some rows while others are watched, predicts rows, and can be
 * kept as JSON. They know features, tasks and trees.
 */
import type { Frame, Json } from '@typegrad/data'
import type { ColumnRoles } from '../features/column-roles.ts'
import type { Predictions, TrainedTask } from '../scores/metrics.ts'

/** Rows with what is to be predicted of them. */
export interface LabelledRows {
  readonly frame: Frame
  readonly values: Float64Array
}

/** What a candidate is fitted to. */
export interface FitContext {
  readonly task: TrainedTask
  readonly roles: ColumnRoles
  readonly training: LabelledRows
  /** Rows that are not learned from, by which candidates find when to stop. */
  readonly watched: LabelledRows
  readonly seed: number
  /** When a candidate ends with what it has, by `performance.now()`. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** A candidate that is fitted. */
export interface FittedCandidate {
  readonly kind: CandidateKind
  predict(frame: Frame): Promise<Predictions>
  toJSON(): Json
}

export type CandidateKind = 'constant' | 'linear' | 'trees' | 'network'

/** A model that is tried. */
export interface Candidate<N extends string = string> {
  readonly name: N
  readonly kind: CandidateKind
  fit(context: FitContext): Promise<FittedCandidate>
}
