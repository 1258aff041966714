import { FormatError } from '../base/errors.ts'
import { nameInPackage, packageOf } from '../base/registered.ts'
import { fromKerasKeys } from '../formats/keras-config.ts'
import { withFirstUses } from './keras-2.ts'
import { readCall, shiftedEnds } from './keras-calls.ts'
import { isKerasOperation, readOperation } from './keras-operations.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Options that typegrad's layers do not have: a file that has them on would compute something else. */
const mustBeOff = ['renorm', 'rms_scaling', 'quantization_config', 'sparse', 'ragged'] as const
/** Keras's, without meaning here. */
const meaningless = [
  ...mustBeOff,
  'unroll',
  'optional',
  'synchronized',
  'build_input_shape',
  'module',
  'batch_input_shape',
  'attention_axes',
  'renorm_clipping',
  'renorm_momentum',
  'run_eagerly',
  // Of lookups: that of strings is always one, and the others follow from the vocabulary.
  'encoding',
  'vocabulary_dtype',
  'vocabulary_size',
  // Keras 2's.
  'input_length',
  'implementation',
  'time_major',
]
/** Layers that have another name here; TensorFlow's own ones of Keras's FeatureSpace are what all have. */
const otherNames = new Map([
  ['GroupedQueryAttention', 'GroupQueryAttention'],
  ['TFDConcat', 'Concatenate'],
  ['TFDIdentity', 'Identity'],
])
/** What null says in options where it is a choice, and not the absence of one: in those that are true by default, false. */
const nullMeans = new Map<string, unknown>([
  ...['merge_mode', 'class_aggregation', 'reduction', 'window', 'scaling'].map(
    (name) => [name, null] as const,
  ),
  ...['use_bias', 'unit_forget_bias', 'reset_after', 'center', 'scale', 'tie_weights'].map(
    (name) => [name, false] as const,
  ),
])
/** Where keys are names of inputs and outputs. */
const named = new Set([
  'loss',
  'loss_weights',
  'metrics',
  'weighted_metrics',
  'input_layers',
  'output_layers',
])

/**
 * typegrad's configuration of what Keras has described: `{ className, config }` with camel case, without what has
 * no meaning here.
 *
 * @throws FormatError for code in the file, and for options that typegrad cannot follow.
 */
export function fromKeras(value: unknown, where: string, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => fromKeras(item, where))
  if (!isObject(value)) return value
  const className = value.class_name
  if (typeof className === 'string') return object(className, value, where)
  if (named.has(key))
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, fromKeras(item, where, name)]),
    )
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const told = item === null ? nullMeans.get(name) : item
      return told === undefined || meaningless.includes(name)
        ? []
        : [[camelKey(name), fromKeras(told, where, name)]]
    }),
  )
}

const camelKey = (name: string): string => Object.keys(fromKerasKeys({ [name]: 0 }) as object)[0] ?? name

function object(className: string, value: Json, where: string): unknown {
  const inner = `${where}: '${String((value.config as Json | null)?.name ?? value.name ?? className)}'`
  if (isKerasOperation(value)) return readOperation(value, inner)
  if (className === '__lambda__' || (className === 'Lambda' && !isNamedFunction(value)))
    throw new FormatError({
      where: inner,
      expected: 'layers, and no code',
      received: `${className}: Python code in the file, which is never run`,
      fix: "Write the computation as a layer of its own, register it (register('layer', …)), and save the model with it.",
    })
  if (className === 'MultiOptimizer')
    throw new FormatError({
      where: inner,
      expected: 'a model whose weights have one optimizer',
      received: 'MultiOptimizer, whose patterns are of other names of weights in Keras',
      fix: 'Load it with compile: false, and compile it with optimizers.multiOptimizer.',
    })
  if (className === 'function') return packageNameIn(value) ?? value.config ?? value.registered_name
  if (className === 'DTypePolicy') return dtypeName((value.config as Json).name, inner)
  if (className === '__keras_tensor__' || className === '__tensor__') return fromKerasKeys(value)
  if (/^keras\.(src\.)?ops/.test(String(value.module)))
    throw new FormatError({
      where: inner,
      expected: 'operations in the graph of a functional model alone',
      received: `the operation ${className} among the options of a layer, which is not supported`,
      fix: 'Use a layer.',
    })
  const config = isObject(value.config) ? value.config : {}
  for (const option of mustBeOff) {
    const set = config[option]
    if (set === undefined || set === null || set === false) continue
    throw new FormatError({
      where: inner,
      expected: `no ${option}`,
      received: `${option}: ${JSON.stringify(set)}`,
    })
  }
  const isFunctional = className === 'Functional' || className === 'Model'
  const isModel = isFunctional || className === 'Sequential'
  const isOlder = isFunctional && hasOlderCalls(config)
  const read = fromKeras(isOlder ? withFirstUses(config) : config, where) as Json
  const options = isFunctional && !isOlder ? shiftedEnds(read, -1) : read
  const isText = className === 'InputLayer' && options.dtype === 'string'
  if (typeof options.dtype === 'string' && !isText) options.dtype = dtypeName(options.dtype, inner)
  // A model's own dtype says nothing: its layers have theirs.
  if (isModel) delete options.dtype
  const legacyShape = config.batch_input_shape
  if (Array.isArray(legacyShape)) {
    if (className === 'InputLayer') options.batchShape = legacyShape
    else options.inputShape = legacyShape.slice(1)
  }
  const nodes = value.inbound_nodes
  const registeredName = packageNameIn(value)
  return {
    className: className === 'Model' ? 'Functional' : (otherNames.get(className) ?? nameInPackage(className)),
    ...(registeredName === undefined ? {} : { registeredName }),
    config: options,
    ...(typeof value.shared_object_id === 'number' ? { sharedObjectId: value.shared_object_id } : {}),
    ...(value.name === undefined ? {} : { name: value.name }),
    ...(Array.isArray(nodes) ? { inboundNodes: nodes.map((node) => readCall(node, className, inner)) } : {}),
    ...(isObject(value.build_config) ? { buildConfig: fromKerasKeys(value.build_config) } : {}),
    ...(isObject(value.compile_config) && 'optimizer' in value.compile_config
      ? { compileConfig: compileConfig(value.compile_config, where) }
      : {}),
    ...(isObject(value.weight_state) ? { weightState: { frozen: value.weight_state.frozen } } : {}),
  }
}

/** `package>Name` of what is registered; the older format has it in the class's place. Keras's own has no such name. */
function packageNameIn({
  class_name: className,
  registered_name: registered,
  module,
}: Json): string | undefined {
  if (/^keras\b/.test(String(module))) return undefined
  return [registered, className].find(
    (name): name is string => typeof name === 'string' && packageOf(name) !== undefined,
  )
}

/** Whether a Lambda's function is one by name, which its program has registered, and no code. */
function isNamedFunction({ config }: Json): boolean {
  const told = isObject(config) ? config.function : undefined
  return isObject(told) && told.class_name === 'function'
}

/** Whether a functional model's calls are lists, as Keras 2 wrote them. */
const hasOlderCalls = ({ layers }: Json): boolean =>
  Array.isArray(layers) &&
  layers.some(
    (layer) =>
      isObject(layer) && Array.isArray(layer.inbound_nodes) && layer.inbound_nodes.some(Array.isArray),
  )

/** Policies whose layers compute in half precision: here they compute in single. */
const halves = new Set(['mixed_float16', 'mixed_bfloat16', 'bfloat16'])
const told = new Set<string>()

function dtypeName(name: unknown, where: string): string {
  if (name === 'float32' || name === 'float64' || name === 'float16' || name === 'bool') return name
  if (name === 'int32' || name === 'int64' || name === 'uint8' || name === 'uint32') return name
  if (typeof name === 'string' && halves.has(name)) {
    const [file = where] = where.split(': ')
    if (!told.has(file)) console.warn(`typegrad: ${file}: layers of ${name} compute in float32 here.`)
    told.add(file)
    return 'float32'
  }
  throw new FormatError({
    where,
    expected: 'one dtype for weights and computation, such as float32',
    received: `${String(name)}, which is not supported`,
    fix: "In Keras, set the layers' dtype to 'float32' and save the model again.",
  })
}

/** Loss, metrics and optimizer in the words of `compile`. */
export const compileConfig = (config: Json, where: string): Json => fromKeras(config, where) as Json
