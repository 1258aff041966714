import { isFloating } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { sameShape, sizeOf } from '../base/shape.ts'
import { makeNode } from '../graph/node.ts'
import { sharedPart } from '../layers/base/sharing.ts'
import type { FileContent, FileTensor, FileType, OnnxFile } from '../onnx/file.ts'
import { readOnnxFile } from '../onnx/read-file.ts'
import { encodeOnnxFile } from '../onnx/write-file.ts'
import { fromData, Tensor } from '../tensor/tensor.ts'
import { Variable } from '../tensor/variable.ts'
import { type Elements, elementsOf, storedBytes } from './elements.ts'
import type { TensorPool, Use } from './interpreter.ts'
import { namesRead, neededNodes } from './needed-nodes.ts'
import { settingInputs } from './operators/resize.ts'

/** A tensor of the file that a network reads as a weight. */
export interface FileWeight {
  /** The initializer's, or the name of what a `Constant` node gives. */
  readonly name: string
  readonly tensor: FileTensor
  readonly variable: Variable
  /** Whether training may change it, frozen or not. */
  readonly isLearnt: boolean
  /** Operators that read it. */
  readonly usedBy: readonly string[]
}

/** A weight of a saved network. */
export interface SavedWeight extends Pick<FileWeight, 'name' | 'isLearnt'> {
  /** The same for weights of several networks that are one. */
  readonly shared?: number
}

/** In the place of a weight's elements, which stand with the other weights of the model. */
const leftOut: FileContent = { kind: 'external', location: 'weights', offset: 0, length: undefined }

/** Elements up to which a constant is a part of the graph, where its value is seen by every pass. */
const small = 64

/**
 * A file with what is made of its tensors: read once, whatever is traced and cut, so that parts of a network share their weights.
 */
export class OnnxSource {
  readonly file: OnnxFile
  /** Bytes of tensors that are in other files. */
  readonly #external: ReadonlyMap<FileTensor, Uint8Array>
  readonly #constants = new Map<FileTensor, Tensor>()
  readonly #weights = new Map<FileTensor, FileWeight>()
  readonly #types = new WeakMap<Tensor, FileType>()

  constructor(file: OnnxFile, external: ReadonlyMap<FileTensor, Uint8Array>) {
    this.file = file
    this.#external = external
  }

  /** All tensors as constants, with every use of each. */
  readingPool(uses: Map<FileTensor, ReadTensor>): TensorPool {
    const origins = new Map<Tensor, ReadTensor>()
    return {
      ...this.#typing(),
      tensorOf: (tensor, name) => {
        const made = this.#constantOf(tensor, name)
        const read = uses.get(tensor) ?? { name, isNamed: tensor.name !== '', uses: [] }
        uses.set(tensor, read)
        origins.set(made, read)
        return made
      },
      noteUse: (tensor, use) => {
        origins.get(tensor)?.uses.push(use)
      },
    }
  }

  /** Weights as variables, all else as constants. */
  get pool(): TensorPool {
    return {
      ...this.#typing(),
      tensorOf: (tensor, name) => this.#weights.get(tensor)?.variable.value ?? this.#constantOf(tensor, name),
    }
  }

  /**
   * The file as a network keeps it: what its outputs need, with the elements of its weights left out.
   *
   * @returns bytes for `fromKept`.
   */
  kept(outputs: readonly string[]): Uint8Array {
    const { graph } = this.file
    const nodes = neededNodes(graph.nodes, outputs)
    const read = new Set([...outputs, ...nodes.flatMap(namesRead)])
    const file = {
      ...this.file,
      graph: { ...graph, nodes, initializers: graph.initializers.filter(({ name }) => read.has(name)) },
    }
    return encodeOnnxFile(file, (tensor) => {
      if (this.#weights.has(tensor)) return leftOut
      const bytes = this.#external.get(tensor)
      return bytes === undefined ? tensor.content : { kind: 'bytes', bytes }
    })
  }

  /** A source of the same file, whose weights are its own, as the file has them. */
  copy(): OnnxSource {
    return new OnnxSource(this.file, this.#external)
  }

  /** What `kept` gave, with zeros in the place of weights. @throws FormatError for damaged bytes. */
  static fromKept(bytes: Uint8Array): OnnxSource {
    const file = readOnnxFile(bytes)
    const zeros = externalTensors(file).map(
      (tensor) => [tensor, new Uint8Array(storedBytes(tensor.type, tensor.shape))] as const,
    )
    return new OnnxSource(file, new Map(zeros))
  }

  /**
   * Makes variables of those of the tensors that are weights.
   *
   * @param saved the weights that a saved network had, in the order of their reading.
   * @throws FormatError where the network has others.
   */
  makeWeights(
    read: ReadonlyMap<FileTensor, ReadTensor>,
    saved?: readonly SavedWeight[],
  ): readonly FileWeight[] {
    if (saved !== undefined) return this.#savedWeights(read, saved)
    const taken = new Set([...this.#weights.values()].map(({ name }) => name))
    const found: FileWeight[] = []
    for (const [tensor, of] of read) {
      const known = this.#weights.get(tensor)
      if (known === undefined && !isWeight(tensor, of, this.#constantOf(tensor, of.name))) continue
      const weight = known ?? this.#makeWeight(tensor, of, taken)
      this.#weights.set(tensor, weight)
      found.push(weight)
    }
    return found
  }

  #savedWeights(
    read: ReadonlyMap<FileTensor, ReadTensor>,
    saved: readonly SavedWeight[],
  ): readonly FileWeight[] {
    const all = [...read].filter(([tensor, of]) => isWeight(tensor, of, this.#constantOf(tensor, of.name)))
    if (all.length !== saved.length)
      throw new FormatError({
        where: 'loadModel: OnnxNetwork',
        expected: `a graph that reads ${saved.length} weights`,
        received: `one that reads ${all.length}`,
        fix: 'The file is damaged: save the model again.',
      })
    return all.map(([tensor, of], i) => {
      const { name, isLearnt, shared } = saved[i] as SavedWeight
      const { dtype, shape, data } = this.#elementsOf(tensor, of.name)
      const isSuch = (part: object): part is Variable =>
        part instanceof Variable && sameShape(part.shape, shape)
      const variable = sharedPart(
        shared,
        isSuch,
        () => new Variable(fromData(data, shape, dtype), { name, trainable: isLearnt }),
      )
      const weight = { name, tensor, variable, isLearnt, usedBy: [...new Set(of.uses.map(({ op }) => op))] }
      this.#weights.set(tensor, weight)
      return weight
    })
  }

  #makeWeight(tensor: FileTensor, of: ReadTensor, taken: Set<string>): FileWeight {
    let { name } = of
    for (let i = 1; taken.has(name); i++) name = `${of.name}_${i}`
    taken.add(name)
    const { dtype, shape, data } = this.#elementsOf(tensor, of.name)
    const isLearnt = isTrained(tensor, of)
    const variable = new Variable(fromData(data, shape, dtype), { name, trainable: isLearnt })
    return { name, tensor, variable, isLearnt, usedBy: [...new Set(of.uses.map(({ op }) => op))] }
  }

  #elementsOf(tensor: FileTensor, name: string): Elements {
    return elementsOf(tensor.name || name, tensor, this.#external.get(tensor))
  }

  #constantOf(tensor: FileTensor, name: string): Tensor {
    const known = this.#constants.get(tensor)
    if (known !== undefined) return known
    const { dtype, shape, data } = this.#elementsOf(tensor, name)
    const made =
      data.length <= small
        ? new Tensor(makeNode('constant', [], { data, shape, dtype }))
        : fromData(data, shape, dtype)
    this.#types.set(made, tensor.type)
    this.#constants.set(tensor, made)
    return made
  }

  #typing(): Pick<TensorPool, 'typeOf' | 'setType'> {
    return {
      typeOf: (tensor) => this.#types.get(tensor) ?? tensor.dtype,
      setType: (tensor, type) => {
        this.#types.set(tensor, type)
      },
    }
  }
}

/** A tensor that a graph has read. */
export interface ReadTensor {
  readonly name: string
  /** Whether it is an initializer rather than the value of a `Constant` node. */
  readonly isNamed: boolean
  readonly uses: Use[]
}

/** Floats in a row or more, but for those that say how something is done. */
function isWeight({ shape }: FileTensor, { uses }: ReadTensor, { dtype }: Tensor): boolean {
  if (!isFloating(dtype) || shape.length === 0 || sizeOf(shape) === 0) return false
  return uses.length > 0 && !uses.every(({ op, slot }) => settingInputs[op]?.includes(slot) === true)
}

/** Inputs of operators that a network learns, even where they are one number. */
const learnt: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  PRelu: [1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LSTM: [1, 2, 3, 7],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
}

/** Averages of batches, which no gradient changes. */
const averages: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] }

/**
 * Whether training may change it: not averages, and of single numbers only those that certainly were learnt, such as a bias of
 * one unit; others are mostly factors of a formula.
 */
function isTrained({ shape }: FileTensor, { uses }: ReadTensor): boolean {
  if (uses.some(({ op, slot }) => averages[op]?.includes(slot) === true)) return false
  if (sizeOf(shape) > 1) return true
  return uses.some(
    ({ op, slot, beside }) =>
      learnt[op]?.includes(slot) === true || (op === 'Add' && beside.includes('MatMul')),
  )
}

/** Tensors of a file that are kept in other files, graphs in nodes and functions included. */
export function externalTensors({ graph, functions }: OnnxFile): readonly FileTensor[] {
  const found: FileTensor[] = []
  const add = (tensor: FileTensor): void => {
    if (tensor.content.kind === 'external') found.push(tensor)
  }
  const visit = ({
    nodes,
    initializers = [],
  }: Pick<OnnxFile['graph'], 'nodes'> & Partial<OnnxFile['graph']>): void => {
    initializers.forEach(add)
    for (const { attributes } of nodes)
      for (const attribute of Object.values(attributes)) {
        if (attribute.type === 'tensor') add(attribute.value)
        if (attribute.type === 'graph') visit(attribute.value)
      }
  }
  visit(graph)
  for (const one of functions.values()) visit(one as Pick<OnnxFile['graph'], 'nodes'>)
  return found
}

/** The bytes of external tensors in files that the caller has given. @throws FormatError naming all that are missing. */
export function externalFrom(
  tensors: readonly FileTensor[],
  files: Readonly<Record<string, Uint8Array>>,
): ReadonlyMap<FileTensor, Uint8Array> {
  const missing: string[] = []
  const parts = new Map<FileTensor, Uint8Array>()
  for (const tensor of tensors) {
    if (tensor.content.kind !== 'external') continue
    const { location, offset, length } = tensor.content
    const bytes = Object.hasOwn(files, location) ? files[location] : undefined
    const end = length === undefined ? (bytes?.length ?? 0) : offset + length
    if (bytes === undefined || end > bytes.length) missing.push(`'${tensor.name}' in '${location}'`)
    else parts.set(tensor, bytes.subarray(offset, end))
  }
  if (missing.length === 0) return parts
  throw new FormatError({
    where: 'onnxModel',
    expected: 'the other files that the model keeps its tensors in',
    received: `nothing, or too little, for ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}`,
    fix: "Give a path, or the bytes: onnxModel(bytes, { externalData: { 'model.onnx.data': data } }).",
  })
}
