/**
 * `layers/`: Keras's layers, in Keras's folders, on what `base/` says a layer is. They know everything below, and
 * nothing of models and training.
 */
export { Activation, type ActivationOptions, activation } from './activations/activation.ts'
export { ELU, type ELUOptions, elu } from './activations/elu.ts'
export { LeakyReLU, type LeakyReLUOptions, leakyReLU } from './activations/leaky-relu.ts'
export { PReLU, type PReLUOptions, pReLU } from './activations/p-relu.ts'
export { ReLU, type ReLUOptions, reLU } from './activations/relu.ts'
export { Softmax, type SoftmaxOptions, softmax } from './activations/softmax.ts'
export {
  AdditiveAttention,
  type AdditiveAttentionOptions,
  additiveAttention,
} from './attention/additive-attention.ts'
export { Attention, type AttentionOptions, attention, type ScoreMode } from './attention/attention.ts'
export type { AttentionContext, AttentionInputs, AttentionMasks } from './attention/attention-inputs.ts'
export {
  GroupQueryAttention,
  type GroupQueryAttentionOptions,
  groupQueryAttention,
} from './attention/group-query-attention.ts'
export {
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from './attention/multi-head-attention.ts'
export type { DataFormatIdentifier } from './base/data-format.ts'
export { Layer, type LayerOptions } from './base/layer.ts'
export * from './base/second-names.ts'
export type { BiasOptions, KernelOptions, ScaleOptions } from './base/weight-policy.ts'
export { Wrapper, type WrapperOptions } from './base/wrapper.ts'
export { Conv1D, Conv2D, Conv3D, type ConvOptions, conv1d, conv2d, conv3d } from './convolutional/conv.ts'
export {
  Conv1DTranspose,
  Conv2DTranspose,
  Conv3DTranspose,
  type ConvTransposeOptions,
  conv1dTranspose,
  conv2dTranspose,
  conv3dTranspose,
} from './convolutional/conv-transpose.ts'
export type { ConvolutionOptions } from './convolutional/convolution.ts'
export {
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvOptions,
  depthwiseConv1d,
  depthwiseConv2d,
} from './convolutional/depthwise-conv.ts'
export {
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvOptions,
  separableConv1d,
  separableConv2d,
} from './convolutional/separable-conv.ts'
export { Dense, type DenseOptions, dense } from './core/dense.ts'
export { EinsumDense, type EinsumDenseOptions, einsumDense } from './core/einsum-dense.ts'
export { Embedding, type EmbeddingOptions, embedding } from './core/embedding.ts'
export { Identity, identity } from './core/identity.ts'
export { InputLayer, type InputOptions, input } from './core/input.ts'
export { Lambda, type LambdaFunction, type LambdaOptions, lambda, registerLambda } from './core/lambda.ts'
export { Masking, type MaskingOptions, masking } from './core/masking.ts'
export {
  ReversibleEmbedding,
  type ReversibleEmbeddingOptions,
  reversibleEmbedding,
} from './core/reversible-embedding.ts'
export { Add, add } from './merging/add.ts'
export { Average, average } from './merging/average.ts'
export { Concatenate, type ConcatenateOptions, concatenate } from './merging/concatenate.ts'
export { Dot, type DotOptions, dot } from './merging/dot.ts'
export { Maximum, maximum } from './merging/maximum.ts'
export type { MergeOptions } from './merging/merge.ts'
export { Minimum, minimum } from './merging/minimum.ts'
export { Multiply, multiply } from './merging/multiply.ts'
export { Subtract, subtract } from './merging/subtract.ts'
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  batchNormalization,
} from './normalization/batch-normalization.ts'
export {
  GroupNormalization,
  type GroupNormalizationOptions,
  groupNormalization,
} from './normalization/group-normalization.ts'
export {
  LayerNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
} from './normalization/layer-normalization.ts'
export {
  RMSNormalization,
  type RMSNormalizationOptions,
  rmsNormalization,
} from './normalization/rms-normalization.ts'
export {
  SpectralNormalization,
  type SpectralNormalizationOptions,
  spectralNormalization,
} from './normalization/spectral-normalization.ts'
export {
  UnitNormalization,
  type UnitNormalizationOptions,
  unitNormalization,
} from './normalization/unit-normalization.ts'
export {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
} from './pooling/adaptive-average-pooling.ts'
export {
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from './pooling/adaptive-max-pooling.ts'
export type { AdaptivePoolingOptions } from './pooling/adaptive-pooling.ts'
export {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
} from './pooling/average-pooling.ts'
export {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
} from './pooling/global-average-pooling.ts'
export {
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from './pooling/global-max-pooling.ts'
export type { GlobalPoolingOptions } from './pooling/global-pooling.ts'
export {
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
} from './pooling/max-pooling.ts'
export type { PoolingOptions } from './pooling/pooling.ts'
export { Rescaling, type RescalingOptions, rescaling } from './preprocessing/rescaling.ts'
export * from './recurrent/index.ts'
export {
  ActivityRegularization,
  type ActivityRegularizationOptions,
  activityRegularization,
} from './regularization/activity-regularization.ts'
export { AlphaDropout, type AlphaDropoutOptions, alphaDropout } from './regularization/alpha-dropout.ts'
export { Dropout, type DropoutOptions, dropout } from './regularization/dropout.ts'
export {
  GaussianDropout,
  type GaussianDropoutOptions,
  gaussianDropout,
} from './regularization/gaussian-dropout.ts'
export { GaussianNoise, type GaussianNoiseOptions, gaussianNoise } from './regularization/gaussian-noise.ts'
export {
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './regularization/spatial-dropout.ts'
export {
  Cropping1D,
  Cropping2D,
  Cropping3D,
  type CroppingOptions,
  cropping1d,
  cropping2d,
  cropping3d,
} from './reshaping/cropping.ts'
export { Flatten, type FlattenOptions, flatten } from './reshaping/flatten.ts'
export { Permute, type PermuteOptions, permute } from './reshaping/permute.ts'
export { RepeatVector, type RepeatVectorOptions, repeatVector } from './reshaping/repeat-vector.ts'
export { Reshape, type ReshapeOptions, reshape } from './reshaping/reshape.ts'
export type { EdgesOption } from './reshaping/spatial-edges.ts'
export {
  type Interpolation,
  UpSampling1D,
  UpSampling2D,
  type UpSampling2DOptions,
  UpSampling3D,
  type UpSamplingOptions,
  upSampling1d,
  upSampling2d,
  upSampling3d,
} from './reshaping/up-sampling.ts'
export {
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  type ZeroPaddingOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
} from './reshaping/zero-padding.ts'
