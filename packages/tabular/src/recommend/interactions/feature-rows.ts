/** Features of users or items as numbers, one row each. */
export interface FeatureRows {
  readonly count: number
  /** Numbers of a row. */
  readonly width: number
  readonly values: Float32Array
}
