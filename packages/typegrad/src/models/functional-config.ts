import { FormatError, StateError } from '../base/errors.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { flat, packed, type Structure, type Structured, structureOf } from '../base/structured.ts'
import { type CallOptions, mapLeaves } from '../layers/base/call-options.ts'
import { deserializeLayer } from '../layers/base/deserialize.ts'
import { type Layer, layerOf } from '../layers/base/layer.ts'
import { type Application, SymbolicTensor } from '../layers/base/symbolic.ts'
import { dtypeNameOf } from '../layers/base/text-place.ts'
import { InputLayer } from '../layers/core/input.ts'
import { constantOf, isConstant, savedConstant } from '../layers/operations/constants.ts'
import { Tensor } from '../tensor/tensor.ts'

/** Keras's way to name a place: the layer, which of its uses, which of the use's outputs. */
type History = readonly [layer: string, use: number, index: number]

interface SavedTensor {
  readonly config: { readonly kerasHistory: History }
}

/** A layer of a saved functional model, with the places that its uses take. */
export interface SavedLayer extends SerializedObject {
  readonly name: string
  readonly inboundNodes: readonly SavedCall[]
}

/** One call of a layer: its inputs, and its options with places in the stead of tensors. */
interface SavedCall {
  readonly args: readonly (SavedTensor | readonly SavedTensor[])[]
  readonly kwargs?: Readonly<Record<string, unknown>>
}

interface SavedFunctional {
  readonly name?: string
  readonly layers: readonly SavedLayer[]
  readonly inputLayers: Structured<History>
  readonly outputLayers: Structured<History>
}

interface Graph {
  readonly inputs: readonly SymbolicTensor[]
  readonly outputs: readonly SymbolicTensor[]
  readonly order: readonly Application[]
}

/** Keras's vocabulary: layers with the uses of each, a use naming the layers and outputs that it takes. */
export function functionalConfig(
  model: { readonly name: string; readonly trainable: boolean },
  { inputs, outputs, order }: Graph,
  structures: { readonly inputs: Structure; readonly outputs: Structure },
): Record<string, unknown> {
  const uses = new Map<Layer, Application[]>()
  for (const application of order) {
    const list = uses.get(layerOf(application)) ?? []
    list.push(application)
    uses.set(layerOf(application), list)
  }
  const history = ({ application, index }: SymbolicTensor): History => [
    application.layer.name,
    (uses.get(layerOf(application)) ?? []).indexOf(application),
    index,
  ]
  const tensorConfig = (symbolic: SymbolicTensor) => ({
    className: '__keras_tensor__',
    config: { shape: symbolic.shape, dtype: dtypeNameOf(symbolic), kerasHistory: history(symbolic) },
  })
  return {
    name: model.name,
    trainable: model.trainable,
    layers: [...uses].map(([layer, applications]) => ({
      ...serialize(layer),
      name: layer.name,
      inboundNodes: applications
        .filter((application) => application.inputs.length > 0)
        .map((application) => {
          const { inputs: taken, arity, listed, options } = application
          const tensors = taken.slice(0, arity).map(tensorConfig)
          const kwargs = mapLeaves(options, (leaf) => {
            if (leaf instanceof SymbolicTensor) return tensorConfig(leaf)
            if (leaf instanceof Tensor) return savedConstant(leaf)
            if (leaf instanceof Object) throw unsaved(layer.name, leaf)
            return leaf
          })
          return { args: listed ? [tensors] : tensors, kwargs }
        }),
    })),
    // Inputs are a list even of one.
    inputLayers: packed(structures.inputs === 'one' ? 'list' : structures.inputs, inputs.map(history)),
    outputLayers: packed(structures.outputs, outputs.map(history)),
  }
}

/**
 * What makes the model again that a configuration describes.
 *
 * @param make makes each layer; default from its configuration.
 * @throws FormatError for layers that cannot be put in an order.
 */
export function functionalOptions(
  config: Record<string, unknown>,
  make: (saved: SavedLayer) => Layer = deserializeLayer,
) {
  const { layers, inputLayers, outputLayers, name } = config as unknown as SavedFunctional
  // Outputs of each use of each layer, filled in as their inputs become known.
  const made = new Map<string, SymbolicTensor[][]>()
  const objects = new Map(layers.map((saved) => [saved.name, make(saved)]))
  const find = ([layer, use, index]: History) => made.get(layer)?.[use]?.[index]
  for (const saved of layers) {
    const layer: unknown = objects.get(saved.name)
    if (saved.inboundNodes.length === 0 && layer instanceof InputLayer)
      made.set(saved.name, [[layer.tensor()]])
  }
  let open = layers.flatMap((saved) => saved.inboundNodes.map((node, use) => ({ saved, node, use })))
  while (open.length > 0) {
    const rest = open.filter(({ saved, node, use }) => {
      const wanted = placesIn(node)
      const found = new Map(wanted.map((place) => [place, find(place.config.kerasHistory)]))
      const inputs = wanted.slice(0, node.args.flat().length).map((place) => found.get(place))
      if ([...found.values()].includes(undefined)) return true
      const layer = objects.get(saved.name) as Layer
      const options = placesReplaced(node.kwargs ?? {}, (place) => found.get(place)) as CallOptions
      const outputs = layer.apply(
        (Array.isArray(node.args[0]) ? inputs : inputs[0]) as SymbolicTensor,
        options,
      ) as Structured<SymbolicTensor>
      const uses = made.get(saved.name) ?? []
      uses[use] = [...flat(outputs)]
      made.set(saved.name, uses)
      return false
    })
    if (rest.length === open.length) throw unordered(name, rest)
    open = rest
  }
  const place = (history: History): SymbolicTensor => {
    const found = find(history)
    if (found === undefined) throw broken(name, history[0])
    return found
  }
  const places = (ends: Structured<History>): Structured<SymbolicTensor> => {
    if (isHistory(ends)) return place(ends)
    return packed(structureOf(ends), flat(ends as Exclude<typeof ends, History>).map(place))
  }
  return {
    inputs: places(inputLayers),
    outputs: places(outputLayers),
    ...(name === undefined ? {} : { name }),
  }
}

const isHistory = (ends: Structured<History>): ends is History =>
  Array.isArray(ends) && typeof ends[0] === 'string'

/** Uses of layers that wait for each other, or for what there is not. */
function unordered(
  model: string | undefined,
  rest: readonly { readonly saved: SavedLayer; readonly node: SavedCall }[],
): FormatError {
  const waiting = new Map(rest.map(({ saved, node }) => [saved.name, namesIn(node)]))
  const path: string[] = []
  let at = rest[0]?.saved.name as string
  // Whatever waits, waits for a layer that waits as well, or for one that is nowhere.
  while (!path.includes(at)) {
    path.push(at)
    const next = waiting.get(at)?.find((name) => waiting.has(name))
    if (next === undefined) return broken(model, at)
    at = next
  }
  const around = [...path.slice(path.indexOf(at)), at].reverse()
  return new FormatError({
    where: `config.json: '${model ?? 'Functional'}'`,
    expected: 'layers without a cycle',
    received: around.map((name) => `'${name}'`).join(' → '),
    fix: 'The file is damaged: save the model again.',
  })
}

const namesIn = (call: SavedCall): string[] => placesIn(call).map((place) => place.config.kerasHistory[0])

const isPlace = (value: unknown): value is SavedTensor =>
  typeof value === 'object' &&
  value !== null &&
  (value as { readonly className?: unknown }).className === '__keras_tensor__'

/** The tensors that a call takes: its inputs, then those among its options. */
function placesIn({ args, kwargs }: SavedCall): SavedTensor[] {
  const places = [...(args.flat() as readonly SavedTensor[])]
  placesReplaced(kwargs ?? {}, (place) => places.push(place))
  return places
}

/** Options with something in the stead of each place, and with their constants. */
function placesReplaced(value: unknown, replace: (place: SavedTensor) => unknown): unknown {
  if (isPlace(value)) return replace(value)
  if (isConstant(value)) return constantOf(value)
  if (value instanceof Tensor) return value
  if (Array.isArray(value)) return value.map((item) => placesReplaced(item, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placesReplaced(item, replace)]))
}

const unsaved = (layer: string, option: object): StateError =>
  new StateError({
    where: `save: '${layer}'`,
    expected: 'calls whose options are numbers, texts, booleans, tensors and symbolic tensors',
    received: option.constructor.name,
    fix: 'Give the model an input for it, or keep it in a field of the layer.',
  })

const broken = (model: string | undefined, layer: string | undefined): FormatError =>
  new FormatError({
    where: `config.json: '${model ?? 'Functional'}'`,
    expected: 'layers that can be put in an order',
    received: `'${layer}', one of whose inputs is missing`,
    fix: 'The file is damaged: save the model again.',
  })
