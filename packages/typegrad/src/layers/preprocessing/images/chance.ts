import { less } from '../../../ops/comparison.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import type { Range } from './factors.ts'

/** Which of a batch it happens to: booleans (batch), each with a probability that is itself drawn from a range. */
export function chance(batch: number, [min, max]: Range, seeds: readonly (number | undefined)[]): Tensor {
  const probability = uniform([batch], { min, max, seed: seeds[0] })
  return less(uniform([batch], { seed: seeds[1] }), probability)
}
