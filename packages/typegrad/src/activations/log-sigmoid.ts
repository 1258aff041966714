import { softplus } from '../ops/activations.ts'
import { neg } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** log(1 / (1 + e^−x)), as −softplus(−x), which never underflows. */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(x)))
