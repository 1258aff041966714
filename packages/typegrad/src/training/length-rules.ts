import { Activation } from '../layers/activations/activation.ts'
import { ELU } from '../layers/activations/elu.ts'
import { LeakyReLU } from '../layers/activations/leaky-relu.ts'
import { PReLU } from '../layers/activations/p-relu.ts'
import { ReLU } from '../layers/activations/relu.ts'
import { AdditiveAttention } from '../layers/attention/additive-attention.ts'
import { Attention } from '../layers/attention/attention.ts'
import type { AttentionLayer } from '../layers/attention/attention-layer.ts'
import { GroupQueryAttention } from '../layers/attention/group-query-attention.ts'
import { HeadedAttention } from '../layers/attention/headed-attention.ts'
import { MultiHeadAttention } from '../layers/attention/multi-head-attention.ts'
import { Dense } from '../layers/core/dense.ts'
import { Embedding } from '../layers/core/embedding.ts'
import { Identity } from '../layers/core/identity.ts'
import { Masking } from '../layers/core/masking.ts'
import { Add } from '../layers/merging/add.ts'
import { Average } from '../layers/merging/average.ts'
import { Concatenate } from '../layers/merging/concatenate.ts'
import { Maximum } from '../layers/merging/maximum.ts'
import { Minimum } from '../layers/merging/minimum.ts'
import { Multiply } from '../layers/merging/multiply.ts'
import { Subtract } from '../layers/merging/subtract.ts'
import { BatchNormalization } from '../layers/normalization/batch-normalization.ts'
import { LayerNormalization } from '../layers/normalization/layer-normalization.ts'
import { GlobalAveragePooling1D } from '../layers/pooling/global-average-pooling.ts'
import { Rescaling } from '../layers/preprocessing/rescaling.ts'
import { Bidirectional, GRU, LSTM, RNN, SimpleRNN, TimeDistributed } from '../layers/recurrent/index.ts'
import { Dropout } from '../layers/regularization/dropout.ts'
import { GaussianDropout } from '../layers/regularization/gaussian-dropout.ts'
import { GaussianNoise } from '../layers/regularization/gaussian-noise.ts'
import { SpatialDropout1D } from '../layers/regularization/spatial-dropout.ts'

/** A tensor (batch, time, features) that has more steps where an input has: behind its own, and masked. */
export interface Longer {
  /** Which of the model's inputs has the time. */
  readonly input: number
  /** Whether the input has just been taken, and what stands in its new steps is to be said. */
  readonly isRaw?: boolean
  /** Whether masked steps within the data are others too: those of queries that see no key, hence the mean of all. */
  readonly isBlind?: boolean
}

/** What becomes of a place of a model as its inputs get more steps. */
export type Effect = 'none' | Longer

/** One use of a layer. */
export interface LengthCall {
  readonly layer: object
  readonly taken: readonly Effect[]
  /** Rank of the first tensor that is taken. */
  readonly rank: number
  /** Names of the call's options. */
  readonly options: readonly string[]
  /** Whether two inputs of the model have as many steps as each other. */
  readonly isSameLength: (a: Longer, b: Longer) => boolean
}

export interface LengthResult {
  /** What becomes of the outputs; those behind the list's end have no steps. */
  readonly outputs: readonly Effect[]
  /** What has to stand in new steps of the input that was taken. */
  readonly fill?: number
  /** Whether the first step of each sequence has to count, so that each query sees a key. */
  readonly seesFirst?: boolean
}

/** @returns undefined where results would be others. */
type LengthRule = (call: LengthCall) => LengthResult | undefined

/** Every step by itself: masked ones stay where they are and stay masked. */
const stepwise: LengthRule = ({ taken, rank, options }) =>
  rank < 3 || options.length > 0 || isRaw(taken) ? undefined : { outputs: taken }

const isRaw = (taken: readonly Effect[]): boolean => taken.some((one) => one !== 'none' && one.isRaw)

/** Several tensors step by step, all of them with the same steps. */
const merge: LengthRule = ({ taken, options, isSameLength }) => {
  const [first, ...others] = taken
  if (first === undefined || first === 'none' || options.length > 0 || isRaw(taken)) return undefined
  if (!others.every((one) => one !== 'none' && isSameLength(first, one))) return undefined
  const isBlind = taken.some((one) => one !== 'none' && one.isBlind)
  return { outputs: [{ ...first, isBlind }] }
}

/** Masked steps at the end leave the states as they are. */
const recurrent: LengthRule = ({ layer, taken: [x, ...states], rank, options }) => {
  if (!(layer instanceof RNN) || x === undefined || x === 'none' || x.isRaw) return undefined
  if (rank !== 3 || options.length > 0 || states.some((state) => state !== 'none')) return undefined
  // The last output would be the zeros of a masked step; turned round, new steps would come first.
  if (layer.returnSequences ? layer.goBackwards : layer.zeroOutputForMask) return undefined
  return { outputs: layer.returnSequences ? [{ input: x.input }] : [] }
}

const bidirectional: LengthRule = (call) => {
  const { layer } = call
  if (!(layer instanceof Bidirectional)) return undefined
  const { forwardLayer: forward, backwardLayer: backward } = layer
  if (forward.goBackwards || backward.zeroOutputForMask !== forward.zeroOutputForMask) return undefined
  const found = recurrent({ ...call, layer: forward })
  const isPair = layer.mergeMode === null && forward.returnSequences
  return found && isPair ? { outputs: [...found.outputs, ...found.outputs] } : found
}

/** Keys behind the others that are masked have no weight; queries behind the others are masked themselves. */
const attention: LengthRule = ({ layer, taken, rank, options }) => {
  const [query, value, key = value, ...others] = taken
  const { queryOffset, dropout } = layer as AttentionLayer
  if (query === undefined || value === undefined || key === undefined || others.length > 0) return undefined
  if (rank !== 3 || queryOffset !== 0 || isRaw(taken)) return undefined
  if (layer instanceof HeadedAttention && layer.slidingWindow !== undefined) return undefined
  if (options.some((name) => name !== 'useCausalMask')) return undefined
  if ((value === 'none') !== (key === 'none')) return undefined
  const seesFirst = value !== 'none'
  if (query === 'none') return { outputs: [], seesFirst }
  // Without dropout in the layer a masked query has the mean of all values, as in Keras.
  const isBlind = layer instanceof HeadedAttention && dropout === 0 && seesFirst
  return { outputs: [{ input: query.input, isBlind }], seesFirst }
}

/** Begins a mask: what has the value does not count. */
const begins =
  (rank: number, fillOf: (layer: object) => number | undefined): LengthRule =>
  ({ layer, taken: [x], rank: given, options }) => {
    const fill = fillOf(layer)
    if (x === undefined || x === 'none' || options.length > 0 || given !== rank) return undefined
    // A second mask within a model would be made of values that new steps have by chance.
    return fill === undefined || !x.isRaw ? undefined : { outputs: [{ input: x.input }], fill }
  }

const steps = [
  Activation,
  BatchNormalization,
  Dense,
  Dropout,
  ELU,
  GaussianDropout,
  GaussianNoise,
  Identity,
  LayerNormalization,
  LeakyReLU,
  PReLU,
  ReLU,
  Rescaling,
  SpatialDropout1D,
] as const

/**
 * What the library's own classes do with new steps of their inputs that are masked; a class that is not here, one of the
 * user's above all, may do anything with them.
 */
const rules: ReadonlyMap<unknown, LengthRule> = new Map<unknown, LengthRule>([
  ...steps.map((Class) => [Class, stepwise] as const),
  ...[Add, Average, Maximum, Minimum, Multiply, Subtract].map((Class) => [Class, merge] as const),
  [
    Concatenate,
    (call) => ([0, 1, -2, -3].includes((call.layer as Concatenate).axis) ? undefined : merge(call)),
  ],
  ...[GRU, LSTM, RNN, SimpleRNN].map((Class) => [Class, recurrent] as const),
  [Bidirectional, bidirectional],
  ...[AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention].map(
    (Class) => [Class, attention] as const,
  ),
  [
    GlobalAveragePooling1D,
    ({ layer, taken, options }) =>
      (layer as GlobalAveragePooling1D).dataFormat === 'channelsLast' && options.length === 0 && !isRaw(taken)
        ? { outputs: [] }
        : undefined,
  ],
  [Embedding, begins(2, (layer) => ((layer as Embedding).maskZero ? 0 : undefined))],
  [Masking, begins(3, (layer) => (layer as Masking).maskValue)],
  [
    TimeDistributed,
    (call) => {
      const { layer } = call.layer as TimeDistributed
      return steps.some((Class) => layer.constructor === Class && Class !== BatchNormalization)
        ? stepwise(call)
        : undefined
    },
  ],
])

/**
 * What a layer makes of tensors that get more steps.
 *
 * @returns undefined where results would be others, or nothing is known of the layer.
 */
export function lengthResult(call: LengthCall): LengthResult | undefined {
  if (call.taken.every((one) => one === 'none')) return { outputs: [] }
  return rules.get(call.layer.constructor)?.(call)
}
