/**
 * `layers/regularization/`: noise and costs that are there in training alone. They know a layer's base and random
 * numbers.
 */
export {
  ActivityRegularization,
  type ActivityRegularizationOptions,
  activityRegularization,
} from './activity-regularization.ts'
export { AlphaDropout, type AlphaDropoutOptions, alphaDropout } from './alpha-dropout.ts'
export { Dropout, type DropoutOptions, dropout } from './dropout.ts'
export {
  GaussianDropout,
  type GaussianDropoutOptions,
  gaussianDropout,
} from './gaussian-dropout.ts'
export { GaussianNoise, type GaussianNoiseOptions, gaussianNoise } from './gaussian-noise.ts'
export {
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './spatial-dropout.ts'
