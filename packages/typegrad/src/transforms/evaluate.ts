import { TraceError } from '../base/errors.ts'
import { hiddenField } from '../base/hidden-field.ts'
import { Pacer } from '../base/turn.ts'
import type { Executable, Storage } from '../engine/engine.ts'
import { chosenEngine } from '../engine/select.ts'
import { type DataSource, makeNode, type Node, topologicalOrder, withInputs } from '../graph/node.ts'
import { type Evaluated, registerEvaluator } from '../tensor/evaluator.ts'
import { contextOf, currentContext, type EngineContext, elementsOf, ownerOf } from './engine-context.ts'
import { filledLeaf, filling } from './filled.ts'
import { graphKey } from './graph-key.ts'
import { independentParts } from './independent-parts.ts'
import { lifted } from './lifted.ts'
import { isMoved, isSmall, movedLeaf } from './moved.ts'
import { build } from './program.ts'
import { Results, runAndDeliver } from './results.ts'

/** Models of pending tensors by the shape of their graphs: an eager loop compiles once. */
const programs = new WeakMap<EngineContext, Map<string, Promise<EagerProgram>>>()
const capacity = 256

interface EagerProgram {
  readonly executable: Executable
  /** For each input of the model the place of its leaf in the graph's key. */
  readonly order: readonly number[]
  readonly results: Results
}

/** What pending nodes turned out to be, for other tensors that still hold them or are made from them. */
const computed = hiddenField<Node, Node>()

const none: ReadonlySet<Node> = new Set()

/** Where something is computed; undefined for the default engine, which may have to be started. */
type Place = EngineContext | undefined

/** Throws at once, not by the promise: a traced function that looks at a value does not wait for the answer. */
function evaluate(nodes: readonly Node[], alone?: ReadonlySet<Node>): Promise<Evaluated[]> {
  const engine = chosenEngine()
  return evaluateOn(engine && contextOf(engine), nodes, alone)
}

/** @param chosen where all is computed; undefined where what memory it is made of decides. */
function evaluateOn(
  chosen: Place,
  nodes: readonly Node[],
  alone: ReadonlySet<Node> = none,
): Promise<Evaluated[]> {
  const pending = [...new Set(nodes)].filter((node) => node.kind !== 'data' && !computed.has(node))
  const own = new Map<Node, Node>()
  const note = (node: Node, leaf: Node): unknown =>
    alone.has(node) ? own.set(node, leaf) : computed.set(node, leaf)
  const results = () =>
    nodes.map(
      (node): Evaluated => ({
        source: sourceOf(own.get(node) ?? computed.get(node) ?? node),
        isOwn: own.has(node),
      }),
    )
  if (pending.length === 0) return Promise.resolve(results())
  const jobs: (() => Promise<unknown>)[] = []
  const rest: Node[] = []
  for (const node of pending) {
    const element = filling(node)
    if (element === undefined) rest.push(node)
    else jobs.push(() => filledLeaf(node, element).then((leaf) => note(node, leaf)))
  }
  const known = withKnown(rest)
  const reached = topologicalOrder(known)
  if (reached.some((node) => node.kind === 'input')) {
    throw new TraceError({
      where: 'traced function',
      expected: 'operations on tensors alone',
      received: 'a look at a value (data, toArray, item or evaluate) of a tensor that stands for an argument',
      fix: 'Return the tensor and look at it outside, or choose with ops.where(…) instead of if.',
    })
  }
  const joins = reached.filter(isWideJoin)
  for (const join of joins) jobs.push(() => settleJoin(chosen, join))
  const isLarge = reached.length >= manyNodes
  for (const [place, group] of byPlace(chosen, known, reached)) {
    jobs.push(() => {
      const outputs = group.map((i) => known[i] as Node)
      const graph = joins.length === 0 ? outputs : withKnown(outputs)
      return computeParts(place, graph, isLarge, (i, leaf) => note(rest[group[i] as number] as Node, leaf))
    })
  }
  return inTurn(jobs).then(results)
}

/**
 * The positions of outputs by where they are computed: on the engine that was chosen; else on the one device whose memory
 * they are made of; else on the default engine, which reads main memory and gets copies of the rest.
 */
function byPlace(
  chosen: Place,
  outputs: readonly Node[],
  reached: readonly Node[],
): Map<Place, readonly number[]> {
  const all = [...outputs.keys()]
  if (chosen !== undefined || devicesOf(reached).size === 0) return new Map([[chosen, all]])
  const groups = new Map<Place, number[]>()
  for (const i of all) {
    const devices = devicesOf(topologicalOrder([outputs[i] as Node]))
    const [place] = devices.size === 1 ? devices : []
    groups.set(place, [...(groups.get(place) ?? []), i])
  }
  return groups
}

/** The engines of values that are not in main memory. */
const devicesOf = (nodes: readonly Node[]): ReadonlySet<EngineContext> =>
  new Set(
    nodes.flatMap((node) => {
      if (node.kind !== 'data' || node.params.source.host !== null) return []
      return ownerOf(node.params.source) ?? []
    }),
  )

/** Computes outputs: all together, those of a large graph with what they have something in common with. */
async function computeParts(
  place: Place,
  outputs: readonly Node[],
  isLarge: boolean,
  note: (output: number, leaf: Node) => unknown,
): Promise<void> {
  const jobs: (() => Promise<unknown>)[] = []
  const rest: number[] = []
  outputs.forEach((node, i) => {
    if (node.kind === 'data') note(i, node)
    else if (isMoved(node)) jobs.push(async () => note(i, await move(node)))
    else rest.push(i)
  })
  const graph = rest.map((i) => outputs[i] as Node)
  const parts = isLarge ? independentParts(graph) : [[...rest.keys()]]
  for (const part of parts) {
    if (part.length === 0) continue
    jobs.push(async () => {
      const leaves = await compute(
        place,
        part.map((k) => graph[k] as Node),
      )
      leaves.forEach((leaf, k) => {
        note(rest[part[k] as number] as number, leaf)
      })
    })
  }
  await inTurn(jobs)
}

/** The leaf of a node that only moves elements, once the runs before have written what it reads. */
async function move(node: Node): Promise<Node> {
  const writers = topologicalOrder([node]).flatMap((at) =>
    at.kind === 'data' ? (ownerOf(at.params.source) ?? []) : [],
  )
  for (const on of new Set(writers)) await on.enqueue(() => {})
  return movedLeaf(node)
}

/** Inputs of a `concat` from which they are computed by themselves: their graphs may be alike, and joining needs none. */
const manyInputs = 64

/** Whether a node joins so many small parts that they would be most of a model. */
const isWideJoin = (node: Node): boolean =>
  node.kind === 'concat' && node.inputs.length >= manyInputs && isSmall(node)

/** Computes what a join is made of, and then the join where that is a matter of a moment. */
async function settleJoin(chosen: Place, join: Node): Promise<void> {
  const ends = await evaluateOn(chosen, join.inputs.map(withoutShape))
  const inputs = ends.map(({ source }, i) => {
    const { shape } = join.inputs[i] as Node
    return makeNode('reshape', [makeNode('data', [], { source })], { shape })
  })
  const known = withInputs(join, inputs)
  if (isMoved(known)) computed.set(join, await move(known))
}

const withoutShape = (node: Node): Node =>
  node.kind === 'reshape' ? withoutShape(node.inputs[0] as Node) : node

/** One job after another, so that the turns of the event loop between their portions are not filled by each other. */
async function inTurn(jobs: readonly (() => Promise<unknown>)[]): Promise<void> {
  const pacer = new Pacer()
  for (const job of jobs) {
    await job()
    if (pacer.due()) await pacer.turn()
  }
}

/**
 * A graph of so many nodes is computed in its independent parts, of which many are alike: the initial weights of 300
 * layers are 27,000 operators, which take ONNX Runtime 7 s to load (CPU time, 2 cores with AVX2), or 5 models.
 */
const manyNodes = 1000

/** Runs the graph of `outputs`: the leaves that stand for them. */
async function compute(place: Place, asked: readonly Node[]): Promise<readonly Node[]> {
  const outputs = lifted(asked)
  const { key, leaves } = graphKey(outputs)
  const on = place ?? (await currentContext())
  const program = await cached(on, key, outputs, leaves)
  await on.bring(leaves.map(sourceOf))
  const memory = await program.results.allocate()
  // From here on nothing waits, so that inputs are what they are now when the run is enqueued.
  const inputs = leaves.map((leaf) => on.storageOf(sourceOf(leaf)))
  const results = program.results.begin(memory)
  await on.enqueue(() =>
    runAndDeliver(
      () =>
        program.executable.run(
          program.order.map((i) => inputs[i] as Storage),
          results.storages,
        ),
      results,
    ),
  )
  return results.leaves
}

/** The same graph, with the values of nodes that were computed before in place of their operations. */
function withKnown(outputs: readonly Node[]): readonly Node[] {
  const reached = topologicalOrder(outputs)
  const stops = new Set(reached.filter((node) => computed.has(node)))
  if (stops.size === 0) return outputs
  const replaced = new Map<Node, Node>()
  for (const node of topologicalOrder(outputs, stops)) {
    const inputs = stops.has(node) ? [] : node.inputs.map((input) => replaced.get(input) ?? input)
    replaced.set(node, computed.get(node) ?? withInputs(node, inputs))
  }
  return outputs.map((node) => replaced.get(node) ?? node)
}

const sourceOf = (leaf: Node): DataSource => {
  if (leaf.kind !== 'data') throw new TraceError(`evaluate: a leaf of kind ${leaf.kind} has no value`)
  return leaf.params.source
}

/** The program of a graph like this one. Its leaves are counted as `graphKey` counts them. */
function cached(
  on: EngineContext,
  key: string,
  pending: readonly Node[],
  leaves: readonly Node[],
): Promise<EagerProgram> {
  const known = programs.get(on) ?? new Map<string, Promise<EagerProgram>>()
  programs.set(on, known)
  let program = known.get(key)
  if (program === undefined) {
    program = build(on, pending).then((built) => ({
      executable: built.executable,
      order: built.leaves.map((leaf) => leaves.indexOf(leaf)),
      results: new Results(on, pending),
    }))
    // A graph that the engine refuses is not remembered.
    program.catch(() => known.delete(key))
    if (known.size >= capacity) known.delete(known.keys().next().value as string)
  } else {
    known.delete(key)
  }
  known.set(key, program)
  return program
}

registerEvaluator({ evaluate, read: elementsOf })
