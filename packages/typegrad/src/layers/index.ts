export { Activation, type ActivationOptions, activation } from './activation.ts'
export { withActivityPenalties } from './activity.ts'
export {
  ActivityRegularization,
  type ActivityRegularizationOptions,
  activityRegularization,
} from './activity-regularization.ts'
export {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
} from './adaptive-average-pooling.ts'
export {
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from './adaptive-max-pooling.ts'
export type { AdaptivePoolingOptions } from './adaptive-pooling.ts'
export { Add, add } from './add.ts'
export { AdditiveAttention, type AdditiveAttentionOptions, additiveAttention } from './additive-attention.ts'
export { AlphaDropout, type AlphaDropoutOptions, alphaDropout } from './alpha-dropout.ts'
export { Attention, type AttentionOptions, attention, type ScoreMode } from './attention.ts'
export type { AttentionContext, AttentionInputs, AttentionMasks } from './attention-inputs.ts'
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
export type { CallOptions } from './call-options.ts'
export { Concatenate, type ConcatenateOptions, concatenate } from './concatenate.ts'
export { Conv1D, Conv2D, Conv3D, type ConvOptions, conv1d, conv2d, conv3d } from './conv.ts'
export {
  Conv1DTranspose,
  Conv2DTranspose,
  Conv3DTranspose,
  type ConvTransposeOptions,
  conv1dTranspose,
  conv2dTranspose,
  conv3dTranspose,
} from './conv-transpose.ts'
export type { ConvolutionOptions } from './convolution.ts'
export {
  Cropping1D,
  Cropping2D,
  Cropping3D,
  type CroppingOptions,
  cropping1d,
  cropping2d,
  cropping3d,
} from './cropping.ts'
export type { DataFormatIdentifier } from './data-format.ts'
export { Dense, type DenseOptions, dense } from './dense.ts'
export {
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvOptions,
  depthwiseConv1d,
  depthwiseConv2d,
} from './depthwise-conv.ts'
export { deserializeLayer, type LayerMaker, registerLayer } from './deserialize.ts'
export { Dot, type DotOptions, dot } from './dot.ts'
export { Dropout, type DropoutOptions, dropout } from './dropout.ts'
export { EinsumDense, type EinsumDenseOptions, einsumDense } from './einsum-dense.ts'
export { ELU, type ELUOptions, elu } from './elu.ts'
export { Embedding, type EmbeddingOptions, embedding } from './embedding.ts'
export { Flatten, type FlattenOptions, flatten } from './flatten.ts'
export { GaussianDropout, type GaussianDropoutOptions, gaussianDropout } from './gaussian-dropout.ts'
export { GaussianNoise, type GaussianNoiseOptions, gaussianNoise } from './gaussian-noise.ts'
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
export {
  GroupNormalization,
  type GroupNormalizationOptions,
  groupNormalization,
} from './group-normalization.ts'
export {
  GroupQueryAttention,
  type GroupQueryAttentionOptions,
  groupQueryAttention,
} from './group-query-attention.ts'
export { Identity, identity } from './identity.ts'
export { InputLayer, type InputOptions, input } from './input.ts'
export { Lambda, type LambdaFunction, type LambdaOptions, lambda, registerLambda } from './lambda.ts'
export {
  type AnyLayer,
  type CallContext,
  type CallResult,
  Layer,
  type LayerOptions,
  type WeightConstraint,
  type WeightOptions,
  type WeightRegularizer,
} from './layer.ts'
export {
  LayerNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
} from './layer-normalization.ts'
export { LeakyReLU, type LeakyReLUOptions, leakyReLU } from './leaky-relu.ts'
export { Masking, type MaskingOptions, masking } from './masking.ts'
export { maskOf, withMask } from './masks.ts'
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
export {
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from './multi-head-attention.ts'
export { Multiply, multiply } from './multiply.ts'
export { PReLU, type PReLUOptions, pReLU } from './p-relu.ts'
export { Permute, type PermuteOptions, permute } from './permute.ts'
export type { PoolingOptions } from './pooling.ts'
export * from './recurrent/index.ts'
export { ReLU, type ReLUOptions, reLU } from './relu.ts'
export { RepeatVector, type RepeatVectorOptions, repeatVector } from './repeat-vector.ts'
export { Rescaling, type RescalingOptions, rescaling } from './rescaling.ts'
export { Reshape, type ReshapeOptions, reshape } from './reshape.ts'
export {
  ReversibleEmbedding,
  type ReversibleEmbeddingOptions,
  reversibleEmbedding,
} from './reversible-embedding.ts'
export { RMSNormalization, type RMSNormalizationOptions, rmsNormalization } from './rms-normalization.ts'
export * from './second-names.ts'
export {
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvOptions,
  separableConv1d,
  separableConv2d,
} from './separable-conv.ts'
export { Softmax, type SoftmaxOptions, softmax } from './softmax.ts'
export {
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './spatial-dropout.ts'
export type { EdgesOption } from './spatial-edges.ts'
export {
  SpectralNormalization,
  type SpectralNormalizationOptions,
  spectralNormalization,
} from './spectral-normalization.ts'
export { Subtract, subtract } from './subtract.ts'
export { type SymbolicShape, SymbolicTensor } from './symbolic.ts'
export { UnitNormalization, type UnitNormalizationOptions, unitNormalization } from './unit-normalization.ts'
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
} from './up-sampling.ts'
export type { BiasOptions, KernelOptions, ScaleOptions } from './weight-policy.ts'
export { Wrapper, type WrapperOptions } from './wrapper.ts'
export {
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  type ZeroPaddingOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
} from './zero-padding.ts'
