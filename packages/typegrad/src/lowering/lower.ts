/**
 * `lowering/`: a graph becomes a model of ONNX, by one rule for each primitive; `kernels/` decides what becomes a
 * kernel. It knows passes, kernels and the format, and no engine.
 */
import type { TypedArray } from '../base/dtype.ts'
import { EngineError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { complete, type Work } from '../base/work.ts'
import { type Node, type NodeOf, topologicalOrder, topologicalOrderWork } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import { type Kernel, kernelDomain } from '../kernel/kernel.ts'
import { type KernelSupport, noKernels } from '../kernel/support.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from '../onnx/model.ts'
import { GraphBuilder, int, ints } from './builder.ts'
import type { EnclosingLoop, LoweringRule } from './context.ts'
import { type Fusion, fuseWork } from './kernels/fuse.ts'
import { findTrianglesWork, noTriangles } from './kernels/triangles.ts'
import { loweringRules } from './rules.ts'
import { viaStorage } from './via-storage.ts'

/** Version of the default operator domain: the newest that ONNX Runtime 1.30 calls released. */
export const opset = 21

export interface LoweredGraph {
  /** Leaves (`input` and `data` nodes) in the order of the model's inputs. */
  readonly inputs: readonly Node[]
  readonly outputs: readonly Node[]
  /** Names of the model's inputs and outputs; made up where absent. */
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** Leaves that are no inputs but parts of the model: the weights of one that only predicts. */
  readonly embedded?: ReadonlyMap<Node, { readonly name: string; readonly data: TypedArray }>
  /** Leaves that the model reads by these names and does not define: the loader adds them. */
  readonly added?: ReadonlyMap<Node, string>
  /** Whether operators may be as inexact as runtimes make them by themselves: for models that others run. */
  readonly isPlain?: boolean
  /** Which kernels the engine has. Default: none, and the model has operators of ONNX alone. */
  readonly kernelSupport?: KernelSupport | undefined
}

/** A model, and the kernels that it names as operators. */
export interface LoweredModel {
  readonly model: OnnxModel
  readonly kernels: ReadonlyMap<string, Kernel>
}

/** A graph as an ONNX model with static shapes. */
export const lowerGraph = (graph: LoweredGraph): OnnxModel => lowerWithKernels(graph).model

/** The same, with elementwise operations fused into kernels where these are allowed. */
export const lowerWithKernels = (graph: LoweredGraph): LoweredModel => complete(lowerWork(graph))

/** The same in portions. */
export function* lowerWork({
  inputs,
  outputs,
  inputNames,
  outputNames,
  embedded,
  added,
  kernelSupport = noKernels,
  isPlain = false,
}: LoweredGraph): Work<LoweredModel> {
  const builder = new GraphBuilder()
  const names = inputs.map((_, i) => inputNames?.[i] ?? `input_${i}`)
  builder.reserve([
    ...names,
    ...(outputNames ?? []),
    ...[...(embedded?.values() ?? [])].map(({ name }) => name),
    ...(added?.values() ?? []),
  ])
  const lowered = new GraphLowering(builder, undefined, kernelSupport, !isPlain)
  yield* lowered.countUsesWork(outputs)
  const values = inputs.map((node, i) => {
    const name = names[i] as string
    lowered.names.set(node, name)
    return { name, dtype: node.dtype, shape: node.shape }
  })
  for (const [node, { name, data }] of embedded ?? []) {
    lowered.names.set(node, builder.named(name, node.dtype, node.shape, data))
  }
  for (const [node, name] of added ?? []) lowered.names.set(node, name)
  yield* lowered.lowerAllWork(outputs)
  const own = yield* ownOutputs(lowered, outputs)
  const wished = own.map((name, i) => outputNames?.[i] ?? name)
  const results = outputs.map(({ dtype, shape }, i) => ({ name: wished[i] as string, dtype, shape }))
  const renamed = new Map(own.map((name, i) => [name, wished[i] as string]))
  const graph = yield* finishWork(builder.graph('typegrad', values, results), own, renamed)
  const kernels = kernelsUsedBy({ graph }, builder.kernels)
  const domains = [...domainsOf(graph)]
  return { model: { opset, graph, ...(domains.length > 0 && { domains }) }, kernels }
}

/**
 * Values for the graph's outputs: a value that another graph or an earlier output owns already is copied
 * under a name of its own.
 */
function* ownOutputs(lowered: GraphLowering, outputs: readonly Node[]): Work<string[]> {
  const made = new Set<string>()
  for (const node of lowered.builder.nodes) {
    for (const name of node.outputs) made.add(name)
    yield
  }
  return outputs.map((node) => {
    const name = lowered.nameOf(node)
    if (made.delete(name)) return name
    return lowered.builder.emit('Identity', [name])
  })
}

/** A graph of what some output needs, under the new names. */
export function* finishWork(
  graph: OnnxGraph,
  outputs: readonly string[],
  renamed: ReadonlyMap<string, string>,
): Work<OnnxGraph> {
  const needed = new Set(outputs)
  const kept: OnnxNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    for (const name of readBy(node)) needed.add(name)
    kept.push(renameValues(node, renamed))
    yield
  }
  return {
    ...graph,
    nodes: yield* leavesFirstWork(kept.reverse()),
    // The outputs have their types already.
    values: (graph.values ?? []).filter(({ name }) => needed.has(name) && !renamed.has(name)),
    initializers: graph.initializers.filter(({ name }) => needed.has(name)),
  }
}

/**
 * Nodes that read leaves alone come first. Of the values that a node waits for, the runtime computes those first whose
 * nodes stand last: the panels of a weight, were they to stand before their product, would be made before all products,
 * and those of all weights be in memory together.
 */
function* leavesFirstWork(nodes: readonly OnnxNode[]): Work<OnnxNode[]> {
  const made = new Set<string>()
  const [first, others]: [OnnxNode[], OnnxNode[]] = [[], []]
  for (const node of nodes) {
    // What a node reads stands before it.
    const list = readBy(node).some((name) => made.has(name)) ? others : first
    list.push(node)
    for (const name of node.outputs) made.add(name)
    yield
  }
  return [...first, ...others]
}

/** Domains other than ONNX's own that operators of a graph are of, in loops too. */
function domainsOf({ nodes }: OnnxGraph, found = new Set<string>()): Set<string> {
  for (const { domain, attributes = {} } of nodes) {
    if (domain !== undefined) found.add(domain)
    for (const attribute of Object.values(attributes))
      if (attribute.type === 'graph') domainsOf(attribute.value, found)
  }
  return found
}

/** Those of the kernels that a model names as operators, in its loops' bodies too. */
export function kernelsUsedBy(
  { graph }: Pick<OnnxModel, 'graph'>,
  kernels: ReadonlyMap<string, Kernel>,
): ReadonlyMap<string, Kernel> {
  const used = new Set<string>()
  const look = ({ nodes }: OnnxGraph): void => {
    for (const node of nodes) {
      if (node.domain === kernelDomain) used.add(node.op)
      bodiesOf(node).forEach(look)
    }
  }
  look(graph)
  return new Map([...kernels].filter(([name]) => used.has(name)))
}

const bodiesOf = (node: OnnxNode): OnnxGraph[] =>
  Object.values(node.attributes ?? {}).flatMap((a) => (a.type === 'graph' ? [a.value] : []))

/** Names of values that a node reads, those that its loop's body takes from around it among them. */
export function readBy(node: OnnxNode): string[] {
  return [
    ...node.inputs,
    ...bodiesOf(node).flatMap((body) => [
      ...body.nodes.flatMap(readBy),
      ...body.outputs.map((output) => output.name),
    ]),
  ]
}

function renameValues(node: OnnxNode, renamed: ReadonlyMap<string, string>): OnnxNode {
  const isRenamed = [...readBy(node), ...node.outputs].some((name) => renamed.has(name))
  if (!isRenamed) return node
  const rename = (names: readonly string[]) => names.map((name) => renamed.get(name) ?? name)
  const attributes = Object.entries(node.attributes ?? {}).map(([key, a]): [string, OnnxAttribute] => [
    key,
    a.type === 'graph'
      ? { ...a, value: { ...a.value, nodes: a.value.nodes.map((n) => renameValues(n, renamed)) } }
      : a,
  ])
  return {
    ...node,
    inputs: rename(node.inputs),
    outputs: rename(node.outputs),
    attributes: Object.fromEntries(attributes),
  }
}

/** A graph or a loop's body while it is lowered. Nodes that do not depend on the body go to the parent. */
class GraphLowering {
  readonly builder: GraphBuilder
  readonly names = new Map<Node, string>()
  readonly #parent: GraphLowering | undefined
  readonly #kernelSupport: KernelSupport
  readonly #isExact: boolean
  readonly #loop: EnclosingLoop | undefined
  readonly #tuples = new Map<Node, readonly string[]>()
  /** Members of each loop's tuple that are read. */
  readonly #wanted = new Map<Node, Set<number>>()
  /** How many nodes and outputs read each node. */
  readonly #uses = new Map<Node, number>()
  #triangles = noTriangles

  constructor(
    builder: GraphBuilder,
    parent: GraphLowering | undefined,
    kernelSupport: KernelSupport,
    isExact: boolean,
    loop?: EnclosingLoop,
  ) {
    this.#isExact = isExact
    this.#kernelSupport = kernelSupport
    this.builder = builder
    this.#parent = parent
    this.#loop = loop
  }

  /** Before anything is lowered: who reads what the outputs need. */
  *countUsesWork(outputs: readonly Node[]): Work<void> {
    const used = (node: Node): unknown => this.#uses.set(node, (this.#uses.get(node) ?? 0) + 1)
    outputs.forEach(used)
    for (const node of yield* topologicalOrderWork(outputs)) {
      node.inputs.forEach(used)
      yield
      if (node.kind !== 'element') continue
      const scan = node.inputs[0] as Node
      const wanted = this.#wanted.get(scan) ?? new Set()
      this.#wanted.set(scan, wanted.add(node.params.index))
    }
  }

  nameOf(node: Node): string {
    const name = this.#find(node)
    if (name === undefined) throw new EngineError(`lowering: ${node.kind} is read before it is made`)
    return name
  }

  #find(node: Node): string | undefined {
    return this.names.get(node) ?? (this.#parent === undefined ? undefined : this.#parent.#find(node))
  }

  /** Lowers what the outputs need, but nothing that `given` nodes need: these have names already. */
  *lowerAllWork(outputs: readonly Node[], given?: ReadonlySet<Node>): Work<void> {
    const own = (yield* topologicalOrderWork(outputs, given)).filter(
      (node) => this.#parent === undefined || this.#loop?.isInside(node) === true,
    )
    const hasKernels = this.#kernelSupport !== noKernels
    const fusions = hasKernels ? yield* fuseWork(own, outputs, this.#kernelSupport) : new Map<Node, Fusion>()
    if (hasKernels) this.#triangles = yield* findTrianglesWork(own, outputs)
    const emitted = new Set<Fusion>()
    const isDone = (node: Node): boolean => {
      const fusion = fusions.get(node)
      return fusion === undefined ? this.#isLowered(node) : emitted.has(fusion)
    }
    // From the outputs down: what kernels read through views need not exist.
    const stack: Node[] = []
    for (const root of outputs) {
      stack.push(root)
      while (stack.length > 0) {
        const node = stack[stack.length - 1] as Node
        if (isDone(node)) {
          stack.pop()
          continue
        }
        const fusion = fusions.get(node)
        const missing = (fusion ?? node).inputs.filter((input) => !isDone(input))
        if (missing.length > 0) {
          stack.push(...missing.reverse())
          continue
        }
        stack.pop()
        yield
        if (fusion === undefined) {
          this.#lower(node)
        } else {
          emitted.add(fusion)
          this.#emitKernel(fusion)
        }
      }
    }
  }

  #emitKernel({ kernel, inputs, outputs }: Fusion): void {
    const names = this.builder.emitKernel(
      kernel,
      inputs.map((input) => this.nameOf(input)),
    )
    outputs.forEach((output, i) => {
      this.names.set(output, names[i] as string)
    })
  }

  #isLowered(node: Node): boolean {
    if (this.names.has(node) || this.#tuples.has(node)) return true
    return this.#parent === undefined ? false : this.#parent.#isLowered(node)
  }

  #lower(node: Node): void {
    if (this.#find(node) !== undefined || this.#tuples.has(node)) return
    if (this.#parent !== undefined && !this.#loop?.isInside(node)) {
      this.#parent.#lower(node)
      return
    }
    switch (node.kind) {
      case 'input':
      case 'data':
        throw new EngineError(`lowering: a leaf (${node.kind}) is not among the graph's inputs`)
      case 'scan':
        this.#tuples.set(node, this.#lowerScan(node))
        return
      case 'element':
        this.names.set(node, this.#tuples.get(node.inputs[0] as Node)?.[node.params.index] as string)
        return
      default: {
        // What has no elements needs no work, and operators of the runtime differ in what they do about it.
        if (sizeOf(node.shape) === 0) {
          this.names.set(node, this.builder.zeros(node.dtype, node.shape))
          return
        }
        // The table's rule and the node are of one kind; the compiler cannot follow that through a union.
        const rule = viaStorage(loweringRules[node.kind] as unknown as LoweringRule<Primitive>)
        const context = {
          node: node as NodeOf<Primitive>,
          inputs: this.#inputs(node),
          builder: this.builder,
          uses: (of: Node) => this.#uses.get(of) ?? 0,
          isExact: this.#isExact,
          kernelSupport: this.#kernelSupport,
          loop: this.#loop,
          triangles: this.#triangles,
          nameOf: (of: Node) => this.nameOf(of),
          isMade: (of: Node) => this.#find(of) !== undefined,
        }
        this.names.set(node, rule(context))
      }
    }
  }

  #inputs(node: Node): string[] {
    return node.inputs.map((input) => this.nameOf(input))
  }

  /** ONNX's Scan: states and slices go through the body, everything else it takes from around it. */
  #lowerScan(node: NodeOf<'scan'>): string[] {
    const { body, carries, sequences, length, reverse } = node.params
    const placeholders = body.inputs.slice(0, carries + sequences)
    const inside = dependents(body.outputs, placeholders)
    const wanted = this.#wanted.get(node) ?? new Set<number>()
    const kept = body.outputs.map((_, i) => i).filter((i) => i < carries || wanted.has(i))
    const results = kept.map((i) => body.outputs[i] as Node)
    const lowered = new GraphLowering(
      new GraphBuilder(this.builder),
      this,
      this.#kernelSupport,
      this.#isExact,
      {
        length,
        around: this.builder,
        isInside: (inner) => inside.has(inner),
      },
    )
    complete(lowered.countUsesWork(results))
    const bodyInputs: OnnxValue[] = placeholders.map((placeholder, i) => {
      const name = this.builder.fresh(i < carries ? 'carry' : 'slice')
      lowered.names.set(placeholder, name)
      return { name, dtype: placeholder.dtype, shape: placeholder.shape }
    })
    // Captured nodes stand in the body for themselves, under the name of the loop's input.
    body.inputs.slice(carries + sequences).forEach((captured, i) => {
      if (this.#find(captured) === undefined)
        this.names.set(captured, this.nameOf(node.inputs[carries + sequences + i] as Node))
    })
    // A pass or the evaluator may have given the loop other inputs than what the body names.
    complete(lowered.lowerAllWork(results, new Set(body.inputs)))
    const names = complete(ownOutputs(lowered, results))
    const bodyOutputs = results.map(({ dtype, shape }, i) => ({ name: names[i] as string, dtype, shape }))

    const loopInputs = node.inputs.slice(0, carries + sequences).map((input) => this.nameOf(input))
    if (sequences === 0) {
      // ONNX counts the steps by its sequences: one of places serves where there is none.
      const name = this.builder.fresh('step')
      bodyInputs.push({ name, dtype: 'int64', shape: [] })
      loopInputs.push(
        this.builder.emit('Range', [
          this.builder.int64(0),
          this.builder.int64(length),
          this.builder.int64(1),
        ]),
      )
    }
    const directions = reverse ? 1 : 0
    const scanned = Math.max(1, sequences)
    const graph = complete(
      finishWork(lowered.builder.graph('body', bodyInputs, bodyOutputs, true), names, new Map()),
    )
    const outputs = this.builder.emitAll('Scan', loopInputs, kept.length, {
      body: { type: 'graph', value: graph },
      num_scan_inputs: int(scanned),
      scan_input_directions: ints(new Array<number>(scanned).fill(directions)),
      scan_output_directions: ints(new Array<number>(kept.length - carries).fill(directions)),
    })
    const members: string[] = []
    kept.forEach((i, k) => {
      members[i] = outputs[k] as string
    })
    return members
  }
}

/** Nodes below `outputs` that depend on one of `sources`, the sources among them. */
function dependents(outputs: readonly Node[], sources: readonly Node[]): Set<Node> {
  const inside = new Set(sources)
  for (const node of topologicalOrder(outputs)) if (node.inputs.some((i) => inside.has(i))) inside.add(node)
  return inside
}
