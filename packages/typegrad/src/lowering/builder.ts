import { conversions } from '../base/conversions.ts'
import { type DType, elementsKey, type TypedArray, typedArray } from '../base/dtype.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { type Kernel, kernelDomain, signatureOf } from '../kernel/kernel.ts'
import { dtypeCode } from '../onnx/fields.ts'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/model.ts'

export type Attributes = Readonly<Record<string, OnnxAttribute>>

export const int = (value: number): OnnxAttribute => ({ type: 'int', value })
export const ints = (value: readonly number[]): OnnxAttribute => ({ type: 'ints', value })
export const string = (value: string): OnnxAttribute => ({ type: 'string', value })

/** Hands out names and keeps the constants; shared by a graph and the bodies of its loops. */
class Names {
  readonly initializers: OnnxTensor[] = []
  readonly #byContent = new Map<string, string>()
  readonly kernels = new Map<string, Kernel>()
  readonly #byKernel = new Map<string, string>()
  readonly #taken = new Set<string>()
  #next = 0

  /** Keeps a name that is in use already. */
  take(name: string): void {
    this.#taken.add(name)
  }

  fresh(hint: string): string {
    let name: string
    do name = `${hint}_${this.#next++}`
    while (this.#taken.has(name))
    return name
  }

  /** The operator's name of a kernel: the same for the same kernel, in other models too. */
  kernel(kernel: Kernel): string {
    const content = JSON.stringify(kernel)
    const known = this.#byKernel.get(content)
    if (known !== undefined) return known
    let hash = 0
    for (let i = 0; i < content.length; i++) hash = (Math.imul(hash, 31) + content.charCodeAt(i)) >>> 0
    let name = `Kernel_${hash.toString(16)}`
    while (this.kernels.has(name)) name += '_'
    this.kernels.set(name, kernel)
    this.#byKernel.set(content, name)
    return name
  }

  constant(dtype: DType, shape: Shape, data: TypedArray): string {
    // Large tables are not compared: finding a twin would cost more than it saves.
    const key = data.length <= 64 ? `${dtype}[${shape}]${elementsKey(data)}` : undefined
    const known = key === undefined ? undefined : this.#byContent.get(key)
    if (known !== undefined) return known
    const name = this.fresh('constant')
    this.initializers.push({ name, dtype, shape, data })
    if (key !== undefined) this.#byContent.set(key, name)
    return name
  }
}

/** Elements that are kept for a second reader; more would be in memory for too long, and are computed twice. */
const maxKept = 1 << 21

/** An ONNX graph while it grows. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = []
  readonly #values: OnnxValue[] = []
  readonly #names: Names
  /** What transposed values were before, and how they were transposed. */
  readonly #transposed = new Map<
    string,
    { readonly value: string; readonly permutation: readonly number[] }
  >()

  /** Values that several operations need, by what they are. */
  readonly #shared = new Map<string, string>()

  /** Outputs of kernels by what they are and read. */
  readonly #kernels = new Map<string, string[]>()

  constructor(parent?: GraphBuilder) {
    this.#names = parent === undefined ? new Names() : parent.#names
  }

  /** Appends an operator with one output and returns the output's name. */
  emit(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitAll(op, inputs, 1, attributes)[0] as string
  }

  /** The same for an operator of another domain than ONNX's own. */
  emitOf(domain: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#names.fresh(op)
    this.nodes.push({ op, domain, inputs, outputs: [output], attributes })
    return output
  }

  /** Appends an operator with several outputs; `wanted` leaves some out by an empty name. */
  emitAll(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
    wanted: (index: number) => boolean = () => true,
  ): string[] {
    const outputs = Array.from({ length: count }, (_, i) => (wanted(i) ? this.#names.fresh(op) : ''))
    this.nodes.push({ op, inputs, outputs, attributes })
    return outputs
  }

  /** As `emit`, under a name that errors of a run begin with. */
  emitNamed(hint: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#names.fresh(op)
    this.nodes.push({ op, name: `${hint}/${output}`, inputs, outputs: [output], attributes })
    return output
  }

  /** The value that `make` made when the key was new. */
  once(key: string, make: () => string): string {
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#shared.set(key, made)
    return made
  }

  /** Appends a kernel and returns its outputs' names. One that was appended before serves again if it made little. */
  emitKernel(kernel: Kernel, inputs: readonly string[]): string[] {
    const op = this.#names.kernel(kernel)
    const key = `${op}(${inputs.join()})`
    const known = this.#kernels.get(key)
    if (known !== undefined) return known
    const outputs = signatureOf(kernel).outputs.map(({ dtype, shape }) => {
      const name = this.#names.fresh('Kernel')
      this.#values.push({ name, dtype, shape })
      return name
    })
    this.nodes.push({ op, domain: kernelDomain, inputs, outputs })
    const elements = signatureOf(kernel).outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    if (elements <= maxKept) this.#kernels.set(key, outputs)
    return outputs
  }

  /** Kernels that the graph and the bodies of its loops name, by their operators' names. */
  get kernels(): ReadonlyMap<string, Kernel> {
    return this.#names.kernels
  }

  /** Tells the runtime what it cannot find out by itself: the shape of a value that depends on others. */
  declare(name: string, dtype: DType, shape: Shape): string {
    this.#values.push({ name, dtype, shape })
    return name
  }

  fresh(hint: string): string {
    return this.#names.fresh(hint)
  }

  /** Names that the graph's user gives: none of them is handed out. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#names.take(name)
  }

  /** What the operator that makes a value reads; undefined if the value is not made here. */
  operandsOf(value: string): readonly string[] | undefined {
    return this.nodes.findLast((node) => node.outputs.includes(value))?.inputs
  }

  constant(dtype: DType, shape: Shape, data: TypedArray): string {
    return this.#names.constant(dtype, shape, data)
  }

  /** A constant under a name of its own. */
  named(name: string, dtype: DType, shape: Shape, data: TypedArray): string {
    this.#names.initializers.push({ name, dtype, shape, data })
    return name
  }

  /** A vector of int64, as ONNX takes shapes, axes and paddings. */
  int64s(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  int64(value: number): string {
    return this.constant('int64', [], BigInt64Array.of(BigInt(value)))
  }

  scalar(dtype: DType, value: number): string {
    return this.constant(dtype, [], conversions[dtype]([value]))
  }

  cast(value: string, dtype: DType): string {
    return this.emit('Cast', [value], { to: int(dtypeCode[dtype]) })
  }

  reshape(value: string, shape: Shape): string {
    return this.emit('Reshape', [value, this.int64s(shape)], shape.includes(0) ? { allowzero: int(1) } : {})
  }

  /** Two transposes in a row are one, or none. */
  transpose(value: string, permutation: readonly number[]): string {
    const before = this.#transposed.get(value)
    if (before !== undefined) {
      const composed = permutation.map((axis) => before.permutation[axis] as number)
      return this.transpose(before.value, composed)
    }
    if (permutation.every((axis, i) => axis === i)) return value
    const name = this.emit('Transpose', [value], { perm: ints(permutation) })
    this.#transposed.set(name, { value, permutation })
    return name
  }

  /** What a matrix was before `transpose`: operators that transpose by themselves read that. */
  untransposed(value: string): string | undefined {
    return this.#transposed.get(value)?.value
  }

  /** The same with the axes' new order. */
  beforeTranspose(
    value: string,
  ): { readonly value: string; readonly permutation: readonly number[] } | undefined {
    return this.#transposed.get(value)
  }

  zeros(dtype: DType, shape: Shape): string {
    const data = typedArray(dtype, 1)
    const value = { type: 'tensor', value: { name: '', dtype, shape: [1], data } } as const
    return this.emit('ConstantOfShape', [this.int64s(shape)], { value })
  }

  graph(
    name: string,
    inputs: readonly OnnxValue[],
    outputs: readonly OnnxValue[],
    isBody = false,
  ): OnnxGraph {
    const initializers = isBody ? [] : this.#names.initializers
    return { name, nodes: this.nodes, inputs, outputs, values: this.#values, initializers }
  }
}
