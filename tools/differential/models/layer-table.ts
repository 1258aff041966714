/** Layers of Keras by the rank of a sample that they take, with options at random and the shape that comes out. */
import { chosen, type Options, oneOf } from '../families/objects.ts'
import type { Random } from '../random.ts'
import { type Maker, made, type SampleShape, size } from './maker.ts'
import { activation, kernelAndBias, ofAll, rarely, weight } from './options.ts'
import { bidirectional, convLstm, recurrent, rnn } from './recurrent-layers.ts'
import {
  adaptive,
  conv,
  convTranspose,
  cropping,
  globalPooling,
  pooling,
  upSampling,
  zeroPadding,
} from './spatial-layers.ts'

/** A layer that keeps the shape. */
const keeps =
  (class_name: string, options: Options = {}): Maker =>
  (random, shape) =>
    made(class_name, { ...chosen(random, options), ...ofAll(random) }, shape)

const dense: Maker = (random, shape) => {
  const units = random.int(1, 4)
  const config = {
    units,
    ...chosen(random, { activation }),
    ...rarely(random, kernelAndBias),
    ...ofAll(random),
  }
  return made('Dense', config, [...shape.slice(0, -1), units])
}

const einsumDense: Maker = (random, shape) => {
  const units = random.int(1, 4)
  const [equation, output_shape, bias_axes] =
    shape.length === 1
      ? (['ab,bc->ac', [units], 'c'] as const)
      : shape.length === 2
        ? random.pick([
            ['abc,cd->abd', [null, units], 'd'],
            ['abc,bcd->ad', [units], 'd'],
            ['...x,xy->...y', units, 'y'],
          ] as const)
        : (['...x,xy->...y', units, 'y'] as const)
  const out = equation === 'abc,bcd->ad' ? [units] : [...shape.slice(0, -1), units]
  if (shape.length > 2) return undefined
  return made(
    'EinsumDense',
    {
      equation,
      output_shape,
      ...(random.chance(0.6) ? { bias_axes } : {}),
      ...chosen(random, { activation }),
      ...rarely(random, weight('kernel')),
      ...ofAll(random),
    },
    out,
  )
}

const pReLU: Maker = (random, shape) =>
  made(
    'PReLU',
    {
      ...(random.chance(0.5) && shape.length > 1
        ? { shared_axes: random.pick([[1], shape.slice(1).map((_, i) => i + 1)]) }
        : {}),
      ...rarely(random, weight('alpha')),
    },
    shape,
  )

/** An axis of a batch of samples that is not the batch's. */
const anAxis = (random: Random, shape: SampleShape): number =>
  random.chance(0.5) ? random.int(1, shape.length) : -random.int(1, shape.length)

const normalization =
  (class_name: string, options: Options, axes: boolean): Maker =>
  (random, shape) => {
    const axis = random.chance(0.4)
      ? axes && random.chance(0.3) && shape.length > 1
        ? [-2, -1]
        : anAxis(random, shape)
      : undefined
    return made(
      class_name,
      {
        ...(axis === undefined ? {} : { axis }),
        ...chosen(random, options),
        ...rarely(random, { ...weight('gamma'), ...weight('beta') }),
        ...ofAll(random),
      },
      shape,
    )
  }

const groupNormalization: Maker = (random, shape) => {
  const channels = shape.at(-1) as number
  const groups = random.pick([1, channels, -1, ...(channels % 2 === 0 ? [2] : [])])
  return made(
    'GroupNormalization',
    {
      groups,
      ...chosen(random, { epsilon: oneOf(1e-3, 0.1), center: oneOf(true, false), scale: oneOf(true, false) }),
    },
    shape,
  )
}

/** Over the last axis, or the last two: of others Keras multiplies the last axis by the scale all the same. */
const rms: Maker = (random, shape) =>
  made(
    'RMSNormalization',
    chosen(random, {
      epsilon: oneOf(1e-6, 0.01),
      ...(shape.length > 1 ? { axis: oneOf(-1, [-2, -1]) } : {}),
    }),
    shape,
  )

const flatten: Maker = (random, shape) =>
  made('Flatten', chosen(random, { data_format: oneOf('channels_last', 'channels_first') }, 0.2), [
    size(shape),
  ])

const reshape: Maker = (random, shape) => {
  const total = size(shape)
  const factor = random.pick([1, 2, 3].filter((n) => total % n === 0))
  const target = random.pick([[total], [factor, total / factor], [total / factor, 1, factor], [-1, factor]])
  const out = target.map((d) => (d === -1 ? total / factor : d))
  return made('Reshape', { target_shape: target }, out)
}

const permute: Maker = (random, shape) => {
  const dims = random.shuffled(shape.map((_, i) => i + 1))
  return made(
    'Permute',
    { dims },
    dims.map((d) => shape[d - 1] as number),
  )
}

const timeDistributed: Maker = (random, shape) => {
  const inner = random.pick(makersFor(shape.length - 1))(random, shape.slice(1))
  if (inner === undefined || inner.shapes.length > 1) return undefined
  const { activity_regularizer: _, ...config } = inner.config
  return made('TimeDistributed', { layer: { class_name: inner.class_name, config } }, [
    shape[0] as number,
    ...(inner.shapes[0] as SampleShape),
  ])
}

const spectral: Maker = (random, shape) => {
  const inner = (shape.length === 3 && random.chance(0.5) ? conv(2, 'Conv') : dense)(random, shape)
  if (inner === undefined) return undefined
  const { activity_regularizer: _, ...config } = inner.config
  return made(
    'SpectralNormalization',
    { layer: { class_name: inner.class_name, config }, ...chosen(random, { power_iterations: oneOf(1, 2) }) },
    inner.shapes[0] as SampleShape,
  )
}

const batchNormalization = normalization(
  'BatchNormalization',
  {
    momentum: oneOf(0.9, 0.5),
    epsilon: oneOf(1e-3, 0.1),
    center: oneOf(true, false),
    scale: oneOf(true, false),
    ...{ moving_mean_initializer: oneOf('zeros', 'ones') },
  },
  false,
)
const layerNormalization = normalization(
  'LayerNormalization',
  { epsilon: oneOf(1e-3, 0.1), center: oneOf(true, false), scale: oneOf(true, false) },
  true,
)

/** Random layers are still in training: with a rate of 0 both sides compute the same. */
const still =
  (class_name: string, option: string): Maker =>
  (_, shape) =>
    made(class_name, { [option]: 0 }, shape)

const everywhere: readonly Maker[] = [
  dense,
  dense,
  dense,
  (random, shape) => made('Activation', { activation: activation(random) ?? 'linear' }, shape),
  keeps('ELU', { alpha: oneOf(0.5, 1) }),
  keeps('LeakyReLU', { negative_slope: oneOf(0.1, 0.5) }),
  keeps('ReLU', { max_value: oneOf(0.5, 1), negative_slope: oneOf(0.1), threshold: oneOf(0.2) }),
  pReLU,
  (random, shape) =>
    made('Softmax', shape.length > 1 ? chosen(random, { axis: oneOf(-1, 1, -2) }) : {}, shape),
  keeps('Rescaling', { 'scale!': oneOf(0.5, 2), offset: oneOf(0.25, -1) }),
  keeps('Identity'),
  keeps('ActivityRegularization', { l1: oneOf(0.01, 0.1), l2: oneOf(0.01, 0.1) }),
  (random, shape) =>
    made(
      'UnitNormalization',
      shape.length > 1 ? chosen(random, { axis: oneOf(-1, 1, [-2, -1]) }) : {},
      shape,
    ),
  batchNormalization,
  batchNormalization,
  layerNormalization,
  groupNormalization,
  rms,
  flatten,
  reshape,
  permute,
  still('Dropout', 'rate'),
  still('GaussianNoise', 'stddev'),
  still('GaussianDropout', 'rate'),
  still('AlphaDropout', 'rate'),
]

const convolutional = (rank: 1 | 2 | 3): Maker[] => [
  conv(rank, 'Conv'),
  conv(rank, 'Conv'),
  ...(rank === 3 ? [] : [conv(rank, 'SeparableConv'), conv(rank, 'DepthwiseConv')]),
  convTranspose(rank),
  pooling('MaxPooling', rank),
  pooling('AveragePooling', rank),
  globalPooling('GlobalMaxPooling', rank),
  globalPooling('GlobalAveragePooling', rank),
  adaptive('AdaptiveAveragePooling', rank),
  adaptive('AdaptiveMaxPooling', rank),
  upSampling(rank),
  zeroPadding(rank),
  cropping(rank),
  still(`SpatialDropout${rank}D`, 'rate'),
]

const byRank: Readonly<Record<number, readonly Maker[]>> = {
  1: [
    ...everywhere,
    einsumDense,
    spectral,
    (random, shape) => {
      const n = random.int(1, 4)
      return made('RepeatVector', { n }, [n, ...shape])
    },
  ],
  2: [
    ...everywhere,
    ...convolutional(1),
    einsumDense,
    timeDistributed,
    recurrent('LSTM'),
    recurrent('GRU'),
    recurrent('SimpleRNN'),
    recurrent('LSTM'),
    recurrent('GRU'),
    recurrent('SimpleRNN'),
    rnn,
    rnn,
    bidirectional,
    bidirectional,
  ],
  3: [...everywhere, ...convolutional(2), timeDistributed, timeDistributed, convLstm(1), spectral],
  4: [...everywhere, ...convolutional(3), timeDistributed, convLstm(2)],
}

/** The layers that take samples of a rank. */
export function makersFor(rank: number): readonly Maker[] {
  return byRank[rank] ?? everywhere
}

export { dense, flatten }
