/**
 * `layers/preprocessing/images/`: images made ready, and changed at random while training. Each layer that draws does it in two
 * steps, `draw` what is to be done and `transformImages` by it, so that boxes and masks follow their images. They know a
 * layer's base and `ops/image/`.
 */
export { AugMix, type AugMixOptions, augMix } from './aug-mix.ts'
export { AutoContrast, type AutoContrastOptions, autoContrast } from './auto-contrast.ts'
export type { BoundingBoxFormat } from './bounding-boxes.ts'
export { CenterCrop, type CenterCropOptions, centerCrop } from './center-crop.ts'
export {
  type ClaheOptions,
  ContrastLimitedAdaptiveHistogramEqualization,
  contrastLimitedAdaptiveHistogramEqualization,
} from './clahe.ts'
export { CutMix, type CutMixOptions, cutMix } from './cut-mix.ts'
export { Equalization, type EqualizationOptions, equalization } from './equalization.ts'
export type { BoundingBoxes, LabeledImages } from './image-layer.ts'
export {
  MaxNumBoundingBoxes,
  type MaxNumBoundingBoxesOptions,
  maxNumBoundingBoxes,
} from './max-num-bounding-boxes.ts'
export { MixUp, type MixUpOptions, mixUp } from './mix-up.ts'
export { RandAugment, type RandAugmentOptions, randAugment } from './rand-augment.ts'
export { RandomBrightness, type RandomBrightnessOptions, randomBrightness } from './random-brightness.ts'
export {
  RandomColorDegeneration,
  type RandomColorDegenerationOptions,
  randomColorDegeneration,
} from './random-color-degeneration.ts'
export { RandomColorJitter, type RandomColorJitterOptions, randomColorJitter } from './random-color-jitter.ts'
export { RandomContrast, type RandomContrastOptions, randomContrast } from './random-contrast.ts'
export { RandomCrop, type RandomCropOptions, randomCrop } from './random-crop.ts'
export {
  RandomElasticTransform,
  type RandomElasticTransformOptions,
  randomElasticTransform,
} from './random-elastic-transform.ts'
export { RandomErasing, type RandomErasingOptions, randomErasing } from './random-erasing.ts'
export { RandomFlip, type RandomFlipOptions, randomFlip } from './random-flip.ts'
export {
  RandomGaussianBlur,
  type RandomGaussianBlurOptions,
  randomGaussianBlur,
} from './random-gaussian-blur.ts'
export { RandomGrayscale, type RandomGrayscaleOptions, randomGrayscale } from './random-grayscale.ts'
export { RandomHue, type RandomHueOptions, randomHue } from './random-hue.ts'
export { RandomInvert, type RandomInvertOptions, randomInvert } from './random-invert.ts'
export { RandomPerspective, type RandomPerspectiveOptions, randomPerspective } from './random-perspective.ts'
export {
  RandomPosterization,
  type RandomPosterizationOptions,
  randomPosterization,
} from './random-posterization.ts'
export { RandomRotation, type RandomRotationOptions, randomRotation } from './random-rotation.ts'
export { RandomSaturation, type RandomSaturationOptions, randomSaturation } from './random-saturation.ts'
export { RandomSharpness, type RandomSharpnessOptions, randomSharpness } from './random-sharpness.ts'
export { RandomShear, type RandomShearOptions, randomShear } from './random-shear.ts'
export { RandomTranslation, type RandomTranslationOptions, randomTranslation } from './random-translation.ts'
export { RandomZoom, type RandomZoomOptions, randomZoom } from './random-zoom.ts'
export { Resizing, type ResizingOptions, resizing } from './resizing.ts'
export { Solarization, type SolarizationOptions, solarization } from './solarization.ts'
