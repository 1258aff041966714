/** Scores of all rows, one array an output, to which trees add. */
export type Scores = readonly Float64Array[]

/** A loss of scores, as boosting needs it. Gradients and losses are those of scikit-learn's `_loss` module: squares are halved. */
export interface TreeLoss {
  /** Whether all hessians are 1. */
  readonly hasConstantHessians: boolean
  /** The best constant scores. */
  begin(targets: Float64Array): readonly number[]
  /** Writes gradient and hessian of an output's scores, row by row. */
  writePairs(targets: Float64Array, scores: Scores, output: number, pairs: Float32Array | Float64Array): void
  /** The mean over the rows. */
  mean(targets: Float64Array, scores: Scores): number
  /** The best constant to add to a leaf's scores, of what is left of its targets; absent where a Newton step is right. */
  readonly leaf?: (residuals: Float64Array) => number
  /** What a row's scores predict, in their place. */
  predict(scores: Float64Array[]): void
}
