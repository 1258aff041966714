import { FormatError } from '../base/errors.ts'
import { isSerialized, type SerializedObject } from '../base/serialization.ts'
import { fromKerasKeys } from '../formats/keras-config.ts'
import { deserializeLayer, registerLayer } from '../layers/deserialize.ts'
import { InputLayer } from '../layers/input.ts'
import type { Layer } from '../layers/layer.ts'
import type { SymbolicShape, SymbolicTensor } from '../layers/symbolic.ts'
import type { CompileOptions } from './compile-options.ts'
import { Functional } from './functional.ts'
import type { Model } from './model.ts'
import { readFolder, restore } from './save.ts'
import { Sequential } from './sequential.ts'

export interface LoadOptions {
  /** Whether the optimizer, loss and metrics are made again too. Default true. */
  readonly compile?: boolean
}

/**
 * Reads a model that `model.save(folder)` wrote, ready to predict and, if it was compiled, to train on
 * exactly where it stopped.
 *
 * @throws FormatError for a folder that is damaged, incomplete or of a newer version; UnknownNameError for a
 * layer that nobody has registered.
 * @example
 * const classifier = await loadModel('runs/mnist/model')
 */
export async function loadModel(folder: string, { compile = true }: LoadOptions = {}): Promise<Model> {
  const saved = await readFolder(folder)
  const config = fromKerasKeys(saved.config) as Record<string, unknown>
  if (!isSerialized(config)) {
    throw new FormatError({
      where: `${folder}/config.json`,
      expected: 'a class_name and a config',
      received: 'neither',
    })
  }
  const model = deserializeLayer(config) as unknown as Model
  const build = config as unknown as { buildConfig?: { inputShape?: SymbolicShape | null } }
  const shape = build.buildConfig?.inputShape
  if (!model.built && shape != null) model.ensureBuilt(shape)
  const options = (config as unknown as { compileConfig?: Record<string, unknown> | null }).compileConfig
  if (compile && options != null) model.compile(compileOptions(options))
  restore(model, model.isCompiled ? saved : { ...saved, optimizer: undefined })
  return model
}

/** The saved names and configurations are identifiers that `compile` takes. */
function compileOptions({ optimizer, loss, lossWeights, metrics }: Record<string, unknown>): CompileOptions {
  return {
    optimizer: optimizer as NonNullable<CompileOptions['optimizer']>,
    ...(loss == null ? {} : { loss: loss as NonNullable<CompileOptions['loss']> }),
    ...(lossWeights == null
      ? {}
      : { lossWeights: lossWeights as NonNullable<CompileOptions['lossWeights']> }),
    ...(metrics == null ? {} : { metrics: metrics as NonNullable<CompileOptions['metrics']> }),
  }
}

registerLayer('Sequential', (config) => {
  const { layers, ...options } = config as { layers: SerializedObject[]; name?: string }
  return new Sequential(layers.map(deserializeLayer), options) as unknown as Layer
})

interface SavedTensor {
  readonly config: { readonly kerasHistory: readonly [layer: string, use: number, index: number] }
}

interface SavedLayer extends SerializedObject {
  readonly name: string
  readonly inboundNodes: readonly { readonly args: readonly (SavedTensor | readonly SavedTensor[])[] }[]
}

registerLayer('Functional', (config) => {
  const { layers, inputLayers, outputLayers, name } = config as unknown as {
    layers: readonly SavedLayer[]
    inputLayers: readonly [string, number, number][]
    outputLayers: readonly [string, number, number][]
    name?: string
  }
  // Outputs of each use of each layer, filled in as their inputs become known.
  const made = new Map<string, SymbolicTensor[][]>()
  const objects = new Map(layers.map((saved) => [saved.name, deserializeLayer(saved)]))
  const find = ([layer, use, index]: readonly [string, number, number]) => made.get(layer)?.[use]?.[index]
  let open = layers.flatMap((saved) => saved.inboundNodes.map((node, use) => ({ saved, node, use })))
  for (const saved of layers) {
    if (saved.inboundNodes.length > 0) continue
    const source: unknown = objects.get(saved.name)
    if (source instanceof InputLayer) made.set(saved.name, [[source.tensor()]])
  }
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
    if (rest.length === open.length) {
      throw new FormatError({
        where: `config.json: '${name ?? 'Functional'}'`,
        expected: 'layers that can be put in an order',
        received: `a cycle, or an input that is missing, at '${rest[0]?.saved.name}'`,
      })
    }
    open = rest
  }
  const ends = (list: readonly (readonly [string, number, number])[]) =>
    list.map((history) => find(history) as SymbolicTensor)
  return new Functional({
    inputs: ends(inputLayers),
    outputs: ends(outputLayers),
    ...(name === undefined ? {} : { name }),
  }) as unknown as Layer
})
