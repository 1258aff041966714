/**
 * `layers/activations/`: activations as layers, those with options or weights of their own among them. They know a
 * layer's base and `activations/`.
 */
export { Activation, type ActivationOptions, activation } from './activation.ts'
export { ELU, type ELUOptions, elu } from './elu.ts'
export { LeakyReLU, type LeakyReLUOptions, leakyReLU } from './leaky-relu.ts'
export { PReLU, type PReLUOptions, pReLU } from './p-relu.ts'
export { ReLU, type ReLUOptions, reLU } from './relu.ts'
export { Softmax, type SoftmaxOptions, softmax } from './softmax.ts'
