import { FormatError } from '../base/errors.ts'
import { flat, packed, structureOf } from '../base/structured.ts'
import { fromKerasKeys, toKerasKeys } from '../formats/keras-config.ts'
import { isLibraryLayer } from '../layers/base/deserialize.ts'

/** How Keras writes the calls of layers in a functional model, and how they stand in a configuration here. */

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A call in a configuration of typegrad's: its inputs, one or a list of them, and its options. */
export interface SavedCall {
  readonly args: readonly unknown[]
  readonly kwargs: Json
}

const headed = [
  'query',
  'value',
  'key',
  'query_mask',
  'value_mask',
  'key_mask',
  'attention_mask',
  'return_attention_scores',
  'training',
  'use_causal_mask',
]
const scored = ['inputs', 'mask', 'training', 'return_attention_scores', 'use_causal_mask']
const recurrent = ['sequences', 'initial_state', 'mask', 'training']

/** What Keras calls the arguments of layers that take several by position. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  MultiHeadAttention: headed,
  GroupQueryAttention: headed,
  GroupedQueryAttention: headed,
  Attention: scored,
  AdditiveAttention: scored,
  RNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  Bidirectional: recurrent,
  ConvLSTM1D: recurrent,
  ConvLSTM2D: recurrent,
  ConvLSTM3D: recurrent,
}

/** Options of calls that typegrad's layers take, in Keras's words. */
const known = new Set([...headed.slice(3), ...recurrent.slice(1), 'mask'])

/** Models, and the library's layers: others may take what they like. */
const isKnownClass = (className: string): boolean =>
  isLibraryLayer(className) || /^(Functional|Model|Sequential|GroupedQueryAttention)$/.test(className)

/**
 * A call that Keras has written.
 *
 * @throws FormatError for arguments that a layer of the library's does not take.
 */
export function readCall(node: unknown, className: string, where: string): SavedCall {
  const isForeign = !isKnownClass(className)
  const [args, kwargs] = Array.isArray(node) ? olderCall(node) : [(node as Json).args, (node as Json).kwargs]
  const positional = Array.isArray(args) ? (args as unknown[]) : []
  const signature = signatures[className]
  const named: Json = { ...(isObject(kwargs) ? kwargs : {}) }
  for (const [i, name] of (signature ?? []).entries()) named[name] ??= positional[i]
  const take = (name: string): unknown => {
    const found = named[name]
    delete named[name]
    return found ?? undefined
  }
  const inputs =
    signature === headed ? ['query', 'value', 'key'].map(take) : [take(signature?.[0] ?? 'inputs')]
  const given = (signature === undefined && positional.length > 0 ? positional : inputs).filter(
    (item) => item !== null && item !== undefined,
  )
  if (isObject(node) && !isTold(node, 'training')) delete named.training
  const { initial_state: initialState } = named
  const losesMask = isObject(node) && signature === recurrent && initialState != null && !isTold(node, 'mask')
  if (isNamed(named.mask)) named.mask = inOrder(named.mask)
  const { mask } = named
  // Keras writes a list without masks where the inputs have none.
  if (Array.isArray(mask) && mask.every((one) => one === null)) delete named.mask
  const odd = Object.entries(named).find(
    ([name, value]) => !isForeign && !known.has(name) && value != null && value !== false,
  )
  if (odd !== undefined)
    throw new FormatError({
      where,
      expected: 'a layer called with tensors, and options that it has here',
      received: `the argument ${odd[0]}: ${JSON.stringify(odd[1]).slice(0, 80)}`,
      fix: 'Call it with inputs alone, and save the model again.',
    })
  const options = Object.entries(named).filter(
    ([name, value]) => value != null && (isForeign || known.has(name)),
  )
  const tensors = given.flatMap(inOrder).map((item) => fromKerasKeys(item))
  const listed = Array.isArray(given[0]) || tensors.length > 1
  const found = fromKerasKeys(Object.fromEntries(options)) as Json
  return {
    args: listed ? [tensors] : tensors,
    kwargs: losesMask ? { ...found, mask: found.mask ?? null } : found,
  }
}

/**
 * What a call was told by its author. Keras 3 writes the default of a layer's `call` for `training` (False for Dropout and
 * its like) as if it had been given, and lets the model's own win when it fits and predicts. And it does not hand the mask
 * of a sequence to a recurrent layer that is given an initial state (`Layer.__call__` does that for calls of one tensor
 * alone), so that its models have learned without. Files of typegrad say beside the arguments, where Keras does not look,
 * what was meant.
 */
const isTold = (node: Json, what: 'training' | 'mask'): boolean =>
  Array.isArray(node.told) && node.told.includes(what)

/** Tensors by name, as a model takes them whose inputs have names. */
const isNamed = (value: unknown): value is Json => isObject(value) && !('class_name' in value)

/** Tensors as a list: those by name in the names' order. */
const inOrder = (value: unknown): unknown[] => (isNamed(value) ? [...flat(value)] : [value].flat())

/** Keras 2: [[layer, use, output, arguments], …]. */
function olderCall(node: readonly unknown[]): [unknown, unknown] {
  const places = (typeof node[0] === 'string' ? [node] : node) as unknown as [string, number, number, Json?][]
  const tensors = places.map(([layer, use, index]) => ({
    class_name: '__keras_tensor__',
    config: { keras_history: [layer, use, index] },
  }))
  return [tensors.length === 1 ? tensors : [tensors], places[0]?.[3]]
}

/** Whether a place of a mask says which steps there are (batch, time), rather than which keys each query may see. */
const isOfSteps = (mask: unknown): boolean =>
  ((mask as { config?: { shape?: readonly unknown[] } }).config?.shape ?? []).length === 2

/**
 * A call as Keras writes it: lists that Keras takes as several arguments are taken apart.
 *
 * @param config the layer's options, of which Keras takes some with each call.
 * @throws FormatError for what a call of Keras's layer cannot say.
 */
export function writeCall(call: SavedCall, className: string, config: Json): Json {
  const written = writtenArguments(call, className, config)
  const { kwargs } = call
  const hasMask = signatures[className] === recurrent && 'initialState' in kwargs && kwargs.mask !== null
  const told = [...('training' in kwargs ? ['training'] : []), ...(hasMask ? ['mask'] : [])]
  return told.length > 0 ? { ...written, told } : written
}

function writtenArguments({ args, kwargs }: SavedCall, className: string, config: Json): Json {
  const signature = signatures[className]
  const { queryOffset = config.queryOffset ?? 0, ...told } = kwargs
  if (queryOffset !== 0 && isKnownClass(className))
    throw new FormatError({
      where: `save: '${String(config.name)}'`,
      expected: 'attention whose first query stands at the first key, which is what Keras knows',
      received: `queryOffset: ${JSON.stringify(queryOffset)}`,
      fix: 'Save the model into a folder: that is the format of this library.',
    })
  const options: Json = toKerasKeys(isKnownClass(className) ? told : kwargs) as Json
  if (config.useCausalMask === true) options.use_causal_mask ??= true
  // A model whose inputs have names takes them by name.
  const names = isObject(config.inputLayers) ? structureOf(config.inputLayers) : undefined
  if (names !== undefined) {
    const places = toKerasKeys(args.flat()) as unknown[]
    return { args: [packed(names, places)], kwargs: options }
  }
  const list = Array.isArray(args[0]) ? (toKerasKeys(args[0]) as unknown[]) : undefined
  if (list === undefined) return { args: toKerasKeys(args), kwargs: options }
  if (signature === headed) {
    const [query, value, key, mask] = list
    if (key !== undefined) options.key = key
    if (mask !== undefined) options[isOfSteps(mask) ? 'value_mask' : 'attention_mask'] ??= mask
    return { args: [query, value ?? query], kwargs: options }
  }
  if (signature === scored) {
    const { query_mask: queryMask, value_mask: valueMask, ...rest } = options
    const mask = list[3] !== undefined && isOfSteps(list[3]) ? list[3] : undefined
    const odd = ['attention_mask', 'key_mask'].find((name) => name in rest)
    if (odd !== undefined || (list[3] !== undefined && mask === undefined) || (mask && valueMask))
      throw new FormatError({
        where: `save: '${String(config.name)}'`,
        expected: `masks of the queries and of the values, which is what ${className} takes in Keras`,
        received: odd ?? 'another mask',
        fix: 'Save the model into a folder: that is the format of this library.',
      })
    const masks = [queryMask ?? null, valueMask ?? mask ?? null]
    const isMasked = masks.some((one) => one !== null)
    return { args: [list.slice(0, 3)], kwargs: { ...rest, ...(isMasked ? { mask: masks } : {}) } }
  }
  if (signature === recurrent && list.length > 1)
    return { args: [list[0]], kwargs: { ...options, initial_state: list.slice(1) } }
  return { args: [list], kwargs: options }
}

type History = readonly [layer: string, use: number, index: number]

const isHistory = (value: unknown): value is History =>
  Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number'

/**
 * The places of a functional model's inputs and outputs, where Keras counts the uses of functional models within it
 * from 1: they have one of their own from the start. (The arguments of calls are counted from 0.)
 *
 * @param by −1 for what Keras has written, 1 for what it will read.
 */
export function shiftedEnds(config: Json, by: 1 | -1): Json {
  const layers = Array.isArray(config.layers) ? (config.layers as Json[]) : []
  const nested = new Set(
    layers
      .filter((layer) => isObject(layer.config) && 'inputLayers' in layer.config)
      .map((layer) => layer.name ?? (layer.config as Json).name),
  )
  const shift = (value: unknown): unknown => {
    if (isHistory(value)) return nested.has(value[0]) ? [value[0], value[1] + by, value[2]] : value
    if (Array.isArray(value)) return value.map(shift)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shift(item)]))
  }
  return { ...config, inputLayers: shift(config.inputLayers), outputLayers: shift(config.outputLayers) }
}
