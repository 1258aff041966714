/**
 * `importing/`: files of ONNX as models of typegrad. It knows `onnx/` (the bytes), operations, models and how they are saved;
 * `operators/` has what each operator becomes.
 */
import type { DType } from '../base/dtype.ts'
import { ArgumentError, FormatError } from '../base/errors.ts'
import { nearestName } from '../base/nearest-name.ts'
import { anything, checked, checkPath, either, list, optionsOf, string } from '../base/options.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import type { Structured } from '../base/structured.ts'
import { deserializeLayer, registerLayer } from '../layers/base/deserialize.ts'
import type { AnyLayer } from '../layers/base/layer.ts'
import type { NamedShape } from '../layers/base/sizes.ts'
import type { SymbolicTensor } from '../layers/base/symbolic.ts'
import type { WeightFilter } from '../layers/base/weight-paths.ts'
import { input } from '../layers/core/input.ts'
import { settleConstants } from '../layers/operations/constants.ts'
import { Functional } from '../models/functional.ts'
import type { ModelInput, Predicted, Prediction } from '../models/model.ts'
import type { Port } from '../models/port.ts'
import type { FileTensor, FileValue, OnnxFile } from '../onnx/file.ts'
import { readOnnxFile } from '../onnx/read-file.ts'
import { exportFunction } from '../saving/export-function.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type CompiledFunction, compile } from '../transforms/compile.ts'
import { importedDType } from './elements.ts'
import { isRead } from './needed-nodes.ts'
import { OnnxNetwork } from './network.ts'
import type { OnnxInput, OnnxOutput } from './network-parts.ts'
import { externalFrom, externalTensors, OnnxSource } from './source.ts'
import { traced } from './traced.ts'

export interface OnnxModelOptions {
  /**
   * Which weights training changes: `'none'`, `'all'`, or those whose names fit patterns or a function, as `weightsWhere` takes
   * them. Others can be let go later: `net.unfreeze('head.*')`. Default `'none'`.
   */
  readonly trainable?: 'none' | 'all' | WeightFilter
  /**
   * Shapes of inputs in the place of those that the file declares, the batch in front: null or a name is an open size,
   * and `'batch'` along another axis is the batch's (`state: [2, 'batch', 128]`). Default: the file's.
   */
  readonly inputShapes?: Readonly<Record<string, NamedShape>>
  /** Values of inputs that are the same in every call, such as a sampling rate; the model does not take them any more. Default none. */
  readonly constants?: Readonly<Record<string, TensorLike>>
  /** Names of tensors or nodes, where the model ends. Default: the graph's outputs. */
  readonly outputs?: string | readonly string[]
  /** Files that tensors are kept in, by their paths from the model's, for a model that is given as bytes. Default none. */
  readonly externalData?: Readonly<Record<string, Uint8Array>>
}

const onnxModelChecks = optionsOf<OnnxModelOptions>()({
  trainable: anything,
  inputShapes: anything,
  constants: anything,
  outputs: either(string, list),
  externalData: anything,
})

/** A tensor of the file that is a weight of the network. */
export interface OnnxInitializer {
  readonly name: string
  readonly shape: readonly number[]
  /** In the file; the variable has float32 for half precision. */
  readonly type: string
  /** Whether training changes it at the moment. */
  readonly trainable: boolean
  /** Operators that read it. */
  readonly usedBy: readonly string[]
}

/**
 * A network of a file of ONNX as a model: its inputs, outputs and weights have the names of the file, and it predicts, trains, is
 * frozen and adapted like any other. Made by {@link onnxModel}.
 */
export class OnnxModel<out P extends Prediction = Predicted> extends Functional<P> {
  override readonly className = 'OnnxModel'
  readonly network: OnnxNetwork
  readonly #run: CompiledFunction<[readonly Tensor[]], readonly Tensor[]>

  constructor(network: OnnxNetwork, options: { readonly name?: string } = {}) {
    super({ ...placesOf(network), ...options })
    this.network = network
    this.#run = compile((inputs: readonly Tensor[]) => this.network.all(inputs), { packsWeights: true })
  }

  /** The network alone: its weights' paths are their names. */
  override get listedLayers() {
    return []
  }

  override get modelInputs(): readonly ModelInput[] {
    const { inputs } = this.network.parts
    return super.modelInputs.map((place, i) => ({ ...place, name: inputs[i]?.name ?? place.name }))
  }

  override get modelOutputs(): readonly Port[] {
    const [first] = this.network.parts.outputs
    const places = super.modelOutputs
    return places.length === 1 && first !== undefined
      ? places.map((place) => ({ ...place, name: first.name }))
      : places
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, trainable: this.trainable, network: serialize(this.network) }
  }

  /** The weights, with what the file says of them, in the order in which the graph reads them. */
  initializers(): readonly OnnxInitializer[] {
    return this.network.parts.weights.map(({ name, tensor, variable, usedBy }) => ({
      name,
      shape: variable.shape,
      type: tensor.type,
      trainable: variable.trainable,
      usedBy,
    }))
  }

  /**
   * Runs the graph once on inputs as they are, whatever their first axes mean: states, scalars, and inputs of different batches,
   * which `predict` would cut into batches.
   *
   * @param inputs by name.
   * @returns the outputs by name.
   * @throws ArgumentError for a name that is none, or one that is missing.
   * @example
   * const { output, stateN } = await net.run({ input: samples, state })
   */
  async run(inputs: Readonly<Record<string, TensorLike>>): Promise<Readonly<Record<string, Tensor>>> {
    const { inputs: declared, outputs } = this.network.parts
    const names = declared.map(({ name }) => name)
    const unknown = Object.keys(inputs).find((name) => !names.includes(name))
    const missing = names.filter((name) => !Object.hasOwn(inputs, name))
    if (unknown !== undefined || missing.length > 0) {
      throw new ArgumentError({
        where: `${this.name}.run`,
        expected: `the inputs ${names.map((name) => `'${name}'`).join(', ')}`,
        received: unknown === undefined ? `none for '${missing.join("', '")}'` : `'${unknown}'`,
      })
    }
    const given = declared.map(({ name, dtype }) => {
      const value = asTensor(inputs[name] as TensorLike, dtype)
      return value.dtype === dtype ? value : value.cast(dtype)
    })
    const results = await this.#run(given)
    return Object.fromEntries(outputs.map(({ name }, i) => [name, results[i] as Tensor]))
  }

  /**
   * The part of the network up to some tensors: a body for a head of one's own. It has the same weights, not copies of them: what
   * is trained, frozen or adapted in one is so in the other.
   *
   * @param options.outputs names of tensors, or of nodes (whose first output is meant).
   * @throws ArgumentError for a name that is none, with the nearest one.
   * @example
   * const body = net.cut({ outputs: '/encoder/pooled' })
   * const classifier = sequential([body, layers.dense({ units: 3, activation: 'softmax' })])
   */
  cut<Q extends Prediction = Predicted>({
    outputs,
  }: {
    readonly outputs: string | readonly string[]
  }): OnnxModel<Q> {
    const { source, inputs, constants } = this.network.parts
    const ends = [outputs].flat().map((name) => endOf(source.file, name))
    return modelOf<Q>(source, inputs, constants, ends)
  }

  /**
   * The network with its weights as they are now, as a file of ONNX with the inputs and outputs that it had; sizes that were open
   * are open. Adapters are a part of the weights there.
   */
  override async toOnnx(): Promise<Uint8Array> {
    const { inputs, outputs } = this.network.parts
    return await exportFunction({
      inputs: Object.fromEntries(inputs.map(({ name, dtype, shape }) => [name, { dtype, shape }])),
      weights: this.weights,
      call: (given) => {
        const made = this.network.all(inputs.map(({ name }) => given[name] as Tensor))
        return Object.fromEntries(outputs.map(({ name }, i) => [name, made[i] as Tensor]))
      },
    })
  }

  /**
   * Writes what `toOnnx` gives into a file. An older one stays whole until the new one is. Node only.
   *
   * @example
   * await net.saveOnnx('models/tuned.onnx')
   */
  async saveOnnx(path: string): Promise<void> {
    checkPath('saveOnnx', path)
    const { writeFileAtomically } = await import('../formats/files.node.ts')
    await writeFileAtomically(path, [await this.toOnnx()])
  }
}

/**
 * Inputs and outputs of a network as places of a functional model. Several inputs are a list, in the order of the file, as every
 * runtime of ONNX has them; a dictionary's would be that of the alphabet. Several outputs go by their names.
 */
function placesOf(network: OnnxNetwork): {
  inputs: Structured<SymbolicTensor>
  outputs: Structured<SymbolicTensor>
} {
  const { inputs, outputs } = network.parts
  const places = inputs.map(({ dtype, shape }) =>
    // A size that is the batch's along another axis is no name of its own.
    input({ batchShape: shape.map((size) => (size === 'batch' ? null : size)), dtype }),
  )
  const made = [network.apply(places)].flat()
  return {
    inputs: places.length === 1 ? (places[0] as SymbolicTensor) : places,
    outputs: outputs.length === 1 ? (made[0] as SymbolicTensor) : named(outputs, made),
  }
}

const named = (
  ports: readonly { readonly name: string }[],
  places: readonly SymbolicTensor[],
): Readonly<Record<string, SymbolicTensor>> =>
  Object.fromEntries(ports.map(({ name }, i) => [name, places[i] as SymbolicTensor]))

/**
 * Reads a file of ONNX back into a model that can be trained: whatever PyTorch, Keras, scikit-learn or another framework exported.
 *
 * Its weights are the initializers (and constants of several floats) under their own names, frozen unless `trainable` says
 * otherwise. Half precision becomes float32. Batch normalization goes by the averages of the file, in training too, and what the
 * exporter left out, such as dropout, is not there.
 *
 * It is saved by `save(folder)`, alone or within another model, with its graph, what it has learnt, and what is frozen or adapted;
 * `loadModel` gives it back without the file. Keras's formats have no words for it. `saveOnnx` writes the network alone.
 *
 * A model of several outputs predicts an object of them by their names: `onnxModel<Record<string, Tensor>>(file)`.
 *
 * @param source a path (Node), or the file's bytes.
 * @throws FormatError for a damaged file, external data that is missing or leads out of the model's folder, and operators that
 * are not known: all of them with how often they occur, before anything runs. ArgumentError for names that the graph does not have.
 * @example
 * const net = await onnxModel('model.onnx')
 * const body = net.cut({ outputs: 'pooled' })
 * const classifier = sequential([body, layers.dense({ units: 3, activation: 'softmax' })])
 * classifier.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
 * await classifier.fit(x, y)
 */
export async function onnxModel<P extends Prediction = Predicted>(
  source: string | Uint8Array,
  options: OnnxModelOptions = {},
): Promise<OnnxModel<P>> {
  const {
    trainable = 'none',
    inputShapes = {},
    constants = {},
    outputs,
    externalData,
  } = checked('onnxModel', options, onnxModelChecks)
  const file = readOnnxFile(typeof source === 'string' ? await bytesOf(source) : source)
  const external = await externalOf(source, externalTensors(file), externalData)
  const inputs = inputsOf(file, inputShapes, Object.keys(constants))
  const ends =
    outputs === undefined
      ? file.graph.outputs.map(declaredOutput)
      : [outputs].flat().map((name) => endOf(file, name))
  const fixed = constantsOf(file, constants)
  await settleConstants([...fixed.values()])
  const net = modelOf<P>(new OnnxSource(file, external), inputs, fixed, ends)
  if (trainable === 'all' || net.weights.length === 0) return net
  net.freeze()
  if (trainable !== 'none') net.unfreeze(trainable)
  return net
}

async function bytesOf(path: string): Promise<Uint8Array> {
  checkPath('onnxModel', path)
  const { readBytes } = await import('../formats/files.node.ts')
  return await readBytes(path)
}

async function externalOf(
  source: string | Uint8Array,
  tensors: readonly FileTensor[],
  files: Readonly<Record<string, Uint8Array>> | undefined,
): Promise<ReadonlyMap<FileTensor, Uint8Array>> {
  if (tensors.length === 0) return new Map()
  if (typeof source !== 'string' || files !== undefined) return externalFrom(tensors, files ?? {})
  const { readExternalParts } = await import('../formats/onnx-external.node.ts')
  const parts = tensors.flatMap(({ name, content }) =>
    content.kind === 'external' ? [{ name, ...content }] : [],
  )
  const bytes = await readExternalParts(source, parts)
  return new Map(tensors.map((tensor, i) => [tensor, bytes[i] as Uint8Array]))
}

/** What a graph takes: old files list initializers among their inputs. */
const takenBy = ({ graph }: OnnxFile): readonly FileValue[] => {
  const own = new Set(graph.initializers.map(({ name }) => name))
  return graph.inputs.filter(({ name }) => !own.has(name))
}

function inputsOf(
  file: OnnxFile,
  shapes: Readonly<Record<string, NamedShape>>,
  fixed: readonly string[],
): readonly OnnxInput[] {
  const taken = takenBy(file)
  const names = taken.map(({ name }) => name)
  for (const [option, given] of [
    ['inputShapes', Object.keys(shapes)],
    ['constants', fixed],
  ] as const) {
    const unknown = given.find((name) => !names.includes(name))
    if (unknown !== undefined)
      throw noSuchName(`onnxModel: ${option}`, 'an input of the graph', unknown, names)
  }
  const left = taken.filter(({ name }) => !fixed.includes(name))
  const batch = left.flatMap(({ shape }) => (typeof shape?.[0] === 'string' ? [shape[0]] : []))[0]
  return left.map((value) => {
    const { name, kind, type } = value
    const dtype = kind === 'tensor' ? importedDType(type) : undefined
    const shape = shapes[name] ?? value.shape
    if (dtype === undefined || shape === undefined) {
      throw new FormatError({
        where: `onnxModel: input '${name}'`,
        expected: 'a tensor of numbers whose number of axes is known',
        received:
          kind !== 'tensor' ? `a ${kind}` : dtype === undefined ? `elements of ${type}` : 'one of any shape',
        ...(dtype !== undefined && { fix: `Give its shape: inputShapes: { '${name}': [null, …] }.` }),
      })
    }
    return { name, dtype, shape: shape.map((size, axis) => openSize(size, axis, batch)) }
  })
}

/** Names of sizes as models here have them. */
function openSize(
  size: number | string | null,
  axis: number,
  batch: string | undefined,
): number | string | null {
  if (typeof size !== 'string') return size
  if (axis === 0) return null
  if (size === batch || size === 'batch') return 'batch'
  const letters = size.replace(/\W/g, '_')
  return /^[A-Za-z_]/.test(letters) ? letters : `_${letters}`
}

function constantsOf(
  file: OnnxFile,
  values: Readonly<Record<string, TensorLike>>,
): ReadonlyMap<string, Tensor> {
  const taken = takenBy(file)
  return new Map(
    Object.entries(values).map(([name, value]) => {
      const declared = taken.find((one) => one.name === name)
      const dtype: DType = (declared && importedDType(declared.type)) ?? 'float32'
      const tensor = asTensor(value, dtype)
      return [name, tensor.dtype === dtype ? tensor : tensor.cast(dtype)]
    }),
  )
}

const declaredOutput = ({ name, kind, type }: FileValue): OnnxOutput => {
  const dtype = kind === 'tensor' ? importedDType(type) : undefined
  if (dtype !== undefined) return { name, dtype }
  throw new FormatError({
    where: `onnxModel: output '${name}'`,
    expected: 'a tensor of numbers',
    received: kind === 'tensor' ? `elements of ${type}` : `a ${kind}`,
    fix: "Name the outputs that you want: onnxModel(file, { outputs: ['probabilities'] }).",
  })
}

/** A tensor by its name, or the first output of a node by its. */
function endOf(file: OnnxFile, name: string): OnnxOutput {
  const declared = file.graph.outputs.find((output) => output.name === name)
  if (declared !== undefined) return declaredOutput(declared)
  const { nodes } = file.graph
  const node = nodes.find(({ outputs }) => outputs.includes(name)) ?? nodes.find((one) => one.name === name)
  if (node === undefined) {
    const names = nodes.flatMap(({ name: own, outputs }) => [...outputs, own]).filter((one) => one !== '')
    throw noSuchName('onnxModel: outputs', 'a tensor or a node of the graph', name, names)
  }
  const end = node.outputs.includes(name) ? name : (node.outputs[0] as string)
  return { name: end, dtype: undefined }
}

function noSuchName(where: string, expected: string, name: string, names: readonly string[]): ArgumentError {
  const near = nearestName(name, names)
  return new ArgumentError({
    where,
    expected,
    received: `'${name}'`,
    fix:
      near === undefined
        ? `There are ${names
            .slice(0, 8)
            .map((one) => `'${one}'`)
            .join(', ')}${names.length > 8 ? ', …' : ''}.`
        : `Did you mean '${near}'?`,
  })
}

function modelOf<P extends Prediction>(
  source: OnnxSource,
  inputs: readonly OnnxInput[],
  constants: ReadonlyMap<string, Tensor>,
  outputs: readonly OnnxOutput[],
): OnnxModel<P> {
  const names = outputs.map(({ name }) => name)
  const taken = inputs.filter(({ name }) => isRead(source.file.graph, name, names))
  const { sizes, read } = traced(source, taken, constants, outputs)
  const weights = source.makeWeights(read)
  return new OnnxModel<P>(new OnnxNetwork({ source, inputs: taken, outputs, constants, weights, sizes }))
}

registerLayer('OnnxModel', ({ name, network }) => {
  const made = deserializeLayer(network as SerializedObject)
  if (made instanceof OnnxNetwork) return new OnnxModel(made, { name: name as string }) as unknown as AnyLayer
  throw new FormatError({
    where: `'${name}'`,
    expected: 'an OnnxNetwork within an OnnxModel',
    received: made.className,
    fix: 'The file is damaged: save the model again.',
  })
})
