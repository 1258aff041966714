/**
 * `layers/convolutional/`: convolutions of one to three dimensions, transposed, depthwise and separable. They know a
 * layer's base and nothing of other layers.
 */
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
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvOptions,
  depthwiseConv1d,
  depthwiseConv2d,
} from './depthwise-conv.ts'
export {
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvOptions,
  separableConv1d,
  separableConv2d,
} from './separable-conv.ts'
