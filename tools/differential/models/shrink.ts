/** Simpler models: without training, without layers, without options, with fewer samples. */

import type { ArrayJson } from '../arrays.ts'
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../json.ts'
import { cropped } from '../shrink-arrays.ts'
import type { GraphSpec, LayerSpec, ModelSpec, TrainingSpec } from './spec.ts'

export function* shrunkModels(spec: ModelSpec): Iterable<ModelSpec> {
  const { training, graph } = spec
  if (training !== null) yield { ...spec, training: null }
  if (training !== null) for (const simpler of shrunkTraining(training)) yield { ...spec, training: simpler }
  if (spec.policy !== null) yield { ...spec, policy: null }
  if (spec.batch !== null) yield { ...spec, batch: null }
  if (spec.sequential) yield { ...spec, sequential: false }
  if (spec.format === 'h5') yield { ...spec, format: 'keras' }
  // An earlier value as the output, where nothing is trained on the old one's shape.
  if (training === null) {
    for (const call of graph.calls)
      for (const ref of call.makes)
        if (graph.outputs.join() !== ref)
          yield {
            ...spec,
            graph: pruned({ ...graph, outputs: [ref] }),
            ...keptData(spec, pruned({ ...graph, outputs: [ref] })),
          }
  }
  for (const simpler of shrunkGraphs(graph)) yield { ...spec, graph: simpler, ...keptData(spec, simpler) }
  const samples = spec.data[0]?.shape[0] ?? 1
  for (const fewer of new Set([1, 2, Math.ceil(samples / 2)])) {
    if (fewer >= samples) continue
    const some = (array: ArrayJson): ArrayJson => cropped(array, 0, fewer)
    yield {
      ...spec,
      data: spec.data.map(some),
      training: training && {
        ...training,
        labels: training.labels.map(some),
        sample_weight: training.sample_weight && some(training.sample_weight),
      },
    }
  }
}

function* shrunkTraining(training: TrainingSpec): Iterable<TrainingSpec> {
  if (JSON.stringify(training.optimizer) !== '{"class_name":"SGD","config":{}}')
    yield { ...training, optimizer: { class_name: 'SGD', config: {} } }
  for (const config of withoutKeys(training.optimizer.config))
    yield { ...training, optimizer: { ...training.optimizer, config } }
  if (training.metrics.some((list) => list.length > 0))
    yield { ...training, metrics: training.metrics.map(() => []) }
  if (training.weighted_metrics.some((list) => list.length > 0))
    yield { ...training, weighted_metrics: training.weighted_metrics.map(() => []) }
  if (training.sample_weight !== null) yield { ...training, sample_weight: null }
  if (training.class_weight !== null) yield { ...training, class_weight: null }
  if (training.loss_weights !== null) yield { ...training, loss_weights: null }
}

function* withoutKeys(config: JsonObject): Iterable<JsonObject> {
  for (const key of Object.keys(config)) {
    const { [key]: value, ...rest } = config
    yield rest
    if (isJsonObject(value) && isJsonObject(value.config))
      for (const simpler of withoutKeys(value.config))
        yield { ...config, [key]: { ...value, config: simpler } }
  }
}

/** Graphs with a call skipped, a layer with an option fewer, a model within replaced by a smaller one. */
export function* shrunkGraphs(graph: GraphSpec): Iterable<GraphSpec> {
  for (const [i, call] of graph.calls.entries())
    for (const input of new Set(call.inputs)) {
      const [from] = call.makes
      const rename = (ref: string): string => (ref === from ? input : ref)
      yield pruned({
        ...graph,
        calls: graph.calls.toSpliced(i, 1).map((other) => ({
          ...other,
          inputs: other.inputs.map(rename),
          kwargs: renamed(other.kwargs, rename) as JsonObject,
        })),
        outputs: graph.outputs.map(rename),
      })
    }
  for (const [i, call] of graph.calls.entries())
    if (Object.keys(call.kwargs).length > 0)
      yield pruned({ ...graph, calls: graph.calls.with(i, { ...call, kwargs: {} }) })
  const layersWith = (i: number, layer: LayerSpec): GraphSpec => ({
    ...graph,
    layers: graph.layers.with(i, layer),
  })
  for (const [i, layer] of graph.layers.entries()) {
    for (const config of withoutKeys(layer.config)) yield layersWith(i, { ...layer, config })
    if (layer.graph !== null)
      for (const inner of shrunkGraphs(layer.graph)) yield layersWith(i, { ...layer, graph: inner })
  }
}

function renamed(value: Json, rename: (ref: string) => string): Json {
  if (isJsonList(value)) return value.map((item) => renamed(item, rename))
  if (!isJsonObject(value)) return value
  if (typeof value.ref === 'string') return { ref: rename(value.ref) }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, rename)]))
}

/** The references in further arguments of a call. */
export function refsIn(value: Json): string[] {
  if (isJsonList(value)) return value.flatMap(refsIn)
  if (!isJsonObject(value)) return []
  return typeof value.ref === 'string' ? [value.ref] : Object.values(value).flatMap(refsIn)
}

/** Without what the outputs do not need. */
export function pruned(graph: GraphSpec): GraphSpec {
  const needed = new Set(graph.outputs)
  const calls = graph.calls.toReversed().filter((call) => {
    if (!call.makes.some((ref) => needed.has(ref))) return false
    for (const ref of [...call.inputs, ...refsIn(call.kwargs)]) needed.add(ref)
    return true
  })
  const used = new Set(calls.map(({ layer }) => layer))
  return {
    ...graph,
    calls: calls.toReversed(),
    layers: graph.layers.filter(({ name }) => used.has(name)),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
  }
}

/** The data of the inputs that are left. */
const keptData = (spec: ModelSpec, graph: GraphSpec): Pick<ModelSpec, 'data'> => ({
  data: spec.data.filter((_, i) => graph.inputs.some(({ name }) => name === spec.graph.inputs[i]?.name)),
})
