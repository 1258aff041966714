/** `initializers/`: what weights begin with. They know random numbers and shapes, and nothing of layers. */

export type { WindowName } from '../signals/windows.ts'
export { Constant, type ConstantOptions, constant } from './constant.ts'
export { computeFans, type FanAxes, type Fans } from './fans.ts'
export { getInitializer, type InitializerIdentifier, type InitializerName } from './get.ts'
export { GlorotNormal, glorotNormal } from './glorot-normal.ts'
export { GlorotUniform, glorotUniform } from './glorot-uniform.ts'
export { HeNormal, heNormal } from './he-normal.ts'
export { HeUniform, heUniform } from './he-uniform.ts'
export {
  Identity,
  Identity as IdentityInitializer,
  type IdentityOptions,
  identity,
  identity as identityInitializer,
} from './identity.ts'
export { Initializer, type RandomInitializerOptions } from './initializer.ts'
export { LecunNormal, lecunNormal } from './lecun-normal.ts'
export { LecunUniform, lecunUniform } from './lecun-uniform.ts'
export { Ones, ones } from './ones.ts'
export {
  Orthogonal,
  Orthogonal as OrthogonalInitializer,
  type OrthogonalOptions,
  orthogonal,
  orthogonal as orthogonalInitializer,
} from './orthogonal.ts'
export { RandomNormal, type RandomNormalOptions, randomNormal } from './random-normal.ts'
export { RandomUniform, type RandomUniformOptions, randomUniform } from './random-uniform.ts'
export { STFT, STFT as STFTInitializer, type STFTOptions, stft, stft as stftInitializer } from './stft.ts'
export { TruncatedNormal, type TruncatedNormalOptions, truncatedNormal } from './truncated-normal.ts'
export {
  type FanMode,
  type ScaledDistribution,
  type ScaledInitializerOptions,
  VarianceScaling,
  type VarianceScalingOptions,
  varianceScaling,
} from './variance-scaling.ts'
export { Zeros, zeros } from './zeros.ts'
