/** Models made here, saved, opened by Keras in safe mode, and predicted with and trained on both sides. */
import {
  input,
  type Layer,
  losses,
  type Model,
  metrics,
  model,
  optimizers,
  type Prediction,
  type SymbolicTensor,
  sequential,
  tensor,
  writeKeras,
  writeKerasH5,
} from 'typegrad'
import { fromKerasKeys } from 'typegrad/formats'
import { deserializeLayer } from 'typegrad/layers'
import { bytesJson, sizeOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import type { Json, JsonObject } from '../json.ts'
import { generateModel } from '../models/generate.ts'
import { typescriptModel } from '../models/print.ts'
import { refsIn, shrunkModels } from '../models/shrink.ts'
import type { CallSpec, GraphSpec, LayerSpec, ModelSpec, TrainingSpec } from '../models/spec.ts'
import { Random } from '../random.ts'
import { comparedModels, judgedHere, modelTolerance } from './models.ts'
import { here as forUs, type KerasObject } from './objects.ts'

function layerOf({ name, class_name, config, graph }: LayerSpec): Layer {
  if (graph !== null) return functional(graph, name) as unknown as Layer
  // This layer is a regularizer of activities itself, and takes no other one.
  const { activity_regularizer: regularizer, ...others } = config
  const own = class_name === 'ActivityRegularization' || regularizer === undefined ? others : config
  return deserializeLayer(forUs({ class_name, config: { ...own, name } }))
}

const first = <T>(items: readonly T[]): T | readonly T[] => (items.length === 1 ? (items[0] as T) : items)

type Places = SymbolicTensor | readonly SymbolicTensor[]

/** The options of a call that are options of the layer here. */
const onLayer = new Set(['use_causal_mask'])

function functional(graph: GraphSpec, name?: string, batch: number | null = null): Model<Prediction> {
  const values = new Map<string, SymbolicTensor>()
  for (const { name, shape, dtype } of graph.inputs)
    values.set(name, input({ batchShape: [batch, ...shape], dtype, name }))
  const options = new Map<string, JsonObject>()
  for (const { layer, kwargs } of graph.calls)
    options.set(layer, { ...options.get(layer), ...only(kwargs, (key) => onLayer.has(key)) })
  const layers = new Map(
    graph.layers.map((layer) => [
      layer.name,
      layerOf({ ...layer, config: { ...layer.config, ...options.get(layer.name) } }),
    ]),
  )
  for (const call of graph.calls) {
    const made = applied(layers.get(call.layer) as Layer, call, values)
    call.makes.forEach((ref, i) => {
      values.set(ref, made[i] as SymbolicTensor)
    })
  }
  const inputs = graph.inputs.map((i) => values.get(i.name) as SymbolicTensor)
  const outputs = graph.outputs.map((ref) => values.get(ref) as SymbolicTensor)
  return model({
    inputs: first(inputs) as Places,
    outputs: first(outputs) as Places,
    ...(name === undefined ? {} : { name }),
  })
}

const only = (object: JsonObject, keeps: (key: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keeps(key)))

function applied(
  layer: Layer,
  call: CallSpec,
  values: ReadonlyMap<string, SymbolicTensor>,
): readonly SymbolicTensor[] {
  const { key, initial_state: states, ...others } = call.kwargs
  const list = [...call.inputs, ...refsIn(key ?? null)].map((ref) => values.get(ref) as SymbolicTensor)
  const options = {
    ...(only(others, (name) => !onLayer.has(name)) as JsonObject),
    ...(states === undefined
      ? {}
      : {
          initialState: refsIn(states).map((ref) => values.get(ref) as SymbolicTensor),
          // Keras tells such calls of no mask (keras-differs.md).
          mask: null,
        }),
  }
  const made: unknown = layer.apply(
    call.listed || list.length > 1 ? list : (list[0] as SymbolicTensor),
    options,
  )
  return (Array.isArray(made) ? made : [made]) as SymbolicTensor[]
}

function modelOf(spec: ModelSpec): Model<Prediction> {
  if (!spec.sequential) return functional(spec.graph, undefined, spec.batch)
  const byName = new Map(spec.graph.layers.map((layer) => [layer.name, layer]))
  const [given] = spec.graph.inputs
  if (given === undefined) throw new RangeError('a model without inputs')
  const chain = spec.graph.calls.map(({ layer }) => layerOf(byName.get(layer) as LayerSpec))
  const { name, shape, dtype } = given
  return sequential([
    input({ batchShape: [spec.batch, ...shape], dtype, name }),
    ...chain,
  ]) as Model<Prediction>
}

/** Weights of few bits, decided by the seed. */
function setWeights(made: Model<Prediction>, seed: number): void {
  const random = new Random(`weights-${seed}`)
  for (const weight of made.weights) {
    if (!weight.dtype.startsWith('float')) continue
    const name = weight.name.split('/').at(-1) ?? ''
    const values = Float32Array.from({ length: sizeOf(weight.shape) }, () => {
      const value = random.int(-64, 64) / 128
      if (name.includes('variance')) return Math.abs(value) + 0.5
      return name === 'gamma' || name === 'scale' ? value + 1 : value
    })
    weight.assign(tensor(values, { shape: weight.shape }))
  }
}

function compileModel(made: Model<Prediction>, training: TrainingSpec): void {
  const metricsOf = (lists: readonly (readonly Json[])[]) =>
    lists.map((list) =>
      list.map((m) => (typeof m === 'string' ? m : metrics.getMetric(forUs(m as KerasObject)))),
    )
  const some = (lists: readonly (readonly Json[])[]) => lists.some((list) => list.length > 0)
  made.compile({
    optimizer: optimizers.getOptimizer(fromKerasKeys(training.optimizer) as ReturnType<typeof forUs>),
    loss: training.losses.map((loss) => losses.getLoss(forUs(loss))),
    ...(training.loss_weights === null ? {} : { lossWeights: training.loss_weights }),
    ...(some(training.metrics) ? { metrics: metricsOf(training.metrics) } : {}),
    ...(some(training.weighted_metrics) ? { weightedMetrics: metricsOf(training.weighted_metrics) } : {}),
  })
}

async function here(spec: ModelSpec): Promise<JsonObject> {
  const made = modelOf(spec)
  setWeights(made, spec.seed)
  if (spec.training !== null) compileModel(made, spec.training)
  const bytes = await (spec.format === 'h5' ? writeKerasH5 : writeKeras)(made)
  return { file: bytesJson(bytes), ...(await judgedHere(made, spec)) }
}

export const reverseFamily: Family<ModelSpec> = {
  name: 'reverse',
  first: 'here',
  withoutFile: 'models',
  backends: ['torch', 'jax', 'tensorflow'],
  generate: (random) => ({ ...generateModel(random), policy: null }),
  here,
  tolerance: () => modelTolerance,
  compared: comparedModels,
  shrinks: shrunkModels,
  typescript: typescriptModel,
  python: ({ format }) =>
    [
      'import keras, numpy as np',
      `model = keras.saving.load_model('model.${format}') # as the TypeScript program saves it`,
      'print(model.predict(x)) # x as there',
    ].join('\n'),
}
