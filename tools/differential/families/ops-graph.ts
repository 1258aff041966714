import type { Tensor } from 'typegrad'
import type { DType } from 'typegrad/engine'
import { type ArrayJson, arrayJson, sizeOf, tensorOf } from '../arrays.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { callOp, type OpName } from './ops-table.ts'

/** One op of a graph. Tensors are `x0`, `x1`, … (inputs) and `n0`, `n1`, … (nodes before this one). */
export interface OpNode extends JsonObject {
  readonly op: OpName
  readonly inputs: readonly string[]
  readonly args: readonly Json[]
}

export interface OpsSpec extends JsonObject {
  readonly inputs: readonly ArrayJson[]
  readonly nodes: readonly OpNode[]
  /** How often the graph is differentiated. */
  readonly order: number
  /** Whether the inputs hold NaN, infinities, zeros of both signs, denormals and ties. */
  readonly edges: boolean
}

export interface Operand {
  readonly ref: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly size: number
}

const edgeValues = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  1,
  1e-310,
  1e-40,
  -1e-40,
  1e30,
  -1e30,
  0.5,
  -0.5,
  1.5,
  2.5,
]

/** A graph that grows at random. Shapes are those that typegrad infers; a wrong one shows when the answers are compared. */
export class Graph {
  readonly inputs: ArrayJson[] = []
  readonly nodes: OpNode[] = []
  readonly #tensors = new Map<string, Tensor>()
  readonly dtype: DType
  readonly edges: boolean
  readonly #largest: number

  constructor(dtype: DType, edges: boolean, largest: number) {
    this.dtype = dtype
    this.edges = edges
    this.#largest = largest
  }

  size(random: Random): number {
    const kind = random.next()
    return kind < 0.04 ? 0 : kind < 0.2 ? 1 : kind < 0.95 ? random.int(2, 5) : random.int(6, this.#largest)
  }

  /** A new input with random elements. */
  input(random: Random, shape: readonly number[], dtype: DType): string {
    const element = (): number => {
      if (dtype === 'bool') return random.int(0, 1)
      if (dtype === 'uint8') return random.int(0, 9)
      if (dtype.startsWith('int')) return random.int(-9, 9)
      if (this.edges && random.chance(0.4)) return random.pick(edgeValues)
      return random.value()
    }
    return this.given(dtype, shape, Array.from({ length: sizeOf(shape) }, element))
  }

  /** A new input with these elements. */
  given(dtype: DType, shape: readonly number[], values: readonly number[]): string {
    const array = arrayJson(dtype, shape, values)
    const ref = `x${this.inputs.length}`
    this.inputs.push(array)
    this.#tensors.set(ref, tensorOf(array))
    return ref
  }

  pick(random: Random, fits: (operand: Operand) => boolean): Operand | undefined {
    const found = [...this.#tensors.keys()]
      .map((ref) => this.#operand(ref))
      .filter((o) => o.size <= 4000 && fits(o))
    // Nodes rather than inputs: graphs should be deep.
    const nodes = found.filter(({ ref }) => ref.startsWith('n'))
    if (nodes.length > 0 && random.chance(0.7)) return random.pick(nodes)
    return found.length === 0 ? undefined : random.pick(found)
  }

  /** A tensor that broadcasts with another one: one that is there, or a new input. */
  broadcastable(random: Random, a: Operand): Operand {
    const fits = (o: Operand): boolean =>
      o.shape.every((d, i) => {
        const other = a.shape[i - o.shape.length + a.shape.length]
        return other === undefined || other === d || other === 1 || d === 1
      }) && o.size * a.size <= 40_000
    const found = random.chance(0.6) ? this.pick(random, (o) => fits(o) && o.ref !== a.ref) : undefined
    if (found !== undefined) return found
    const shape = a.shape.slice(random.chance(0.3) ? 1 : 0).map((d) => (random.chance(0.3) ? 1 : d))
    const dtypes: readonly DType[] = a.dtype.startsWith('float')
      ? [a.dtype, a.dtype, a.dtype, a.dtype, 'int32', 'bool']
      : [a.dtype, a.dtype, this.dtype, 'int64']
    return this.#operand(this.input(random, shape, random.pick(dtypes)))
  }

  /** The operand brought into a function's domain by ops of the graph; as it is where edge values are wanted. */
  within(domain: 'positive' | 'unit', { ref }: Operand): string {
    if (this.edges) return ref
    if (domain === 'unit')
      return this.add({
        op: 'mul',
        inputs: [this.add({ op: 'tanh', inputs: [ref], args: [] })],
        args: [0.75],
      })
    return this.add({ op: 'add', inputs: [this.add({ op: 'abs', inputs: [ref], args: [] })], args: [0.5] })
  }

  /** Adds a node. @throws what the op throws. */
  add(node: OpNode): string {
    const ref = `n${this.nodes.length}`
    this.nodes.push(node)
    this.#tensors.set(ref, applied(node, this.#tensors))
    return ref
  }

  #operand(ref: string): Operand {
    const { shape, dtype, size } = this.#tensors.get(ref) as Tensor
    return { ref, shape, dtype, size }
  }
}

const applied = ({ op, inputs, args, take }: OpNode, tensors: ReadonlyMap<string, Tensor>): Tensor =>
  callOp(
    op,
    inputs.map((ref) => tensors.get(ref) as Tensor),
    args,
    take as number | string | undefined,
  )

/** The tensors of all nodes, given those of the inputs. */
export function build({ nodes }: OpsSpec, inputs: readonly Tensor[]): Map<string, Tensor> {
  const tensors = new Map(inputs.map((t, i) => [`x${i}`, t]))
  nodes.forEach((node, i) => {
    tensors.set(`n${i}`, applied(node, tensors))
  })
  return tensors
}

/** The nodes that no other node takes. */
export function sinks({ nodes }: OpsSpec): string[] {
  const taken = new Set(nodes.flatMap((node) => node.inputs))
  return nodes.map((_, i) => `n${i}`).filter((ref) => !taken.has(ref))
}
