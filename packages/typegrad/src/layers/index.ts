export { Activation, type ActivationOptions, activation } from './activation.ts'
export { Add, add } from './add.ts'
export { Average, average } from './average.ts'
export {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
} from './average-pooling.ts'
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  batchNormalization,
} from './batch-normalization.ts'
export { Concatenate, type ConcatenateOptions, concatenate } from './concatenate.ts'
export { Conv1D, Conv2D, Conv3D, type ConvOptions, conv1d, conv2d, conv3d } from './conv.ts'
export type { DataFormatIdentifier } from './data-format.ts'
export { Dense, type DenseOptions, dense } from './dense.ts'
export { deserializeLayer, type LayerMaker, registerLayer } from './deserialize.ts'
export { Dropout, type DropoutOptions, dropout } from './dropout.ts'
export { ELU, type ELUOptions, elu } from './elu.ts'
export { Embedding, type EmbeddingOptions, embedding } from './embedding.ts'
export { Flatten, type FlattenOptions, flatten } from './flatten.ts'
export {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
} from './global-average-pooling.ts'
export {
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from './global-max-pooling.ts'
export type { GlobalPoolingOptions } from './global-pooling.ts'
export { InputLayer, type InputOptions, input } from './input.ts'
export {
  type CallContext,
  Layer,
  type LayerOptions,
  type WeightOptions,
  type WeightRegularizer,
} from './layer.ts'
export {
  LayerNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
} from './layer-normalization.ts'
export { LeakyReLU, type LeakyReLUOptions, leakyReLU } from './leaky-relu.ts'
export {
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
} from './max-pooling.ts'
export { Maximum, maximum } from './maximum.ts'
export type { MergeOptions } from './merge.ts'
export { Minimum, minimum } from './minimum.ts'
export { Multiply, multiply } from './multiply.ts'
export type { PoolingOptions } from './pooling.ts'
export * from './recurrent/index.ts'
export { ReLU, type ReLUOptions, reLU } from './relu.ts'
export { Rescaling, type RescalingOptions, rescaling } from './rescaling.ts'
export { Reshape, type ReshapeOptions, reshape } from './reshape.ts'
export { Softmax, type SoftmaxOptions, softmax } from './softmax.ts'
export { Subtract, subtract } from './subtract.ts'
export { type SymbolicShape, SymbolicTensor } from './symbolic.ts'
