/**
 * `ops/image/`: pictures as tensors: resizing, warping, blurring, cropping, colours. Images stand as (height, width, channels)
 * or with a batch in front; the numbers are those of Keras on JAX.
 */
export { type AffineTransformOptions, affineTransform } from './affine-transform.ts'
export { hsvToRgb, rgbToGrayscale, rgbToHsv } from './colors.ts'
export { type CropImagesOptions, cropImages, type PadImagesOptions, padImages } from './crop-and-pad.ts'
export { type ElasticTransformOptions, elasticTransform } from './elastic-transform.ts'
export { type GaussianBlurOptions, gaussianBlur } from './gaussian-blur.ts'
export { type FillMode, type MapCoordinatesOptions, mapCoordinates } from './map-coordinates.ts'
export {
  homography,
  type PerspectiveTransformOptions,
  perspectiveTransform,
} from './perspective-transform.ts'
export { type ResizeInterpolation, type ResizeOptions, resize } from './resize.ts'
