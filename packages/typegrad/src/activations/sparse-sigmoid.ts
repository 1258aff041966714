import { add, mul } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** (x + 1) / 2 between 0 and 1. */
export const sparseSigmoid = (x: Tensor): Tensor => mul(clip(add(x, 1), { min: 0, max: 2 }), 0.5)
