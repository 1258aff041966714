import { FormatError } from '../base/errors.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isModel = (className: unknown): boolean =>
  className === 'Sequential' || className === 'Functional' || className === 'Model'

/**
 * A configuration of Keras 2, which TensorFlow.js has kept, in the words of Keras 3: what has another name or another
 * meaning there. Lists of uses and `batch_input_shape` stay, for `fromKeras` knows them.
 *
 * @throws FormatError for batches in time's place.
 */
export function fromKeras2(value: unknown, where: string): unknown {
  if (Array.isArray(value)) return value.map((item) => fromKeras2(item, where))
  if (!isObject(value)) return value
  const { class_name: className } = value
  if (typeof className !== 'string') return modernized(value, where)
  const given = value.config
  // The oldest sequences are lists of layers.
  const config = className === 'Sequential' && Array.isArray(given) ? { layers: given } : given
  if (/^(Policy|DTypePolicy)$/.test(className)) return isObject(config) ? config.name : value
  const renamed = isObject(config) ? renamedOptions(className, config, where) : config
  const shifted = isModel(className) && isObject(renamed) ? withFirstUses(renamed) : renamed
  return { ...value, config: fromKeras2(shifted, where) }
}

/** Activations by name: what Keras 3 calls `hard_sigmoid` is another line. */
const modernized = (config: Json, where: string): Json =>
  Object.fromEntries(
    Object.entries(config).map(([key, item]) => [
      key,
      /activation$/.test(key) && (item === 'hard_sigmoid' || item === 'hardSigmoid')
        ? 'legacy_hard_sigmoid'
        : fromKeras2(item, where),
    ]),
  )

function renamedOptions(className: string, config: Json, where: string): Json {
  const { alpha, axis, cells, ...rest } = config
  if (config.time_major === true)
    throw new FormatError({
      where: `${where}: '${String(config.name ?? className)}'`,
      expected: 'batches in front of steps',
      received: 'time_major: true',
    })
  if (className === 'LeakyReLU' && alpha !== undefined)
    return { ...config, alpha: null, negative_slope: alpha }
  if (className === 'BatchNormalization' && Array.isArray(axis) && axis.length === 1)
    return { ...config, axis: axis[0] }
  // TensorFlow.js takes the cells of a stack as options of the layer.
  if (className === 'RNN' && Array.isArray(cells))
    return { ...rest, cell: config.cell ?? { class_name: 'StackedRNNCells', config: { cells } } }
  return config
}

type Place = readonly [layer: string, use: number, index: number, ...rest: unknown[]]

const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number'

/**
 * A model inside of another one that was made from an input has been used once already, when it was made: its uses
 * in the outer one are counted from 1. Here they are from 0.
 */
export function withFirstUses(config: Json): Json {
  const layers = Array.isArray(config.layers) ? (config.layers as unknown[]).filter(isObject) : []
  const nested = new Set(layers.filter(({ class_name }) => isModel(class_name)).map(({ name }) => name))
  const parts = [layers.map(({ inbound_nodes }) => inbound_nodes), config.output_layers, config.input_layers]
  const first = new Map<string, number>()
  const note = (value: unknown): void => {
    if (isPlace(value)) first.set(value[0], Math.min(first.get(value[0]) ?? value[1], value[1]))
    else if (Array.isArray(value)) for (const item of value) note(item)
  }
  note(parts)
  const shift = (value: unknown): unknown => {
    if (isPlace(value) && nested.has(value[0]))
      return [value[0], value[1] - (first.get(value[0]) ?? 0), ...value.slice(2)]
    return Array.isArray(value) ? value.map(shift) : value
  }
  return {
    ...config,
    ...(Array.isArray(config.layers)
      ? {
          layers: config.layers.map((layer) =>
            isObject(layer) && 'inbound_nodes' in layer
              ? { ...layer, inbound_nodes: shift(layer.inbound_nodes) }
              : layer,
          ),
        }
      : {}),
    ...('output_layers' in config ? { output_layers: shift(config.output_layers) } : {}),
  }
}
