/** Options that many layers share, at random, as Keras spells them. */
import { chosen, type KerasObject, type Option, type Options, oneOf } from '../families/objects.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'

const object = (class_name: string, config: JsonObject = {}): KerasObject => ({ class_name, config })

export const activation = oneOf(
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'softplus',
  'softsign',
  'silu',
  'swish',
  'tanh',
  'sigmoid',
  'exponential',
  'hard_sigmoid',
  'hard_silu',
  'hard_swish',
  'linear',
  'mish',
  'leaky_relu',
  'log_softmax',
  'softmax',
  'celu',
  'log_sigmoid',
  'hard_tanh',
  'hard_shrink',
  'soft_shrink',
  'tanh_shrink',
  'squareplus',
  'sparse_plus',
  'sparse_sigmoid',
  null,
)

export const initializer = oneOf(
  'zeros',
  'ones',
  'glorot_uniform',
  'glorot_normal',
  'he_normal',
  'he_uniform',
  'lecun_normal',
  'lecun_uniform',
  'random_normal',
  'random_uniform',
  'truncated_normal',
  'orthogonal',
  'variance_scaling',
  object('Constant', { value: 0.25 }),
  object('RandomUniform', { minval: -0.2, maxval: 0.3, seed: 3 }),
  object('RandomNormal', { mean: 0.1, stddev: 0.2 }),
  object('TruncatedNormal', { stddev: 0.2 }),
  object('VarianceScaling', { scale: 2, mode: 'fan_out', distribution: 'uniform' }),
  object('VarianceScaling', { scale: 0.5, mode: 'fan_avg', distribution: 'untruncated_normal' }),
  object('Orthogonal', { gain: 0.7 }),
  object('HeNormal', { seed: 1 }),
)

export const regularizer = oneOf(
  'l1',
  'l2',
  object('L1', { l1: 0.02 }),
  object('L2', { l2: 0.03 }),
  object('L1L2', { l1: 0.01, l2: 0.02 }),
)

export const constraint = oneOf(
  'max_norm',
  'non_neg',
  'unit_norm',
  'min_max_norm',
  object('MaxNorm', { max_value: 1, axis: 0 }),
  object('UnitNorm', { axis: 0 }),
  object('MinMaxNorm', { min_value: 0.3, max_value: 1, rate: 0.5, axis: 0 }),
)

/** Vectors, of which Keras makes none that are orthogonal. */
const vectors: ReadonlySet<string> = new Set(['bias', 'gamma', 'beta', 'alpha'])
const vectorInitializer: Option = (random) => {
  const drawn = initializer(random)
  return /orthogonal/i.test(JSON.stringify(drawn)) ? 'zeros' : drawn
}

/** Initializer, regularizer and constraint of a weight: `kernel_initializer`, … */
export const weight = (name: string): Options => ({
  [`${name}_initializer`]: vectors.has(name) ? vectorInitializer : initializer,
  [`${name}_regularizer`]: regularizer,
  [`${name}_constraint`]: constraint,
})

export const kernelAndBias: Options = { ...weight('kernel'), ...weight('bias'), use_bias: oneOf(true, false) }

/** Options of weights are rare, so that cases stay readable; a case in four has a few. */
export const rarely = (random: Random, options: Options): JsonObject =>
  random.chance(0.25) ? chosen(random, options, 0.3) : {}

/** What every layer takes. */
export const ofAll = (random: Random): JsonObject => ({
  ...(random.chance(0.06) ? { trainable: false } : {}),
  ...(random.chance(0.05) ? { activity_regularizer: regularizer(random) } : {}),
})

export const perDimension =
  (rank: number, low: number, high: number): Option =>
  (random) =>
    random.chance(0.5) ? random.int(low, high) : Array.from({ length: rank }, () => random.int(low, high))
