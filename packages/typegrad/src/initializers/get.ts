import { make } from '../base/registry.ts'
import type { SerializedObject } from '../base/serialization.ts'
import { constant } from './constant.ts'
import { glorotNormal } from './glorot-normal.ts'
import { glorotUniform } from './glorot-uniform.ts'
import { heNormal } from './he-normal.ts'
import { heUniform } from './he-uniform.ts'
import { identity } from './identity.ts'
import { Initializer } from './initializer.ts'
import { lecunNormal } from './lecun-normal.ts'
import { lecunUniform } from './lecun-uniform.ts'
import { ones } from './ones.ts'
import { orthogonal } from './orthogonal.ts'
import { randomNormal } from './random-normal.ts'
import { randomUniform } from './random-uniform.ts'
import { stft } from './stft.ts'
import { truncatedNormal } from './truncated-normal.ts'
import { varianceScaling } from './variance-scaling.ts'
import { zeros } from './zeros.ts'

const table = {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunUniform,
  ones,
  orthogonal,
  randomNormal,
  randomUniform,
  stft: Object.assign(stft, { nullMeans: { window: null, scaling: null } }),
  truncatedNormal,
  varianceScaling,
  zeros,
}

const aliases = {
  identityInitializer: 'identity',
  normal: 'randomNormal',
  one: 'ones',
  orthogonalInitializer: 'orthogonal',
  stftInitializer: 'stft',
  uniform: 'randomUniform',
  zero: 'zeros',
} as const

/** Names of initializers. Keras's spelling (`glorot_uniform`) is understood too. */
export type InitializerName = keyof typeof table | keyof typeof aliases | (string & {})

/** What a layer's `kernelInitializer` and the like take. */
export type InitializerIdentifier = InitializerName | Initializer | SerializedObject

/**
 * The initializer that a name or a saved configuration stands for; an initializer stands for itself.
 *
 * @throws UnknownNameError with the nearest known name.
 * @example
 * getInitializer('glorotUniform').initialize([784, 10])
 */
export const getInitializer = (identifier: InitializerIdentifier): Initializer =>
  identifier instanceof Initializer
    ? identifier
    : make<Initializer>('initializer', identifier, table, aliases)
