/** Keras's second names for layers that have another one. Saved configurations name the first. */

export {
  Conv1D as Convolution1D,
  Conv2D as Convolution2D,
  Conv3D as Convolution3D,
  conv1d as convolution1d,
  conv2d as convolution2d,
  conv3d as convolution3d,
} from '../convolutional/conv.ts'
export {
  Conv1DTranspose as Convolution1DTranspose,
  Conv2DTranspose as Convolution2DTranspose,
  Conv3DTranspose as Convolution3DTranspose,
  conv1dTranspose as convolution1dTranspose,
  conv2dTranspose as convolution2dTranspose,
  conv3dTranspose as convolution3dTranspose,
} from '../convolutional/conv-transpose.ts'
export {
  SeparableConv1D as SeparableConvolution1D,
  SeparableConv2D as SeparableConvolution2D,
  separableConv1d as separableConvolution1d,
  separableConv2d as separableConvolution2d,
} from '../convolutional/separable-conv.ts'
export {
  AveragePooling1D as AvgPool1D,
  AveragePooling2D as AvgPool2D,
  AveragePooling3D as AvgPool3D,
  averagePooling1d as avgPool1d,
  averagePooling2d as avgPool2d,
  averagePooling3d as avgPool3d,
} from '../pooling/average-pooling.ts'
export {
  GlobalAveragePooling1D as GlobalAvgPool1D,
  GlobalAveragePooling2D as GlobalAvgPool2D,
  GlobalAveragePooling3D as GlobalAvgPool3D,
  globalAveragePooling1d as globalAvgPool1d,
  globalAveragePooling2d as globalAvgPool2d,
  globalAveragePooling3d as globalAvgPool3d,
} from '../pooling/global-average-pooling.ts'
export {
  GlobalMaxPooling1D as GlobalMaxPool1D,
  GlobalMaxPooling2D as GlobalMaxPool2D,
  GlobalMaxPooling3D as GlobalMaxPool3D,
  globalMaxPooling1d as globalMaxPool1d,
  globalMaxPooling2d as globalMaxPool2d,
  globalMaxPooling3d as globalMaxPool3d,
} from '../pooling/global-max-pooling.ts'
export {
  MaxPooling1D as MaxPool1D,
  MaxPooling2D as MaxPool2D,
  MaxPooling3D as MaxPool3D,
  maxPooling1d as maxPool1d,
  maxPooling2d as maxPool2d,
  maxPooling3d as maxPool3d,
} from '../pooling/max-pooling.ts'
