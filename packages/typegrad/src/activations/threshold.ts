import { greater, where } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface ThresholdOptions {
  /** Values up to it are replaced. */
  readonly threshold: number
  /** By this. */
  readonly defaultValue: number
}

/** x where it is above the threshold, the default value elsewhere. */
export const threshold = (x: Tensor, { threshold, defaultValue }: ThresholdOptions): Tensor =>
  where(greater(x, threshold), x, defaultValue)
