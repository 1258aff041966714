import { checked, needed, number, optionsOf } from '../base/options.ts'
import { greater, where } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface ThresholdOptions {
  /** Values up to it are replaced. */
  readonly threshold: number
  /** By this. */
  readonly defaultValue: number
}

const thresholdChecks = optionsOf<ThresholdOptions>()({
  threshold: needed(number),
  defaultValue: needed(number),
})

/** x where it is above the threshold, the default value elsewhere. */
export const threshold = (x: Tensor, options: ThresholdOptions): Tensor => {
  const { threshold, defaultValue } = checked('threshold', options, thresholdChecks)
  return where(greater(x, threshold), x, defaultValue)
}
