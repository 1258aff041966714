/** Random models: a chain of layers with branches, shared layers, masks, attention and models within, and a training. */
import type { ArrayJson } from '../arrays.ts'
import { arrayOf, type KerasObject } from '../families/objects.ts'
import type { Json } from '../json.ts'
import type { Random } from '../random.ts'
import { GraphBuilder, size, type Value } from './graph-builder.ts'
import { dense, flatten } from './layer-table.ts'
import type { SampleShape } from './maker.ts'
import type { GraphSpec, InputSpec, LayerSpec, ModelSpec, TrainingSpec } from './spec.ts'
import { merge, start, step, vocabulary } from './steps.ts'
import { type Judged, object, regressions, training } from './training.ts'

/** A last layer whose outputs are probabilities, and the loss that wants them. */
function head(
  random: Random,
  graph: GraphBuilder,
  x: Value,
): { value: Value; loss: KerasObject; classes: 'one' | 'number' | 'two' } {
  const flat = x.shape.length > 1 && random.chance(0.6) ? graph.grow(random, x, [flatten]) : x
  const units = random.int(2, 3)
  const kind = random.pick(['one', 'number', 'two'] as const)
  const out = kind === 'two' ? 1 : units
  const layer = graph.layer('Dense', { units: out, activation: kind === 'two' ? 'sigmoid' : 'softmax' })
  const value = graph.call(layer, [flat], [[...flat.shape.slice(0, -1), out]])[0] as Value
  const loss = {
    one: 'CategoricalCrossentropy',
    number: 'SparseCategoricalCrossentropy',
    two: 'BinaryCrossentropy',
  }[kind]
  return { value, loss: object(loss), classes: kind }
}

export function generateModel(random: Random): ModelSpec {
  const graph = new GraphBuilder({ isOpen: random.chance(0.12) })
  let x = start(random, graph)
  if (random.chance(0.15)) {
    const dtype = graph.inputs[0]?.dtype as 'float32' | 'int32'
    if (dtype === 'float32')
      x = merge(random, graph, x, graph.input(graph.values[0]?.shape as SampleShape, dtype))
  }
  for (let i = random.int(1, 5); i > 0; i--) x = step(random, graph, x, 0)
  if (graph.calls.length === 0) x = graph.grow(random, x, [dense])
  const judged: Judged[] = []
  if (random.chance(0.35)) {
    const { value, loss, classes } = head(random, graph, x)
    judged.push({ value, loss, kind: classes })
  } else judged.push({ value: x, loss: object(random.pick(regressions)), kind: 'numbers' })
  if (random.chance(0.2)) {
    const second = graph.grow(random, x)
    if (judged.every(({ value }) => value.ref !== second.ref))
      judged.push({ value: second, loss: object('MeanSquaredError'), kind: 'numbers' })
  }
  const isTrained = random.chance(0.75)
  // What remembers says something else of the next batch: all batches are of a size then.
  const batch = random.chance(0.08) && !graph.isOpen ? 2 : null
  const grown = graph.done(judged.map(({ value }) => value))
  const awake = isTrained ? grown : withNoise(random, grown)
  const spec = batch === null ? awake : stateful(awake)
  // Three steps, now and then with a last batch that is smaller.
  const samples = batch === null && random.chance(0.2) ? 5 : 6
  const data = graph.inputs.map((input, i) =>
    dataOf(
      random,
      input,
      graph.values.find(({ ref }) => ref === input.name)?.shape as SampleShape,
      samples,
      i,
    ),
  )
  const isChain =
    spec.inputs.length === 1 &&
    judged.length === 1 &&
    spec.calls.every(
      ({ inputs, makes, kwargs, listed }, i) =>
        !listed &&
        makes.length === 1 &&
        Object.keys(kwargs).length === 0 &&
        inputs.join() === (i === 0 ? spec.inputs[0]?.name : spec.calls[i - 1]?.makes[0]),
    ) &&
    new Set(spec.calls.map(({ layer }) => layer)).size === spec.calls.length &&
    spec.outputs[0] === spec.calls.at(-1)?.makes[0]
  const sequential = isChain && random.chance(0.5)
  const trained = isTrained ? training(random, judged, samples) : null
  const policy = !isTrained && random.chance(0.25) ? random.pick(policies) : null
  const format = random.chance(0.25) ? 'h5' : 'keras'
  return {
    graph: spec,
    sequential,
    data,
    training: trained !== null && format === 'h5' ? spelledOut(trained) : trained,
    policy,
    batch,
    format,
    seed: random.int(0, 9999),
  }
}

/** In files of the older format short names of metrics become long ones (keras-differs.md), and so do those in the logs. */
const spelledOut = (training: TrainingSpec): TrainingSpec => ({
  ...training,
  metrics: training.metrics.map((list) => list.map(longName)),
  weighted_metrics: training.weighted_metrics.map((list) => list.map(longName)),
})

const longName = (metric: Json): Json =>
  metric === 'mse' ? 'mean_squared_error' : metric === 'mae' ? 'mean_absolute_error' : metric

const policies = ['mixed_float16', 'mixed_bfloat16', 'float64'] as const

/** Random layers do nothing in a prediction: where nothing is trained, they have rates. */
function withNoise(random: Random, graph: GraphSpec): GraphSpec {
  const noisy = (layer: LayerSpec): LayerSpec => {
    if (layer.graph !== null) return { ...layer, graph: withNoise(random, layer.graph) }
    const { config, class_name } = layer
    if (/Dropout|GaussianNoise/.test(class_name))
      return { ...layer, config: { ...config, [class_name === 'GaussianNoise' ? 'stddev' : 'rate']: 0.3 } }
    if (
      /^(LSTM|GRU|SimpleRNN|MultiHeadAttention|GroupQueryAttention|Attention|AdditiveAttention)$/.test(
        class_name,
      )
    )
      return random.chance(0.3) ? { ...layer, config: { ...config, dropout: 0.25 } } : layer
    return layer
  }
  return { ...graph, layers: graph.layers.map(noisy) }
}

/** Recurrent layers keep their states from batch to batch. */
const stateful = (graph: GraphSpec): GraphSpec => ({
  ...graph,
  layers: graph.layers.map((layer) =>
    /^(LSTM|GRU|SimpleRNN|RNN|ConvLSTM\dD)$/.test(layer.class_name)
      ? { ...layer, config: { ...layer.config, stateful: true } }
      : layer,
  ),
})

function dataOf(
  random: Random,
  { dtype }: InputSpec,
  shape: SampleShape,
  samples: number,
  _index: number,
): ArrayJson {
  const inner = size(shape.slice(1))
  const lengths = Array.from({ length: samples }, () => random.int(1, shape[0] as number))
  let at = 0
  return arrayOf([samples, ...shape], dtype, () => {
    const i = at++
    const sample = Math.floor(i / (inner * (shape[0] as number)))
    const time = Math.floor(i / inner) % (shape[0] as number)
    // Steps behind a sequence's end are 0, which masks leave out.
    const isPast =
      shape.length <= 2 && (shape.length === 2 || dtype === 'int32') && time >= (lengths[sample] as number)
    if (dtype === 'int32') return isPast ? 0 : random.int(1, vocabulary - 1)
    return isPast ? 0 : random.value()
  })
}
