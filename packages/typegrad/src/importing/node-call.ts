import type { DType } from '../base/dtype.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import type { FileAttribute, FileGraph, FileNode, FileTensor, FileType } from '../onnx/file.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { knownValues } from './known-values.ts'

/** Why a node cannot become operations of typegrad: what it asks for, without the node's name. */
export class NotSupported extends Error {}

/** What running a node needs of what is around it. */
export interface Surroundings {
  /** The elements of an attribute's tensor, as a weight where it is one. */
  tensorOf(tensor: FileTensor, name: string): Tensor
  /** The type that the file gives the elements of a tensor, where tensors here have a wider one. */
  typeOf(tensor: Tensor): FileType
  /** Notes the type of a result that tensors here hold in a wider one. */
  setType(tensor: Tensor, type: FileType): void
  /** The outputs of a graph in an attribute, which sees all values around the node. */
  runGraph(graph: FileGraph, inputs: readonly Tensor[]): readonly Tensor[]
}

type AttributeValues = { readonly [A in FileAttribute as A['type']]: A['value'] }

/** A node at work: its inputs as tensors, its attributes, and the version of the operator that is meant. */
export class NodeCall {
  readonly node: FileNode
  readonly opset: number
  /** Undefined for optional inputs that are left out. */
  readonly inputs: readonly (Tensor | undefined)[]
  readonly around: Surroundings

  constructor(node: FileNode, opset: number, inputs: readonly (Tensor | undefined)[], around: Surroundings) {
    this.node = node
    this.opset = opset
    this.inputs = inputs
    this.around = around
  }

  /** The same node with its inputs in another order. */
  withInputs(inputs: readonly (Tensor | undefined)[]): NodeCall {
    return new NodeCall(this.node, this.opset, inputs, this.around)
  }

  /** @throws NotSupported for a node that lacks the input. */
  input(i: number): Tensor {
    return this.inputs[i] ?? this.refuse(`without its input ${i}`)
  }

  optional(i: number): Tensor | undefined {
    return this.inputs[i]
  }

  /** All inputs of an operator that takes any number of them. */
  get all(): readonly Tensor[] {
    return this.inputs.filter((input) => input !== undefined)
  }

  /** How many outputs are asked for. */
  get outputs(): number {
    return this.node.outputs.length
  }

  has(name: string): boolean {
    return Object.hasOwn(this.node.attributes, name)
  }

  #attribute<T extends FileAttribute['type']>(type: T, name: string): AttributeValues[T] | undefined {
    if (!this.has(name)) return undefined
    const attribute = this.node.attributes[name] as FileAttribute
    if (attribute.type === type) return attribute.value as AttributeValues[T]
    return this.refuse(`with ${attribute.type} in place of ${type} as ${name}`)
  }

  int(name: string, fallback: number): number {
    return this.#attribute('int', name) ?? fallback
  }

  float(name: string, fallback: number): number {
    return this.#attribute('float', name) ?? fallback
  }

  string(name: string, fallback: string): string {
    return this.#attribute('string', name) ?? fallback
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute('ints', name)
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attribute('floats', name)
  }

  strings(name: string): readonly string[] | undefined {
    return this.#attribute('strings', name)
  }

  tensor(name: string): FileTensor | undefined {
    return this.#attribute('tensor', name)
  }

  graph(name: string): FileGraph {
    return this.#attribute('graph', name) ?? this.refuse(`without its graph ${name}`)
  }

  /** An attribute that became an input in a later version, as numbers; undefined where neither is given. */
  intsOrInput(name: string, input: number): readonly number[] | undefined {
    return this.ints(name) ?? this.numbersIf(input)
  }

  /**
   * An input's elements, which have to be known while the graph is made.
   *
   * @throws NotSupported for elements that depend on the data.
   */
  numbers(i: number): readonly number[] {
    return knownValues(this.input(i)) ?? this.refuse(`whose input ${i} depends on the data`)
  }

  /** The same; undefined for an input that is left out. */
  numbersIf(i: number): readonly number[] | undefined {
    return this.optional(i) === undefined ? undefined : this.numbers(i)
  }

  /** The axis that an attribute names, counted from the front. */
  axis(x: { readonly shape: Shape }, axis: number, extra = 0): number {
    const rank = x.shape.length + extra
    if (axis < -rank || axis >= rank) return this.refuse(`along axis ${axis} of ${formatShape(x.shape)}`)
    return axis < 0 ? axis + rank : axis
  }

  /** Where the axes of a tensor are parted: before the axis that is named, or behind them all. */
  boundary(x: { readonly shape: Shape }, axis: number): number {
    return axis === x.shape.length ? axis : this.axis(x, axis)
  }

  /** A number in a tensor's dtype. */
  like(value: number, { dtype }: { readonly dtype: DType }): Tensor {
    return scalar(value, dtype)
  }

  /** @throws NotSupported always. */
  refuse(reason: string): never {
    throw new NotSupported(reason)
  }
}

/** What a node becomes: its output, or all of them; undefined for one that no node asks for. */
export type Operator = (call: NodeCall) => Tensor | readonly (Tensor | undefined)[]

/** Operators of a family by their names. */
export type Operators = Readonly<Record<string, Operator>>
