import type { Tensor } from '../tensor/tensor.ts'

/** The input as it is. */
export const linear = (x: Tensor): Tensor => x
