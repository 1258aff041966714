import type { DType } from '../../base/dtype.ts'
import { type Shape, sizeOf } from '../../base/shape.ts'
import { elementsOf } from '../../importing/elements.ts'
import { Interpreter } from '../../importing/interpreter.ts'
import { OnnxSource } from '../../importing/source.ts'
import type { FileAttribute, FileNode, FileTensor, FileType, OnnxFile } from '../../onnx/file.ts'
import { fromData, type Tensor } from '../../tensor/tensor.ts'
import { type Draw, drawing } from '../mutations.ts'

/** A value of the graph: what typegrad takes it for. */
export interface Value {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  /** Whether it has the same bits wherever it is computed, so that a step may follow it. */
  readonly isExact: boolean
}

/** How attributes are written here: `{ axis: 1, perm: [0, 1], mode: 'linear', alpha: { float: 0.5 } }`. */
type Attributes = Readonly<
  Record<
    string,
    | number
    | string
    | readonly number[]
    | readonly string[]
    | { readonly float: number }
    | { readonly floats: readonly number[] }
    | { readonly tensor: FileTensor }
    | undefined
  >
>

/** What a graph may not go on with: the operator does not take any value that there is. */
export class NotHere extends Error {}

/** A graph at random, made node by node; a seed makes the same one. */
export class RandomGraph {
  readonly draw: Draw
  readonly opset: number
  readonly values: Value[] = []
  readonly inputs: FileTensor[] = []
  readonly initializers: FileTensor[] = []
  readonly nodes: FileNode[] = []
  /** Why typegrad refuses the last node. */
  refusal: string | undefined
  readonly #tensors = new Map<string, Tensor>()
  /** What the file calls the elements of outputs. */
  readonly #types = new Map<string, FileType>()

  constructor(seed: number, opsets: readonly [number, ...number[]]) {
    this.draw = drawing(seed)
    this.opset = this.pick(opsets)
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new NotHere()
    return list[this.draw(list.length)] as T
  }

  chance(one: number): boolean {
    return this.draw(one) === 0
  }

  between(low: number, high: number): number {
    return low + this.draw(high - low + 1)
  }

  /** Sizes of 1 to 5, 1 now and then. */
  shape(rank: number): number[] {
    return Array.from({ length: rank }, () => this.between(1, 5))
  }

  /** Floats of three digits: no two ways of computing round them to other sides. */
  floats(shape: Shape, low = -2, high = 2): number[] {
    return Array.from({ length: sizeOf(shape) }, () => low + (this.draw(1001) / 1000) * (high - low))
  }

  /** The numbers from 0 on in any order. */
  shuffled(count: number): number[] {
    const rest = Array.from({ length: count }, (_, i) => i)
    return Array.from({ length: count }, () => rest.splice(this.draw(rest.length), 1)[0] as number)
  }

  /** Floats no two of which are equal. */
  distinct(shape: Shape): number[] {
    return this.shuffled(sizeOf(shape)).map((n) => n / 8)
  }

  #tensorOf(type: FileType, shape: Shape, numbers: readonly number[]): FileTensor {
    const name = `v${this.initializers.length + this.inputs.length}`
    const elements =
      type === 'int64' || (type.startsWith('uint') && type !== 'uint8' && type !== 'uint16')
        ? numbers.map((n) => BigInt(n))
        : numbers
    return { name, type, shape, content: { kind: 'numbers', numbers: elements } }
  }

  /** An input of the graph, whose elements nobody knows while it is made. */
  input(type: FileType & DType, shape: Shape, numbers: readonly number[]): Value {
    const tensor = this.#tensorOf(type, shape, numbers)
    this.inputs.push(tensor)
    return this.#keep(tensor.name, { dtype: type, shape, isExact: true }, this.#toTensor(tensor))
  }

  /** An initializer; also one of a type that tensors here have in a wider one. */
  constant(type: FileType, shape: Shape, numbers: readonly number[]): Value {
    const tensor = this.#tensorOf(type, shape, numbers)
    this.initializers.push(tensor)
    const made = this.#toTensor(tensor)
    this.#tensors.set(tensor.name, made)
    return { name: tensor.name, dtype: made.dtype, shape, isExact: true }
  }

  float(shape: Shape, low?: number, high?: number): Value {
    return this.constant('float32', shape, this.floats(shape, low, high))
  }

  ints(numbers: readonly number[]): Value {
    return this.constant('int64', [numbers.length], numbers)
  }

  #toTensor(tensor: FileTensor): Tensor {
    const { data, shape, dtype } = elementsOf(tensor.name, tensor)
    return fromData(data, shape, dtype)
  }

  #keep(name: string, value: Omit<Value, 'name'>, tensor: Tensor): Value {
    const kept = { name, ...value }
    // Others do not know how to go on with a type that tensors here have in a wider one.
    if ((this.#types.get(name) ?? value.dtype) === value.dtype) this.values.push(kept)
    this.#tensors.set(name, tensor)
    return kept
  }

  /** A value that there is. @throws NotHere where none fits. */
  value(fits: (value: Value) => boolean = ({ dtype }) => dtype === 'float32'): Value {
    const all = this.values.filter(fits)
    // The last ones rather, for graphs to be deep.
    return all.length > 0 && !this.chance(3) ? (all.at(-1) as Value) : this.pick(all)
  }

  floatOf(rank: readonly number[], fits: (value: Value) => boolean = () => true): Value {
    return this.value((one) => one.dtype === 'float32' && rank.includes(one.shape.length) && fits(one))
  }

  /** A float that has the same bits everywhere. */
  exact(fits: (value: Value) => boolean = () => true): Value {
    return this.value((one) => one.dtype === 'float32' && one.isExact && fits(one))
  }

  /** An axis, from either end. */
  axis({ shape }: { readonly shape: Shape }, extra = 0): number {
    const rank = shape.length + extra
    if (rank === 0) throw new NotHere()
    const axis = this.draw(rank)
    return this.chance(2) ? axis - rank : axis
  }

  /** Some of the axes, each once, from either end. */
  axes({ shape }: { readonly shape: Shape }): number[] {
    return shape.flatMap((_, i) => (this.chance(2) ? [this.chance(3) ? i - shape.length : i] : []))
  }

  /** A shape that broadcasts to the given one. */
  broadcastable(shape: Shape): number[] {
    const cut = shape.slice(this.chance(3) ? this.draw(shape.length + 1) : 0)
    return cut.map((size) => (this.chance(4) ? 1 : size))
  }

  /**
   * Adds a node, and its outputs to the values; `isExact` of them where the node moves elements only.
   *
   * @param inputs undefined leaves one out.
   * @param options `isLast`: other nodes do not go on with its outputs.
   */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    { outputs = 1, moves = false, domain = '', isLast = false } = {},
  ): readonly Value[] {
    const names = Array.from({ length: outputs }, (_, i) => `${op}_${this.nodes.length}_${i}`)
    const node: FileNode = {
      op,
      name: `node_${this.nodes.length}`,
      domain,
      overload: '',
      inputs: inputs.map((one) => one?.name ?? ''),
      outputs: names,
      attributes: Object.fromEntries(
        Object.entries(attributes).flatMap(([name, value]) => attributeOf(name, value)),
      ),
    }
    this.nodes.push(node)
    const given = inputs.filter((one) => one !== undefined)
    const isExact = moves && given.every((one) => one.isExact)
    try {
      const file = { ...this.file, graph: { ...this.file.graph, nodes: [node] } }
      const pool = new OnnxSource(file, new Map()).pool
      const made = new Interpreter(file, pool).run(this.#tensors, names)
      return names.map((name, i) => {
        const tensor = made[i] as Tensor
        const isWhole = tensor.dtype !== 'float32' && tensor.dtype !== 'float64'
        this.#types.set(name, pool.typeOf(tensor))
        const same = isExact || (isWhole && given.every((one) => one.isExact))
        if (!isLast)
          return this.#keep(name, { dtype: tensor.dtype, shape: tensor.shape, isExact: same }, tensor)
        this.#tensors.set(name, tensor)
        return { name, dtype: tensor.dtype, shape: tensor.shape, isExact: same }
      })
    } catch (cause) {
      this.refusal = (cause as Error).message
      return []
    }
  }

  tensorOf(name: string): Tensor {
    return this.#tensors.get(name) as Tensor
  }

  /** The graph with the outputs of all nodes as its own, so that it is seen where a difference begins. */
  get file(): OnnxFile {
    const value = ({ name, type, shape }: FileTensor) => ({ name, kind: 'tensor', type, shape }) as const
    const outputs = this.nodes
      .flatMap((node) => node.outputs)
      .map((name) => {
        // A runtime finds out the type of an output, which a file has to say.
        return {
          name,
          kind: 'tensor',
          type: this.#types.get(name) ?? 'float32',
          shape: undefined,
        } as const
      })
    return {
      opsets: new Map([
        ['', this.opset],
        ['ai.onnx.ml', 3],
      ]),
      producer: 'typegrad',
      functions: new Map(),
      graph: {
        name: 'random',
        nodes: this.nodes,
        inputs: this.inputs.map(value),
        outputs,
        initializers: this.initializers,
      },
    }
  }
}

function attributeOf(name: string, value: Attributes[string]): [string, FileAttribute][] {
  if (value === undefined) return []
  if (typeof value === 'number') return [[name, { type: 'int', value }]]
  if (typeof value === 'string') return [[name, { type: 'string', value }]]
  if ('float' in value) return [[name, { type: 'float', value: Math.fround(value.float) }]]
  if ('floats' in value) return [[name, { type: 'floats', value: value.floats.map(Math.fround) }]]
  if ('tensor' in value) return [[name, { type: 'tensor', value: value.tensor }]]
  if (value.every((one) => typeof one === 'string'))
    return [[name, { type: 'strings', value: value as string[] }]]
  return [[name, { type: 'ints', value: value as readonly number[] }]]
}
