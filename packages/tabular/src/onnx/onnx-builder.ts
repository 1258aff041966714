/**
 * `onnx/`: a model of a table as one ONNX file, from raw columns to predictions. It knows operators and what steps of recipes have
 * learned; each candidate says itself what it is in ONNX.
 */
import {
  encodeOnnxFile,
  type FileAttribute,
  type FileNode,
  type FileTensor,
  type FileValue,
  type OnnxFile,
} from 'typegrad/engine'

/** The domain of operators for trees and categories. */
export const mlDomain = 'ai.onnx.ml'
/** ONNX's own operators; IR version 10 goes with them. */
const opset = 21
/** The first in which trees may compare float64. */
const mlOpset = 3

type FileGraph = OnnxFile['graph']

export type Attributes = Readonly<Record<string, FileAttribute>>

export interface OperatorOptions {
  readonly attributes?: Attributes
  readonly domain?: string
  /** How many values it gives. Default 1. */
  readonly outputs?: number
}

const bytesOf = (values: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** A float64 tensor for an attribute, or a constant. */
export const doubles = (values: ArrayLike<number>, shape = [values.length], name = ''): FileTensor => ({
  name,
  type: 'float64',
  shape,
  content: { kind: 'bytes', bytes: bytesOf(Float64Array.from(values)) },
})

/** Makes a graph of ONNX, operator by operator. What is computed twice from the same values is one node. */
export class OnnxBuilder {
  readonly #nodes: FileNode[] = []
  readonly #initializers: FileTensor[] = []
  readonly #inputs: FileValue[] = []
  readonly #outputs: FileValue[] = []
  readonly #known = new Map<string, readonly string[]>()
  /** Names of columns are those of inputs, so that no other value may have them. */
  #next = 0

  #fresh(of: string): string {
    return `/${of}/${this.#next++}`
  }

  /** An input `[rows, 1]`. */
  input(name: string, type: 'float64' | 'string'): string {
    this.#inputs.push({ name, kind: 'tensor', type, shape: ['rows', 1] })
    return name
  }

  /** What a value is called outside. */
  output(
    value: string,
    name: string,
    type: 'float64' | 'string' | 'bool',
    shape: readonly (number | string)[],
  ): void {
    this.#outputs.push({ name, kind: 'tensor', type, shape })
    this.#nodes.push({
      op: 'Identity',
      name: '',
      domain: '',
      overload: '',
      inputs: [value],
      outputs: [name],
      attributes: {},
    })
  }

  /** The value of an operator. */
  op(op: string, inputs: readonly string[], options: OperatorOptions = {}): string {
    return this.ops(op, inputs, options)[0] as string
  }

  /** All values of an operator. */
  ops(
    op: string,
    inputs: readonly string[],
    { attributes = {}, domain = '', outputs = 1 }: OperatorOptions,
  ): readonly string[] {
    // Large attributes belong to trees, of which no two are the same.
    const isLarge = Object.values(attributes).some(({ value }) => Array.isArray(value) && value.length > 1000)
    const key = isLarge ? '' : JSON.stringify([domain, op, inputs, attributes, outputs])
    const found = this.#known.get(key)
    if (found !== undefined) return found
    const made = Array.from({ length: outputs }, () => this.#fresh(op))
    this.#nodes.push({ op, name: '', domain, overload: '', inputs, outputs: made, attributes })
    if (!isLarge) this.#known.set(key, made)
    return made
  }

  /** Float64 numbers. Default a vector. */
  numbers(values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
    return this.#constant(`numbers ${Array.from(values)}`, doubles(values, [...shape]), shape)
  }

  /** One float64. */
  number(value: number): string {
    return this.numbers([value], [])
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const bytes = bytesOf(BigInt64Array.from(values, BigInt))
    return this.#constant(
      `integers ${values}`,
      { name: '', type: 'int64', shape: [...shape], content: { kind: 'bytes', bytes } },
      shape,
    )
  }

  strings(values: readonly string[]): string {
    const tensor: FileTensor = {
      name: '',
      type: 'string',
      shape: [values.length],
      content: { kind: 'strings', strings: values },
    }
    return this.#constant(`strings ${JSON.stringify(values)}`, tensor, tensor.shape)
  }

  #constant(content: string, tensor: FileTensor, shape: readonly number[]): string {
    const key = `${content} ${shape.join('×')}`
    const [found] = this.#known.get(key) ?? []
    if (found !== undefined) return found
    const name = this.#fresh('constant')
    this.#initializers.push({ ...tensor, name })
    this.#known.set(key, [name])
    return name
  }

  /**
   * The nodes of another graph of the same operators, under fresh names.
   *
   * @param inputs by the names of the graph's inputs: the values that they are.
   * @returns the values of its outputs, in its order.
   */
  embed(graph: FileGraph, inputs: Readonly<Record<string, string>>): readonly string[] {
    const prefix = this.#fresh(graph.name)
    // An empty name stands for an input that is left out.
    const named = (name: string): string =>
      name === '' ? '' : Object.hasOwn(inputs, name) ? (inputs[name] as string) : `${prefix}/${name}`
    this.#initializers.push(...graph.initializers.map((tensor) => renamedTensor(tensor, named)))
    this.#nodes.push(...graph.nodes.map((node) => renamedNode(node, named)))
    return graph.outputs.map(({ name }) => named(name))
  }

  /** As another type of ONNX: 1 is float32, 6 int32, 7 int64, 9 bool, 11 float64. */
  cast(value: string, type: 'float32' | 'int32' | 'int64' | 'bool' | 'float64'): string {
    const code = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 }[type]
    return this.op('Cast', [value], { attributes: { to: { type: 'int', value: code } } })
  }

  /** The file's bytes. */
  encode(): Uint8Array {
    return encodeOnnxFile({
      opsets: new Map([
        ['', opset],
        [mlDomain, mlOpset],
      ]),
      producer: 'typegrad',
      graph: {
        name: 'table-model',
        nodes: this.#nodes,
        inputs: this.#inputs,
        outputs: this.#outputs,
        initializers: this.#initializers,
      },
      functions: new Map(),
    })
  }
}

type Renaming = (name: string) => string

const renamedTensor = (tensor: FileTensor, named: Renaming): FileTensor => ({
  ...tensor,
  name: named(tensor.name),
})

/** A node with other names of values, in the bodies of branches and loops too: these see the values around them. */
const renamedNode = (node: FileNode, named: Renaming): FileNode => ({
  ...node,
  inputs: node.inputs.map(named),
  outputs: node.outputs.map(named),
  attributes: Object.fromEntries(
    Object.entries(node.attributes).map(([name, attribute]) => [
      name,
      attribute.type === 'graph' ? { type: 'graph', value: renamedGraph(attribute.value, named) } : attribute,
    ]),
  ),
})

const renamedGraph = (graph: FileGraph, named: Renaming): FileGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => renamedNode(node, named)),
  inputs: graph.inputs.map((value) => ({ ...value, name: named(value.name) })),
  outputs: graph.outputs.map((value) => ({ ...value, name: named(value.name) })),
  initializers: graph.initializers.map((tensor) => renamedTensor(tensor, named)),
})
