/** Layers that go through a sequence step by step. */
import { chosen, type KerasObject, type Options, oneOf } from '../families/objects.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { list, type Maker, made, type SampleShape, windowed } from './maker.ts'
import { ofAll, perDimension, rarely, weight } from './options.ts'

const smooth = oneOf('tanh', 'sigmoid', 'relu', 'softsign', 'linear', 'hard_sigmoid', 'elu')
const recurrentWeights: Options = {
  ...weight('kernel'),
  ...weight('recurrent'),
  ...weight('bias'),
  use_bias: oneOf(true, false),
}

const recurrentOptions = (random: Random, class_name: string): JsonObject => ({
  units: random.int(1, 3),
  ...chosen(random, { activation: smooth }, 0.25),
  ...(class_name.startsWith('SimpleRNN')
    ? {}
    : chosen(random, { recurrent_activation: oneOf('sigmoid', 'hard_sigmoid', 'tanh') }, 0.25)),
  ...(class_name.startsWith('LSTM') ? chosen(random, { unit_forget_bias: oneOf(true, false) }, 0.2) : {}),
  ...(class_name.startsWith('GRU') ? chosen(random, { reset_after: oneOf(true, false) }, 0.4) : {}),
  ...rarely(random, recurrentWeights),
})

const directions: Options = {
  go_backwards: oneOf(true, false),
  unroll: oneOf(true, false),
  zero_output_for_mask: oneOf(true, false),
}

/** Keras's SimpleRNN forgets what it is to add to the loss (keras-differs.md). */
const keptOf = (class_name: string, { activity_regularizer, ...others }: JsonObject): JsonObject =>
  activity_regularizer === undefined || class_name === 'SimpleRNN'
    ? others
    : { ...others, activity_regularizer }

export const recurrent =
  (class_name: 'LSTM' | 'GRU' | 'SimpleRNN'): Maker =>
  (random, shape) => {
    const options = recurrentOptions(random, class_name)
    const units = options.units as number
    const return_sequences = random.chance(0.6)
    const return_state = random.chance(0.12)
    const states = return_state ? new Array<SampleShape>(class_name === 'LSTM' ? 2 : 1).fill([units]) : []
    const out = return_sequences ? [shape[0] as number, units] : [units]
    return made(
      class_name,
      {
        ...options,
        ...(return_sequences ? { return_sequences } : {}),
        ...(return_state ? { return_state } : {}),
        ...chosen(random, directions, 0.15),
        ...keptOf(class_name, ofAll(random)),
      },
      out,
      ...states,
    )
  }

const cells = ['LSTMCell', 'GRUCell', 'SimpleRNNCell'] as const

export const rnn: Maker = (random, shape) => {
  const cell = (): KerasObject => {
    const class_name = random.pick(cells)
    return { class_name, config: recurrentOptions(random, class_name) }
  }
  const stack = random.chance(0.5) ? undefined : [cell(), cell()]
  const single = cell()
  const units = ((stack === undefined ? single : (stack[1] as KerasObject)).config.units ?? 1) as number
  const return_sequences = random.chance(0.5)
  const inner: KerasObject =
    stack === undefined ? single : { class_name: 'StackedRNNCells', config: { cells: stack } }
  return made(
    'RNN',
    { cell: inner, return_sequences, ...chosen(random, directions, 0.15) },
    return_sequences ? [shape[0] as number, units] : [units],
  )
}

export const bidirectional: Maker = (random, shape) => {
  const class_name = random.pick(['LSTM', 'GRU', 'SimpleRNN'] as const)
  const inner = recurrent(class_name)(random, shape)
  if (inner === undefined) return undefined
  const {
    return_state: _,
    go_backwards: __,
    trainable: ___,
    activity_regularizer: ____,
    ...config
  } = inner.config
  const merge_mode = random.pick(['concat', 'concat', 'sum', 'mul', 'ave'])
  const [first] = inner.shapes as [SampleShape]
  const units = first.at(-1) as number
  return made('Bidirectional', { layer: { class_name, config }, merge_mode }, [
    ...first.slice(0, -1),
    merge_mode === 'concat' ? 2 * units : units,
  ])
}

export const convLstm =
  (rank: 1 | 2): Maker =>
  (random, shape) => {
    const filters = random.int(1, 2)
    const kernel_size = perDimension(rank, 1, 3)(random)
    const padding = random.pick(['valid', 'same'])
    const return_sequences = random.chance(0.5)
    const spatial = shape
      .slice(1, -1)
      .map((d, i) => windowed(d, list(kernel_size, rank, 1)[i] as number, 1, 1, padding))
    if (spatial.some((d) => d < 1)) return undefined
    return made(
      `ConvLSTM${rank}D`,
      {
        filters,
        kernel_size,
        padding,
        ...(return_sequences ? { return_sequences } : {}),
        ...chosen(random, { go_backwards: oneOf(true, false), activation: smooth }, 0.2),
        ...rarely(random, recurrentWeights),
      },
      return_sequences ? [shape[0] as number, ...spatial, filters] : [...spatial, filters],
    )
  }
