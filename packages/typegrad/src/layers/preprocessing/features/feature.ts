import { ArgumentError } from '../../../base/errors.ts'
import { canonicalName } from '../../../base/registry.ts'
import type { Layer } from '../../base/layer.ts'
import { identity } from '../../core/identity.ts'
import { discretization } from '../discretization.ts'
import { hashing } from '../hashing.ts'
import { integerLookup } from '../integer-lookup.ts'
import { normalization } from '../normalization.ts'
import { rescaling } from '../rescaling.ts'
import { stringLookup } from '../string-lookup.ts'

/** How a feature comes out: as whole numbers, each as a row of 0 and a 1, or as the floats that its layer gives. */
export type FeatureOutput = 'int' | 'oneHot' | 'float'

/** A column of a table, and what becomes of it. */
export interface Feature {
  readonly dtype: 'float32' | 'int32' | 'int64' | 'string'
  /** The layer that the column is given to, as [batch, 1]. */
  readonly preprocessor: Layer
  readonly outputMode: FeatureOutput
}

/** Several features together as one. */
export interface FeatureCross {
  readonly featureNames: readonly string[]
  /** How many bins the combinations fall into. */
  readonly crossingDim: number
  /** Default `'oneHot'`. */
  readonly outputMode?: 'int' | 'oneHot'
}

export interface NamedFeature {
  /** Name of the layer, before `_preprocessor`. Default: the layer's own. */
  readonly name?: string
}

export interface CodedFeature extends NamedFeature {
  /** Whether each value becomes a row of 0 and a 1. Default `'oneHot'`. */
  readonly outputMode?: 'int' | 'oneHot'
}

export interface CategoricalFeature extends CodedFeature {
  /** The most tokens, that for unknown ones among them. Default: as many as there are. */
  readonly maxTokens?: number | null
  /** How many indices there are for what `adapt` has not seen. Default 1. */
  readonly numOovIndices?: number
}

const layerName = (name: string | undefined) => (name === undefined ? {} : { name: `${name}_preprocessor` })

/** Floats as they are. */
export const float = ({ name }: NamedFeature = {}): Feature => ({
  dtype: 'float32',
  preprocessor: identity(layerName(name)),
  outputMode: 'float',
})

/** Floats times `scale` (default 1) plus `offset` (default 0). */
export const floatRescaled = ({
  scale = 1,
  offset = 0,
  name,
}: NamedFeature & { readonly scale?: number; readonly offset?: number } = {}): Feature => ({
  dtype: 'float32',
  preprocessor: rescaling({ scale, offset, ...layerName(name) }),
  outputMode: 'float',
})

/** Floats less their mean, over their standard deviation. */
export const floatNormalized = ({ name }: NamedFeature = {}): Feature => ({
  dtype: 'float32',
  preprocessor: normalization({ axis: -1, ...layerName(name) }),
  outputMode: 'float',
})

/** Floats as bins: of about equally many samples each, or between given boundaries. */
export const floatDiscretized = ({
  numBins,
  binBoundaries,
  outputMode = 'oneHot',
  name,
}: CodedFeature & { readonly numBins?: number; readonly binBoundaries?: readonly number[] }): Feature => ({
  dtype: 'float32',
  preprocessor: discretization({
    ...(numBins === undefined ? {} : { numBins }),
    ...(binBoundaries === undefined ? {} : { binBoundaries }),
    ...layerName(name),
  }),
  outputMode,
})

/** Whole numbers as their places in a vocabulary. */
export const integerCategorical = ({
  maxTokens = null,
  numOovIndices = 1,
  outputMode = 'oneHot',
  name,
}: CategoricalFeature = {}): Feature => ({
  dtype: 'int32',
  preprocessor: integerLookup({ maxTokens, numOovIndices, ...layerName(name) }),
  outputMode,
})

/** Strings as their places in a vocabulary. */
export const stringCategorical = ({
  maxTokens = null,
  numOovIndices = 1,
  outputMode = 'oneHot',
  name,
}: CategoricalFeature = {}): Feature => ({
  dtype: 'string',
  preprocessor: stringLookup({ maxTokens, numOovIndices, ...layerName(name) }),
  outputMode,
})

type HashedFeature = CodedFeature & {
  /** How many bins there are. */
  readonly numBins: number
}

const hashed =
  (dtype: 'int32' | 'string') =>
  ({ numBins, outputMode = 'oneHot', name }: HashedFeature): Feature => ({
    dtype,
    preprocessor: hashing({ numBins, ...layerName(name) }),
    outputMode,
  })

/** Whole numbers as bins by their hash. */
export const integerHashed = hashed('int32')
/** Strings as bins by their hash. */
export const stringHashed = hashed('string')

/** Sizes of features that are told by their kind alone. */
export interface FeatureDefaults {
  readonly hashingDim: number
  readonly numDiscretizationBins: number
}

const kinds = {
  float: (name) => float({ name }),
  floatRescaled: (name) => floatRescaled({ name }),
  floatNormalized: (name) => floatNormalized({ name }),
  floatDiscretized: (name, { numDiscretizationBins }) =>
    floatDiscretized({ name, numBins: numDiscretizationBins }),
  integerCategorical: (name) => integerCategorical({ name }),
  stringCategorical: (name) => stringCategorical({ name }),
  integerHashed: (name, { hashingDim }) => integerHashed({ name, numBins: hashingDim }),
  stringHashed: (name, { hashingDim }) => stringHashed({ name, numBins: hashingDim }),
} as const satisfies Record<string, (name: string, defaults: FeatureDefaults) => Feature>

/** A kind of feature by its name, with the defaults of its options. */
export type FeatureKind = keyof typeof kinds

/** A feature of a kind, or as it was made. @throws UnknownNameError for no kind, ArgumentError for what is no feature. */
export function featureOf(name: string, told: FeatureKind | Feature, defaults: FeatureDefaults): Feature {
  if (typeof told === 'string') {
    const kind = canonicalName(`featureSpace: features.${name}`, told, kinds)
    return kinds[kind](name, defaults)
  }
  if (typeof told === 'object' && told !== null && 'preprocessor' in told && 'outputMode' in told) return told
  throw new ArgumentError({
    where: `featureSpace: features.${name}`,
    expected: `a kind (${Object.keys(kinds).join(', ')}), or what FeatureSpace.floatNormalized() and the like make`,
    received: typeof told,
  })
}
