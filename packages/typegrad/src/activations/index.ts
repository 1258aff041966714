/**
 * `activations/`: functions between layers, by name or by themselves. They are composed from `ops/` and know nothing
 * of layers.
 */
export {
  elu,
  gelu,
  hardSigmoid,
  hardSilu,
  hardSilu as hardSwish,
  leakyRelu,
  logSoftmax,
  mish,
  relu6,
  selu,
  silu,
  silu as swish,
  softmax,
  softplus,
  softsign,
  tanhShrink,
} from '../ops/activations.ts'
export { sigmoid, tanh } from '../ops/elementwise.ts'
export type { Activation } from './activation.ts'
export { celu } from './celu.ts'
export { exponential } from './exponential.ts'
export {
  type ActivationIdentifier,
  type ActivationLayer,
  type ActivationName,
  activationConfig,
  getActivation,
} from './get.ts'
export { glu } from './glu.ts'
export { hardShrink } from './hard-shrink.ts'
export { hardTanh } from './hard-tanh.ts'
export { legacyHardSigmoid } from './legacy-hard-sigmoid.ts'
export { linear } from './linear.ts'
export { logSigmoid } from './log-sigmoid.ts'
export { type ReluOptions, relu } from './relu.ts'
export { softShrink } from './soft-shrink.ts'
export { sparsePlus } from './sparse-plus.ts'
export { sparseSigmoid } from './sparse-sigmoid.ts'
export { sparsemax } from './sparsemax.ts'
export { squareplus } from './squareplus.ts'
export { type ThresholdOptions, threshold } from './threshold.ts'
