/** `layers/reshaping/`: the same values in other places. They know a layer's base and nothing of other layers. */
export {
  Cropping1D,
  Cropping2D,
  Cropping3D,
  type CroppingOptions,
  cropping1d,
  cropping2d,
  cropping3d,
} from './cropping.ts'
export { Flatten, type FlattenOptions, flatten } from './flatten.ts'
export { Permute, type PermuteOptions, permute } from './permute.ts'
export { RepeatVector, type RepeatVectorOptions, repeatVector } from './repeat-vector.ts'
export { Reshape, type ReshapeOptions, reshape } from './reshape.ts'
export type { EdgesOption } from './spatial-edges.ts'
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
export {
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  type ZeroPaddingOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
} from './zero-padding.ts'
