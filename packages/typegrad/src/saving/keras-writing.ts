import { FormatError } from '../base/errors.ts'
import { defaultPackage, packageOf } from '../base/registered.ts'
import { serialize, withSharedIds } from '../base/serialization.ts'
import type { Layer } from '../layers/base/layer.ts'
import { sharedLayers } from '../layers/base/sharing.ts'
import { withoutNames } from '../layers/base/sizes.ts'
import type { AnyModel } from '../models/model.ts'
import { checkWithoutAdapters, weightStateOf } from '../models/weight-state.ts'
import { MultiOptimizer } from '../optimizers/multi-optimizer.ts'
import { type SavedCall, shiftedEnds, writeCall } from './keras-calls.ts'
import { writeOperation } from './keras-operations.ts'
import { kerasOptions, kerasValue } from './keras-options.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const snakeKey = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(beta|epsilon)(\d)/, '$1_$2')

/** Where keys are names of inputs and outputs. */
const named = new Set(['loss', 'lossWeights', 'metrics', 'weightedMetrics', 'inputLayers', 'outputLayers'])
/** What Keras's layers do not take: the shape stands in the model, the mask in the call. */
const notInKeras = new Set(['inputShape', 'useCausalMask', 'queryOffset'])

function moduleOf(key: string, className: string): string {
  if (className === 'Sequential') return 'keras'
  if (className === 'Functional') return 'keras.src.models.functional'
  if (/Initializer$/.test(key)) return 'keras.initializers'
  if (/Regularizer$/.test(key)) return 'keras.regularizers'
  if (/Constraint$/.test(key)) return 'keras.constraints'
  if (/[oO]ptimizers?$/.test(key)) return 'keras.optimizers'
  if (key === 'learningRate') return 'keras.optimizers.schedules'
  if (key === 'loss') return 'keras.losses'
  if (/[mM]etrics$/.test(key)) return 'keras.metrics'
  return 'keras.layers'
}

/** Keras's words for a configuration of typegrad's. */
export function toKeras(value: unknown, key: string): unknown {
  if (value === 'legacyHardSigmoid' && /[aA]ctivation$/.test(key))
    throw new FormatError({
      where: 'save',
      expected: 'activations that Keras 3 has',
      received: 'legacyHardSigmoid, which is of Keras 2 and TensorFlow.js',
      fix: 'Save the model into a folder: that is the format of this library.',
    })
  if (Array.isArray(value)) return value.map((item) => toKeras(item, key))
  if (!isObject(value)) return kerasValue(value, snakeKey(key))
  const { className } = value
  if (typeof className !== 'string') {
    if (!named.has(key)) return plain(value)
    return Object.fromEntries(Object.entries(value).map(([output, item]) => [output, toKeras(item, key)]))
  }
  if (className === '__keras_tensor__') return plain(value)
  if (className === 'OnnxNetwork' || className === 'OnnxModel')
    throw new FormatError({
      where: 'save',
      expected: 'layers that Keras has',
      received: 'a network that onnxModel has read',
      fix: 'Save the model into a folder, which keeps it; or write the network by saveOnnx(path).',
    })
  if (value.module === 'ops') return writeOperation(value)
  const options = (value.config ?? {}) as Json
  const ends = 'inputLayers' in options ? shiftedEnds(options, 1) : options
  const { registeredName } = value
  const from = typeof registeredName === 'string' ? packageOf(registeredName) : undefined
  if (from !== undefined && /^Function(Loss|Metric)$/.test(className))
    return savedFunction(registeredName as string)
  const config = { ...kerasOptions(className, plain(ends), key), ...lambdaFunction(className, options) }
  const nodes = value.inboundNodes
  return {
    module: from ?? moduleOf(key, className),
    class_name: className,
    config,
    registered_name: from !== undefined ? registeredName : className === 'Functional' ? 'Functional' : null,
    ...(value.sharedObjectId === undefined ? {} : { shared_object_id: value.sharedObjectId }),
    ...(value.name === undefined ? {} : { name: value.name }),
    ...(Array.isArray(nodes)
      ? { inbound_nodes: nodes.map((node) => writeCall(node as SavedCall, className, options)) }
      : {}),
  }
}

/** A function by its name, as Keras writes one that is registered. */
const savedFunction = (name: string): Json => ({
  module: 'builtins',
  class_name: 'function',
  config: packageOf(name) === undefined ? `${defaultPackage}>${name}` : name,
  registered_name: 'function',
})

const lambdaFunction = (className: string, options: Json): Json =>
  className === 'Lambda' && typeof options.function === 'string'
    ? { function: savedFunction(options.function) }
    : {}

const plain = (config: Json): Json =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !notInKeras.has(key))
      // Keras's open sizes have no names.
      .map(([key, item]) => [
        snakeKey(key),
        toKeras(key === 'batchShape' && Array.isArray(item) ? withoutNames(item) : item, key),
      ]),
  )

/** The configuration of a model as `config.json` of a `.keras` file has it. */
export function kerasConfig(model: AnyModel): Json {
  checkWithoutAdapters(model)
  const weightState = weightStateOf(model)
  const saved = toKeras(
    withSharedIds(sharedLayers(model as unknown as Layer), () => serialize(model)),
    '',
  ) as Json
  addBuildShapes(saved, model)
  const shapes = model.modelInputs.map((port) => port.shape)
  return {
    ...saved,
    build_config: { input_shape: shapes.length === 1 ? shapes[0] : shapes },
    compile_config: model.isCompiled ? kerasCompileConfig(model) : {},
    // Beside what Keras reads, which knows layers that are frozen and no single weights.
    ...(weightState === undefined ? {} : { weight_state: weightState }),
  }
}

/** A sequence of layers is built for the shape that is written beside them. */
function addBuildShapes(saved: Json, model: AnyModel): void {
  const config = saved.config as Json
  if (saved.class_name === 'Sequential') config.build_input_shape = model.modelInputs[0]?.shape ?? null
  const inner = Array.isArray(config.layers) ? (config.layers as Json[]) : []
  for (const layer of inner) {
    const name = (layer.config as Json | undefined)?.name
    const found = model.sublayers.find((one) => one.name === name)
    if (found !== undefined && 'modelInputs' in found) addBuildShapes(layer, found as unknown as AnyModel)
  }
}

/**
 * What `compile` was told, in Keras's words.
 *
 * @throws FormatError for several optimizers: their patterns are of other names of weights there, so that they would
 * mean other weights.
 */
export function kerasCompileConfig(model: AnyModel): Json {
  if (model.optimizer instanceof MultiOptimizer)
    throw new FormatError({
      where: 'save',
      expected: 'a model whose weights have one optimizer',
      received: `${model.optimizer.className}, whose patterns would mean other weights in Keras`,
      fix: 'Save the model into a folder, or its weights alone: saveWeights.',
    })
  const written = plain(model.compiled('save').getConfig())
  for (const key of ['metrics', 'weighted_metrics']) {
    const lists = written[key]
    if (Array.isArray(lists) && lists.length === 1) written[key] = lists[0]
  }
  return {
    ...written,
    optimizer: toKeras(serialize(model.optimizer), 'optimizer'),
    run_eagerly: false,
    steps_per_execution: 1,
  }
}
