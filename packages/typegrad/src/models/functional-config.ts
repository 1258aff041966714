import { FormatError } from '../base/errors.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import { deserializeLayer } from '../layers/deserialize.ts'
import { InputLayer } from '../layers/input.ts'
import type { Layer } from '../layers/layer.ts'
import type { Application, SymbolicTensor } from '../layers/symbolic.ts'

/** Keras's way to name a place: the layer, which of its uses, which of the use's outputs. */
type History = readonly [layer: string, use: number, index: number]

interface SavedTensor {
  readonly config: { readonly kerasHistory: History }
}

/** A layer of a saved functional model, with the places that its uses take. */
export interface SavedLayer extends SerializedObject {
  readonly name: string
  readonly inboundNodes: readonly { readonly args: readonly (SavedTensor | readonly SavedTensor[])[] }[]
}

interface SavedFunctional {
  readonly name?: string
  readonly layers: readonly SavedLayer[]
  readonly inputLayers: History | readonly History[]
  readonly outputLayers: History | readonly History[]
}

interface Graph {
  readonly inputs: readonly SymbolicTensor[]
  readonly outputs: readonly SymbolicTensor[]
  readonly order: readonly Application[]
}

/** Keras's vocabulary: layers with the uses of each, a use naming the layers and outputs that it takes. */
export function functionalConfig(
  model: { readonly name: string; readonly trainable: boolean; readonly listsOutputs: boolean },
  { inputs, outputs, order }: Graph,
): Record<string, unknown> {
  const uses = new Map<Layer, Application[]>()
  for (const application of order) {
    const list = uses.get(application.layer) ?? []
    list.push(application)
    uses.set(application.layer, list)
  }
  const history = ({ application, index }: SymbolicTensor): History => [
    application.layer.name,
    (uses.get(application.layer) ?? []).indexOf(application),
    index,
  ]
  const tensorConfig = (symbolic: SymbolicTensor) => ({
    className: '__keras_tensor__',
    config: { shape: symbolic.shape, dtype: symbolic.dtype, kerasHistory: history(symbolic) },
  })
  const ends = outputs.map(history)
  return {
    name: model.name,
    trainable: model.trainable,
    layers: [...uses].map(([layer, applications]) => ({
      ...serialize(layer),
      name: layer.name,
      inboundNodes: applications
        .filter((application) => application.inputs.length > 0)
        .map((application) => {
          const tensors = application.inputs.map(tensorConfig)
          return { args: application.listed ? [tensors] : tensors, kwargs: {} }
        }),
    })),
    inputLayers: inputs.map(history),
    outputLayers: model.listsOutputs ? ends : ends[0],
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
      const listed = Array.isArray(node.args[0])
      const wanted = (listed ? node.args[0] : node.args) as readonly SavedTensor[]
      const inputs = wanted.map((tensor) => find(tensor.config.kerasHistory))
      if (!inputs.every((input) => input !== undefined)) return true
      const layer = objects.get(saved.name) as Layer
      const outputs = layer.apply(listed ? inputs : (inputs[0] as SymbolicTensor)) as
        | SymbolicTensor
        | SymbolicTensor[]
      const uses = made.get(saved.name) ?? []
      uses[use] = Array.isArray(outputs) ? outputs : [outputs]
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
  const places = (list: History | readonly History[]) => (isHistory(list) ? place(list) : list.map(place))
  return {
    inputs: places(inputLayers),
    outputs: places(outputLayers),
    ...(name === undefined ? {} : { name }),
  }
}

const isHistory = (list: History | readonly History[]): list is History => typeof list[0] === 'string'

/** Uses of layers that wait for each other, or for what there is not. */
function unordered(
  model: string | undefined,
  rest: readonly { readonly saved: SavedLayer; readonly node: SavedLayer['inboundNodes'][number] }[],
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

const namesIn = ({ args }: SavedLayer['inboundNodes'][number]): string[] =>
  (args.flat() as readonly SavedTensor[]).map((tensor) => tensor.config.kerasHistory[0])

const broken = (model: string | undefined, layer: string | undefined): FormatError =>
  new FormatError({
    where: `config.json: '${model ?? 'Functional'}'`,
    expected: 'layers that can be put in an order',
    received: `'${layer}', one of whose inputs is missing`,
    fix: 'The file is damaged: save the model again.',
  })
