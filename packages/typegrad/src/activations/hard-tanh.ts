import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** x between −1 and 1. */
export const hardTanh = (x: Tensor): Tensor => clip(x, { min: -1, max: 1 })
