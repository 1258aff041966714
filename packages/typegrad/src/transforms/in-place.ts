import type { Work } from '../base/work.ts'
import { type Node, topologicalOrderWork } from '../graph/node.ts'
import { binaryPrimitives, unaryPrimitives } from '../graph/primitives.ts'

/** An input whose memory an output may take. */
export interface StateUpdate {
  readonly before: Node
  readonly after: Node
}

const elementwise = new Set<string>([...unaryPrimitives, ...binaryPrimitives, 'select', 'cast'])

/** What the runtime may compute without a copy, so that its readers read the input's own memory, later. */
const views = new Set<string>([
  'identity',
  'stopGradient',
  'customGradient',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
])

/**
 * For each update of a state whether it can be written over the state itself: every other reader of the old
 * value has read it by then, because the new value depends on that reader, and the new value is made
 * element by element or is the old one with rows added or a block written over. Where this does not hold, old and new take turns in two memories.
 */
export function* planInPlaceWork(updates: readonly StateUpdate[], outputs: readonly Node[]): Work<boolean[]> {
  const order = yield* topologicalOrderWork(outputs)
  const readers = new Map<Node, Node[]>()
  for (const node of order) {
    for (const input of node.inputs) {
      const list = readers.get(input)
      if (list === undefined) readers.set(input, [node])
      else list.push(node)
    }
    yield
  }
  const makers = new Map<Node, number>()
  for (const output of outputs) makers.set(output, (makers.get(output) ?? 0) + 1)

  const reading: Node[][] = []
  for (const { before } of updates) {
    reading.push(readersThroughViews(before, readers))
    yield
  }
  const isAncestor = yield* ancestry(order, new Set(reading.flat()))

  const isSafe = ({ before, after }: StateUpdate, i: number): boolean => {
    if (before.kind !== 'input' || before.dtype !== after.dtype) return false
    // A value that is also another output must not be two memories at once.
    if (makers.get(after) !== 1 || makers.has(before)) return false
    if (!isElementwise(after) && !isRowUpdate(after, before) && !isBlockUpdate(after, before)) return false
    const others = (reading[i] as readonly Node[]).filter((reader) => reader !== after)
    if (others.length === 0) return true
    if (others.some((reader) => makers.has(reader) && views.has(reader.kind))) return false
    return others.every((reader) => isAncestor(reader, after))
  }
  const plan: boolean[] = []
  for (const [i, update] of updates.entries()) {
    plan.push(isSafe(update, i))
    yield
  }
  return plan
}

/** The runtime may fuse a product with the addition after it, and would read while it writes. */
const isElementwise = ({ kind, inputs }: Node): boolean =>
  elementwise.has(kind) &&
  !views.has(kind) &&
  inputs.every((input) => input.inputs.length === 0 || elementwise.has(input.kind))

/** Whether rows are added to `before`, of which nothing else is read meanwhile. */
function isRowUpdate(after: Node, before: Node): boolean {
  if (after.kind !== 'scatterAdd' || after.params.axis !== 0 || after.inputs[2] !== before) return false
  return after.inputs.slice(0, 2).every((input) => viewed(input) !== before)
}

/** Whether a block is written over a part of `before`, of which nothing else is read meanwhile. */
const isBlockUpdate = ({ kind, inputs }: Node, before: Node): boolean =>
  kind === 'dynamicUpdateSlice' &&
  inputs[0] === before &&
  inputs.slice(1).every((input) => viewed(input) !== before)

/** Whose memory a node shows. */
function viewed(node: Node): Node {
  let source = node
  while (views.has(source.kind)) source = source.inputs[0] as Node
  return source
}

type IsAncestor = (source: Node, node: Node) => boolean

/**
 * Answers whether one node is computed before another because the other needs it. Each of `sources` has a
 * bit; a node's set is the union of its inputs' sets, so that all answers cost one pass over the graph: a
 * model of hundreds of weights asks thousands of times.
 */
function* ancestry(order: readonly Node[], sources: ReadonlySet<Node>): Work<IsAncestor> {
  const bits = new Map([...sources].map((source, i) => [source, i]))
  const words = Math.ceil(bits.size / 32)
  const sets = new Map<Node, Uint32Array>()
  for (const node of order) {
    const set = new Uint32Array(words)
    for (const input of node.inputs) {
      const below = sets.get(input)
      if (below !== undefined)
        for (let i = 0; i < words; i++) set[i] = (set[i] as number) | (below[i] as number)
    }
    const own = bits.get(node)
    if (own !== undefined) set[own >>> 5] = (set[own >>> 5] as number) | (1 << (own & 31))
    sets.set(node, set)
    yield
  }
  return (source, node) => {
    const bit = bits.get(source) as number
    return (((sets.get(node) as Uint32Array)[bit >>> 5] as number) & (1 << (bit & 31))) !== 0
  }
}

/** Nodes that read the memory of `node`, those behind views too. */
function readersThroughViews(node: Node, readers: ReadonlyMap<Node, readonly Node[]>): Node[] {
  const found: Node[] = []
  const open = [node]
  while (open.length > 0) {
    for (const reader of readers.get(open.pop() as Node) ?? []) {
      found.push(reader)
      if (views.has(reader.kind)) open.push(reader)
    }
  }
  return found
}
