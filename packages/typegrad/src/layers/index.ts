/**
 * `layers/`: Keras's layers, in Keras's folders, on what `base/` says a layer is. They know everything below, and
 * nothing of models and training.
 */
export type { DataFormatIdentifier } from './base/data-format.ts'
export { Layer, type LayerOptions } from './base/layer.ts'
export * from './base/second-names.ts'
export type { BiasOptions, KernelOptions, ScaleOptions } from './base/weight-policy.ts'
export { Wrapper, type WrapperOptions } from './base/wrapper.ts'
export * from './families.ts'
