import type { Tensor } from '../tensor/tensor.ts'

/** A function applied to a layer's result; the shape stays (but for glu, which halves an axis). */
export type Activation = (x: Tensor) => Tensor
