import { exp } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** eˣ. */
export const exponential = (x: Tensor): Tensor => exp(x)
