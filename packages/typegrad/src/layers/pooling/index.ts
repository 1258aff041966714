/**
 * `layers/pooling/`: windows, or all places, become their mean or largest value. They know a layer's base and nothing
 * of other layers.
 */
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
export {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
} from './average-pooling.ts'
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
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
} from './max-pooling.ts'
export type { PoolingOptions } from './pooling.ts'
