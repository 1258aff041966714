import { type Hdf5Attribute, type Hdf5Value, writeHdf5 } from '../formats/hdf5.ts'
import { pythonJson } from '../formats/python-json.ts'
import type { Layer } from '../layers/base/layer.ts'
import { InputLayer } from '../layers/core/input.ts'
import { settleConstants } from '../layers/operations/constants.ts'
import type { AnyModel } from '../models/model.ts'
import { Sequential } from '../models/sequential.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Variable } from '../tensor/variable.ts'
import { checkBuilt } from './built.ts'
import { distinctNames } from './distinct-names.ts'
import { datasetsOf, kerasVersion } from './keras-datasets.ts'
import { olderOrder, ownWeightsGroup } from './keras-h5.ts'
import { kerasCompileConfig, kerasConfig } from './keras-writing.ts'
import { optimizerToSave } from './saved-optimizer.ts'

/** What an object's header may hold; a longer list of names goes on in attributes with numbers. */
const headerLimit = 64512

/** Writes the bytes of a whole model in Keras's older format; see `writeKerasH5`. */
export async function kerasH5Bytes(model: AnyModel): Promise<Uint8Array> {
  checkBuilt(model)
  await settleConstants(model.constants)
  const optimizer = model.isCompiled ? optimizerToSave(model, { isForAll: true }) : undefined
  const { class_name, config, weight_state } = kerasConfig(model)
  const attributes = new Map<string, Readonly<Record<string, Hdf5Attribute>>>()
  const made = { keras_version: kerasVersion, backend: 'jax' }
  attributes.set('', {
    ...made,
    model_config: pythonJson({ class_name, config, ...(weight_state === undefined ? {} : { weight_state }) }),
    ...(model.isCompiled ? { training_config: pythonJson(trainingConfig(model)) } : {}),
  })
  const isSequence = (model as unknown) instanceof Sequential
  const layers = model.layers.filter((layer) => !(isSequence && (layer as unknown) instanceof InputLayer))
  attributes.set('model_weights', {
    ...made,
    ...list(
      'layer_names',
      layers.map((layer) => layer.name),
    ),
  })
  const variables = new Map<string, Variable>()
  const group = (path: string, names: readonly string[], weights: readonly Variable[]): void => {
    attributes.set(path, list('weight_names', names))
    for (const [i, weight] of weights.entries()) variables.set(`${path}/${names[i]}`, weight)
  }
  for (const layer of layers) {
    const paths = weightPaths(layer as unknown as Layer)
    const weights = olderOrder(layer as unknown as Layer)
    group(
      `model_weights/${layer.name}`,
      weights.map((weight) => paths.get(weight) as string),
      weights,
    )
  }
  // Those that a class of models made for itself.
  const { ownWeights } = model as unknown as Layer
  group(ownWeightsGroup('model_weights'), distinctNames(ownWeights), ownWeights)
  // Keras 3 cannot go on training a file of this format that has such a state, not even its own: it builds the optimizer
  // for no weights. Before the first step there is nothing to keep; a wrapper counts its steps elsewhere.
  if (optimizer && (isWrapper(optimizer) || (await optimizer.iterations.value.item()) > 0)) {
    const slots = optimizer.variables
    const names = distinctNames(slots).map((name) => `${optimizer.name}/${name.replaceAll('/', '_')}`)
    group('optimizer_weights', names, slots)
  }
  const datasets: ReadonlyMap<string, Hdf5Value> = await datasetsOf(variables)
  return await writeHdf5({ datasets, attributes })
}

const isWrapper = ({ innerOptimizers }: Optimizer): boolean => innerOptimizers.length > 0

/** Short names of losses, which Keras 3's reader of this format does not understand. */
const losses: Readonly<Record<string, string>> = {
  bce: 'binary_crossentropy',
  kld: 'kl_divergence',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  mse: 'mean_squared_error',
  msle: 'mean_squared_logarithmic_error',
}

/** One loss, a list of them, or one for each output by name. */
function spelledOut(loss: unknown): unknown {
  if (typeof loss === 'string') return losses[loss] ?? loss
  if (Array.isArray(loss)) return loss.map(spelledOut)
  if (typeof loss !== 'object' || loss === null || 'class_name' in loss) return loss
  return Object.fromEntries(Object.entries(loss).map(([output, one]) => [output, spelledOut(one)]))
}

/** The optimizer stands under another name than in `.keras` files. */
function trainingConfig(model: AnyModel): Record<string, unknown> {
  const { optimizer, loss, ...config } = kerasCompileConfig(model)
  const { class_name, config: options, registered_name } = optimizer as Record<string, unknown>
  const optimizer_config = { class_name: registered_name ?? class_name, config: options }
  return { ...config, loss: spelledOut(loss), optimizer_config }
}

/** Names of a layer's weights by the layers around each, as Keras makes its paths. */
function weightPaths(layer: Layer): ReadonlyMap<Variable, string> {
  const paths = new Map<Variable, string>()
  const taken = new Set<string>()
  const visit = (at: Layer, path: string): void => {
    // A weight that a layer around has in a field of its own, too, is the inner one's.
    for (const child of at.sublayers) visit(child, `${path}/${child.name}`)
    for (const weight of at.ownWeights) {
      if (paths.has(weight)) continue
      const name = `${path}${weight.name.slice(at.name.length)}`
      let free = name
      for (let i = 1; taken.has(free); i++) free = `${name}_${i}`
      taken.add(free)
      paths.set(weight, free)
    }
  }
  visit(layer, layer.name)
  return paths
}

/** A list of names in as many attributes as it takes. */
function list(key: string, names: readonly string[]): Record<string, readonly string[]> {
  const width = Math.max(1, ...names.map((name) => new TextEncoder().encode(name).length))
  const each = Math.max(1, Math.floor(headerLimit / width))
  if (names.length <= each) return { [key]: names }
  const parts = Array.from({ length: Math.ceil(names.length / each) }, (_, i) =>
    names.slice(i * each, (i + 1) * each),
  )
  return Object.fromEntries(parts.map((part, i) => [`${key}${i}`, part]))
}
