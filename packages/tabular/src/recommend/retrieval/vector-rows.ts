/** Vectors one behind the other. */
export interface VectorRows {
  readonly count: number
  readonly dimensions: number
  /** `count` times `dimensions` numbers. */
  readonly values: Float32Array
}
