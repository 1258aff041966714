/**
 * `candidates/`: the models that are tried on a table. Each is fitted to some rows while others are watched, predicts rows, and can be
 * kept as plain values. They know features, tasks and trees.
 */
import type { FittedRecipe, Frame } from '@typegrad/data'
import type { ColumnRoles } from '../features/column-roles.ts'
import type { OnnxBuilder } from '../onnx/onnx-builder.ts'
import type { OnnxColumns } from '../onnx/onnx-columns.ts'
import type { Saved } from '../saving/saved.ts'
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
  /** What was found by watching, as {@link Candidate.refit} takes it: rounds, strength. */
  readonly settings?: readonly number[]
  /** What it needs done to a table's columns first; absent where it needs nothing. */
  readonly recipe?: FittedRecipe
  /** Predicts rows that its recipe has transformed. */
  predictFeatures(features: Frame): Promise<Predictions>
  /** All that its reader in `table.ts` needs: plain values, and typed arrays, which are kept as bytes. */
  toSaved(): Saved
  /**
   * The same predictions in ONNX, from the columns that the table has.
   *
   * @returns the name of a float64 value `[rows, outputs]`.
   * @throws ArgumentError, naming it, for what there are no operators for.
   */
  toOnnx(builder: OnnxBuilder, columns: OnnxColumns): Promise<string>
}

export type CandidateKind = 'constant' | 'linear' | 'trees' | 'network'

/** A model that is tried. */
export interface Candidate<N extends string = string> {
  readonly name: N
  readonly kind: CandidateKind
  fit(context: FitContext): Promise<FittedCandidate>
  /** Fitted once more, to all rows at once and without any to watch, by the settings that were found in each fold. */
  refit(
    context: Omit<FitContext, 'watched'>,
    settings: readonly (readonly number[])[],
  ): Promise<FittedCandidate>
}
