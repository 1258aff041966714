import { ArgumentError, FormatError, ShapeError, TypegradError } from '../base/errors.ts'
import {
  type FileAttribute,
  type FileFunction,
  type FileGraph,
  type FileNode,
  type FileTensor,
  type FileType,
  functionKey,
  type OnnxFile,
} from '../onnx/file.ts'
import { Tensor } from '../tensor/tensor.ts'
import { neededNodes } from './needed-nodes.ts'
import { NodeCall, NotSupported, type Surroundings } from './node-call.ts'
import { attributeFault } from './operators/attributes.ts'
import { operatorOf } from './operators/table.ts'

/** Where a tensor of the file is read: by which operator, as which of its inputs, and what made its other ones. */
export interface Use {
  readonly op: string
  readonly slot: number
  readonly beside: readonly (string | undefined)[]
}

/** What the file's own tensors are while a graph is made: weights, or constants. */
export interface TensorPool {
  tensorOf(tensor: FileTensor, name: string): Tensor
  /** Told of every reading of such a tensor. */
  noteUse?(tensor: Tensor, use: Use): void
  typeOf(tensor: Tensor): FileType
  setType(tensor: Tensor, type: FileType): void
}

/** A node that cannot become operations, and why. */
export interface Fault {
  readonly node: FileNode
  readonly reason: string
  /** Whether shapes do not fit, which may be the fault of sizes that the file leaves open. */
  readonly isOfShapes: boolean
}

/** In the place of a value that a node with a fault should have given. */
const broken = Symbol('broken')
type Binding = Tensor | typeof broken

/** Leaves a body whose value nobody can have; the fault is noted already. */
class Broken extends Error {}

/** Names that a graph sees: its own, then those of the graphs around it. */
class Scope {
  readonly #around: Scope | undefined
  readonly #values = new Map<string, Binding>()
  readonly #tensors: ReadonlyMap<string, FileTensor>
  /** The operator that made each value. */
  readonly makers = new Map<string, string>()

  constructor(around: Scope | undefined, initializers: readonly FileTensor[] = []) {
    this.#around = around
    this.#tensors = new Map(initializers.map((tensor) => [tensor.name, tensor]))
  }

  set(name: string, value: Binding): void {
    this.#values.set(name, value)
  }

  get(name: string, pool: TensorPool): Binding | undefined {
    const value = this.#values.get(name)
    if (value !== undefined) return value
    const tensor = this.#tensors.get(name)
    if (tensor === undefined) return this.#around?.get(name, pool)
    const made = pool.tensorOf(tensor, name)
    this.#values.set(name, made)
    return made
  }
}

/** What a body of nodes is run in. */
interface Frame {
  readonly scope: Scope
  readonly opsets: ReadonlyMap<string, number>
  /** Attributes of the call, in the body of a function. */
  readonly attributes?: Readonly<Record<string, FileAttribute>>
}

/**
 * Makes operations of typegrad of a file's graph, node by node, in the order in which the file has them. It runs for concrete
 * shapes, as everything here that is traced, so that what the file computes of shapes are numbers.
 */
export class Interpreter {
  readonly #file: OnnxFile
  readonly #pool: TensorPool
  readonly #faults: Fault[] | undefined

  /** @param faults gets all that cannot be, instead of an error for the first. */
  constructor(file: OnnxFile, pool: TensorPool, faults?: Fault[]) {
    this.#file = file
    this.#pool = pool
    this.#faults = faults
  }

  /** Values of the graph by their names; undefined for those that faults keep from being made. */
  run(inputs: ReadonlyMap<string, Tensor>, outputs: readonly string[]): readonly (Tensor | undefined)[] {
    const { graph, opsets } = this.#file
    const scope = new Scope(undefined, graph.initializers)
    for (const [name, value] of inputs) scope.set(name, value)
    this.#runNodes(graph.nodes, outputs, { scope, opsets })
    return outputs.map((name) => {
      const value = scope.get(name, this.#pool)
      return value === broken ? undefined : value
    })
  }

  #runNodes(nodes: readonly FileNode[], outputs: readonly string[], frame: Frame): void {
    for (const node of neededNodes(nodes, outputs))
      this.#runNode(withAttributes(node, frame.attributes), frame)
  }

  #runNode(node: FileNode, { scope, ...around }: Frame): void {
    let values: readonly (Binding | undefined)[]
    try {
      const made = this.#valuesOf(node, { scope, ...around })
      const missing = node.outputs.findIndex((name, i) => name !== '' && i >= made.length)
      if (missing !== -1) throw new NotSupported(`with its output ${missing}`)
      values = made
    } catch (cause) {
      this.#note(node, cause)
      values = node.outputs.map(() => broken)
    }
    for (const [i, name] of node.outputs.entries()) {
      const value = values[i]
      if (name === '' || value === undefined) continue
      scope.set(name, value)
      scope.makers.set(name, node.op)
    }
  }

  #valuesOf(node: FileNode, frame: Frame): readonly (Binding | undefined)[] {
    const inputs = this.#inputsOf(node, frame.scope)
    // An operator that is not known is noted even where an input is broken already.
    const run = this.#bodyOf(node, frame)
    if (inputs === undefined) return node.outputs.map(() => broken)
    const made = run(inputs)
    return made instanceof Tensor ? [made] : made
  }

  /** Undefined where one is broken. */
  #inputsOf(node: FileNode, scope: Scope): readonly (Tensor | undefined)[] | undefined {
    const values = node.inputs.map((name) => {
      if (name === '') return undefined
      const value = scope.get(name, this.#pool)
      if (value === undefined)
        throw new NotSupported(`whose input '${name}' is not given by a node before it`)
      return value
    })
    if (values.includes(broken)) return undefined
    const inputs = values as readonly (Tensor | undefined)[]
    for (const [slot, input] of inputs.entries()) {
      if (input === undefined) continue
      const beside = node.inputs.map((name) => scope.makers.get(name))
      this.#pool.noteUse?.(input, { op: node.op, slot, beside })
    }
    return inputs
  }

  /** @throws NotSupported for an operator that is neither known nor defined in the file. */
  #bodyOf(
    node: FileNode,
    frame: Frame,
  ): (inputs: readonly (Tensor | undefined)[]) => Tensor | readonly (Tensor | undefined)[] {
    const { functions } = this.#file
    const defined = functions.get(functionKey({ name: node.op, domain: node.domain }, node.overload))
    const operator = operatorOf(node)
    // What is known here is better than what it is spelt out as.
    if (operator === undefined && defined !== undefined)
      return (inputs) => this.#runFunction(defined, node, inputs)
    if (operator === undefined) throw new NotSupported('')
    const fault = attributeFault(node)
    if (fault !== undefined) throw new NotSupported(fault)
    const opset = frame.opsets.get(node.domain) ?? 1
    const around: Surroundings = {
      tensorOf: (tensor, name) => this.#pool.tensorOf(tensor, name),
      typeOf: (tensor) => this.#pool.typeOf(tensor),
      setType: (tensor, type) => this.#pool.setType(tensor, type),
      runGraph: (graph, inputs) => this.#runGraph(graph, inputs, frame),
    }
    return (inputs) => operator(new NodeCall(node, opset, inputs, around))
  }

  #runGraph(graph: FileGraph, inputs: readonly Tensor[], frame: Frame): readonly Tensor[] {
    const scope = new Scope(frame.scope, graph.initializers)
    for (const [i, { name }] of graph.inputs.entries()) scope.set(name, inputs[i] as Tensor)
    const outputs = graph.outputs.map(({ name }) => name)
    this.#runNodes(graph.nodes, outputs, { ...frame, scope })
    return outputs.map((name) => this.#value(scope, name))
  }

  #runFunction(
    { inputs: names, outputs, nodes, opsets, defaults }: FileFunction,
    node: FileNode,
    inputs: readonly (Tensor | undefined)[],
  ): readonly Tensor[] {
    const scope = new Scope(undefined)
    for (const [i, name] of names.entries()) {
      const value = inputs[i]
      if (value !== undefined) scope.set(name, value)
    }
    this.#runNodes(nodes, outputs, { scope, opsets, attributes: { ...defaults, ...node.attributes } })
    return outputs.map((name) => this.#value(scope, name))
  }

  #value(scope: Scope, name: string): Tensor {
    const value = scope.get(name, this.#pool)
    if (value === undefined) throw new NotSupported(`whose output '${name}' no node gives`)
    if (value === broken) throw new Broken()
    return value
  }

  /** @throws an error that names the node, where faults are not collected. */
  #note(node: FileNode, cause: unknown): void {
    if (cause instanceof Broken && this.#faults !== undefined) return
    // A tensor of the file that cannot be read is not the fault of the node that reads it.
    if (!(cause instanceof NotSupported || cause instanceof TypegradError) || cause instanceof FormatError)
      throw cause
    const isOfShapes = cause instanceof ShapeError
    if (this.#faults !== undefined) {
      this.#faults.push({ node, reason: cause.message, isOfShapes })
      return
    }
    const where = `${node.op} '${nameOf(node)}'`
    if (isOfShapes) throw new ShapeError(`${where}: ${cause.message}`)
    if (cause instanceof TypegradError) throw cause
    throw new ArgumentError({
      where,
      expected: 'an operator as typegrad reads it back',
      received: `one ${cause.message}`,
    })
  }
}

/** What a node is called by: its outputs have names where it has none. */
export const nameOf = ({ name, outputs }: FileNode): string => (name === '' ? (outputs[0] ?? '') : name)

/** A node of a function's body with the attributes of the call in the place of those that refer to them. */
function withAttributes(
  node: FileNode,
  given: Readonly<Record<string, FileAttribute>> | undefined,
): FileNode {
  const entries = Object.entries(node.attributes)
  if (given === undefined || !entries.some(([, { type }]) => type === 'reference')) return node
  const resolved = entries.flatMap(([name, attribute]) => {
    if (attribute.type !== 'reference') return [[name, attribute] as const]
    const value = given[attribute.value]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...node, attributes: Object.fromEntries(resolved) }
}
