import { ArgumentError, FormatError } from '../base/errors.ts'
import { fromKerasKeys, toKerasKeys } from '../formats/keras-config.ts'
import { isWholeFloat } from '../formats/python-json.ts'
import { isLibraryLayer } from '../layers/base/deserialize.ts'
import { nonFinite } from '../layers/operations/constants.ts'
import { isSlice, wholeAxis } from '../layers/operations/get-item.ts'
import type { Row } from '../layers/operations/row.ts'
import { isOperationName, operations } from '../layers/operations/table.ts'
import type { SavedCall } from './keras-calls.ts'

/** How Keras writes the operations of a functional model, and how they stand in a configuration here. */

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Whether an object of a functional model is an operation. Whole models in HDF5 name no modules: there it is what
 * has calls, and no `trainable`, which every layer has.
 */
export function isKerasOperation(value: Json): boolean {
  if (!Array.isArray(value.inbound_nodes)) return false
  const { module, class_name: className, config } = value
  if (typeof module === 'string') return /^keras\.(src\.)?(ops|activations)\b/.test(module)
  const options = isObject(config) ? config : {}
  if ('trainable' in options || className === 'InputLayer') return false
  if (typeof className !== 'string' || 'layers' in options) return false
  return isOperationName(className) || !isLibraryLayer(className)
}

/**
 * An operation that Keras has written.
 *
 * @throws FormatError for one that is not supported, by its name.
 */
export function readOperation(value: Json, where: string): Json {
  const className = String(value.class_name)
  if (!isOperationName(className)) throw unsupported(where, `the operation ${className}`)
  const { takes }: Row = operations[className]
  return {
    className,
    module: 'ops',
    config: fromKerasKeys(isObject(value.config) ? value.config : {}),
    ...(value.name === undefined ? {} : { name: value.name }),
    inboundNodes: (value.inbound_nodes as unknown[]).map((node) => readCall(node, takes, className, where)),
  }
}

function readCall(node: unknown, takes: readonly string[], className: string, where: string): SavedCall {
  const { args, kwargs } = isObject(node) ? node : ({} as Json)
  const named = isObject(kwargs) ? { ...kwargs } : {}
  const given = Array.isArray(args) ? [...(args as unknown[])] : []
  for (const [i, name] of takes.entries()) {
    if (!(name in named)) continue
    given[i] ??= named[name]
    delete named[name]
  }
  const odd = Object.keys(named).find((name) => named[name] != null && named[name] !== false)
  if (odd !== undefined) throw unsupported(where, `${className} with the argument ${odd}`)
  const last = given.findLastIndex((item) => item != null)
  const isWhole = given.flat().every((item) => !isObject(item) || isWholeFloat(item) || isOfIntegers(item))
  const list = Array.from({ length: last + 1 }, (_, i) => {
    const item = given[i]
    if (!isWholeFloat(item)) return readArgument(item, where)
    return isWhole
      ? { className: '__tensor__', config: { value: item.config, dtype: 'float32' } }
      : item.config
  })
  return { args: [[]], kwargs: { args: list } }
}

/** Whether a place or a constant has whole numbers: beside them a float of Python's makes float32. */
const isOfIntegers = ({ config }: Json): boolean =>
  isObject(config) && /^(?:u?int|bool)/.test(String(config.dtype))

/** An argument of a call: places and constants, lists of them, and keys of slices. */
function readArgument(value: unknown, where: string): unknown {
  if (Array.isArray(value)) return value.map((item) => readArgument(item, where))
  if (!isObject(value)) return nonFinite(value ?? null)
  const { class_name: className, config } = value
  if (className === '__keras_tensor__') return fromKerasKeys(value)
  if (className === '__tensor__' || className === '__numpy__') return { className: '__tensor__', config }
  if (className === '__ellipsis__') return '...'
  if (className === '__slice__') return config
  throw unsupported(where, `an argument of the class ${String(className)}`)
}

/** An operation as Keras writes it. */
export function writeOperation(value: Json): Json {
  const className = String(value.className)
  if (!isOperationName(className))
    throw new ArgumentError({ where: 'save', expected: 'operations of the table', received: className })
  const { module }: Row = operations[className]
  const nodes = (value.inboundNodes ?? []) as readonly SavedCall[]
  return {
    module: `keras.src.${module}`,
    class_name: className,
    config: toKerasKeys(value.config),
    registered_name: className,
    name: value.name,
    inbound_nodes: nodes.map(({ kwargs }) => ({
      args: withoutEllipsis((kwargs.args ?? []) as unknown[]).map(writeArgument),
      kwargs: {},
    })),
  }
}

/** Keys with as many whole axes as an ellipsis stands for: Keras's reader of HDF5 does not know it. */
function withoutEllipsis(args: readonly unknown[]): readonly unknown[] {
  const [x, key, ...rest] = args
  const { shape } = ((x as Json | null)?.config ?? {}) as { readonly shape?: readonly unknown[] }
  if (!Array.isArray(key) || !key.includes('...') || shape === undefined) return args
  const taken = key.filter((one) => one !== null && one !== '...').length
  const whole = Array.from({ length: shape.length - taken }, () => wholeAxis)
  return [x, key.flatMap((one) => (one === '...' ? whole : [one as unknown])), ...rest]
}

function writeArgument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(writeArgument)
  if (value === '...') return { class_name: '__ellipsis__', config: {} }
  if (isSlice(value)) return { class_name: '__slice__', config: value }
  return isObject(value) ? toKerasKeys(value) : value
}

const unsupported = (where: string, what: string): FormatError =>
  new FormatError({
    where,
    expected: 'operations that are supported here',
    received: `${what}, which is not supported`,
    fix: "Put it into a layer of your own, registered in Keras and here (register('layer', …)), and save the model again.",
  })
