import { add, mul } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * 0.2·x + 0.5 between 0 and 1: what Keras 2 and TensorFlow.js call `hard_sigmoid`, the recurrent activation of their
 * older models. Keras 3 has another line under that name, x/6 + 0.5.
 */
export const legacyHardSigmoid = (x: Tensor): Tensor => clip(add(mul(x, 0.2), 0.5), { min: 0, max: 1 })
