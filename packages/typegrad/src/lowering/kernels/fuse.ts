/**
 * `lowering/kernels/`: which nodes of a graph become a kernel, and which one. It knows shapes and the kernels' data,
 * and no machine code.
 */
import { type Shape, sameShape, sizeOf } from '../../base/shape.ts'
import type { Work } from '../../base/work.ts'
import { isLeaf, type Node, topologicalOrder } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import { broadcastView, commonAxes } from '../../kernel/axes.ts'
import type {
  ElementwiseKernel,
  KernelInputDType,
  KernelOp,
  KernelValue,
  Strides,
} from '../../kernel/elementwise.ts'
import type { KernelSupport } from '../../kernel/support.ts'
import { scalarValue } from '../../passes/constant-folding.ts'
import { isByChannel } from '../../passes/convolution-shapes.ts'
import { type Source, viewedBy } from './view.ts'

/** Nodes that become one kernel. */
export interface Fusion {
  readonly kernel: ElementwiseKernel
  /** Nodes that are the kernel's inputs, in order. */
  readonly inputs: readonly Node[]
  /** Nodes whose values it writes, in order. */
  readonly outputs: readonly Node[]
  readonly members: ReadonlySet<Node>
}

/** Primitives that are an operation of kernels. `cast` is one from bool to float32, and from bytes, which are read as floats. */
const ops: Readonly<Partial<Record<Primitive, KernelOp>>> = {
  neg: 'neg',
  abs: 'abs',
  sqrt: 'sqrt',
  reciprocal: 'reciprocal',
  relu: 'relu',
  floor: 'floor',
  ceil: 'ceil',
  round: 'round',
  exp: 'exp',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  not: 'not',
  cast: 'toFloat',
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'div',
  max: 'max',
  min: 'min',
  equal: 'equal',
  less: 'less',
  lessEqual: 'lessEqual',
  and: 'and',
  or: 'or',
  xor: 'xor',
  select: 'select',
}

/**
 * Finds elementwise operations that can be done in one pass over memory.
 *
 * A node's level is the number of other operations (products, reductions, …) on the longest way to it. Nodes of one
 * level and shape that are connected become a kernel: a way that leaves the kernel by another operation leads to a
 * higher level and cannot come back, so kernels never wait for each other in a circle. What only kernels of higher
 * levels read sinks to them, and what does not fit into a kernel any more begins the next level.
 *
 * @param among the nodes that may be fused: those of one scope, in an order in which inputs come first.
 */
export function* fuseWork(
  among: readonly Node[],
  outputs: readonly Node[],
  kernelSupport: KernelSupport,
): Work<ReadonlyMap<Node, Fusion>> {
  const users = yield* usersOf(among)
  const wanted = new Set(outputs)
  const fusable = new Set<Node>()
  for (const node of among) {
    if (isFusable(node, users, wanted)) fusable.add(node)
    yield
  }
  const latest = yield* latestLevels(among, users, wanted, fusable)
  const context: FusionContext = {
    users,
    wanted,
    isView: (node) =>
      viewKinds.has(node.kind) &&
      !wanted.has(node) &&
      users.get(node)?.every((reader) => fusable.has(reader)) === true,
  }

  const levels = new Map<Node, number>()
  const groups = new Map<Node, Set<Node>>()
  for (const node of among) {
    const isMember = fusable.has(node)
    const earliest = node.inputs.reduce((level, input) => Math.max(level, levels.get(input) ?? 0), 0)
    const level = isMember ? Math.max(earliest, latest.get(node) ?? 0) : earliest + 1
    levels.set(node, level)
    if (!isMember) continue
    yield
    const joined = new Set<Node>([node])
    for (const input of node.inputs) {
      const group = groups.get(input)
      if (group === undefined || levels.get(input) !== level || !sameShape(input.shape, node.shape)) continue
      for (const member of group) joined.add(member)
    }
    if (joined.size > 1 && supported(joined, context, kernelSupport) === undefined) {
      levels.set(node, level + 1)
      groups.set(node, new Set([node]))
      continue
    }
    for (const member of joined) groups.set(member, joined)
  }

  const fusions = new Map<Node, Fusion>()
  for (const group of new Set(groups.values())) {
    // An operation by itself is a kernel only where that saves a slice or a transpose, or broadcasting in short rows.
    if (group.size < 2 && !mayGain(group, context)) continue
    const fusion = group.size < 2 ? supported(group, context, kernelSupport) : toFusion(group, context)
    if (fusion !== undefined) for (const member of group) fusions.set(member, fusion)
    yield
  }
  return fusions
}

type Users = ReadonlyMap<Node, readonly Node[]>

/** The graph or body in which kernels are looked for. */
interface FusionContext {
  readonly users: Users
  readonly wanted: ReadonlySet<Node>
  /** Whether a node need not exist by itself: it is a way of reading another, and kernels alone read it. */
  readonly isView: (node: Node) => boolean
}

const viewKinds: ReadonlySet<string> = new Set<Primitive>(['slice', 'transpose', 'broadcast'])

const mayGain = (group: ReadonlySet<Node>, { isView }: FusionContext): boolean =>
  [...group].some((node) => node.inputs.some((input) => isView(input) || isInShortRows(input, node)))

/** Elements of a row up to which the runtime, which broadcasts row by row, takes longer for its rows than for their elements. */
const shortRow = 8

/** Whether an operand differs from pixel to pixel and not from channel to channel, or the other way around. */
function isInShortRows(operand: Node, { shape }: Node): boolean {
  const size = sizeOf(operand.shape)
  const last = shape.at(-1) as number
  return last < shortRow && size < sizeOf(shape) && size > 1 && sizeOf(shape) >= minShortRows
}

/** Elements from which such an operation by itself is worth a kernel. */
const minShortRows = 1 << 12

function* usersOf(among: readonly Node[]): Work<Users> {
  const users = new Map<Node, Node[]>()
  for (const node of among) {
    node.inputs.forEach((input, i) => {
      const list = users.get(input)
      if (list === undefined) users.set(input, [node])
      else if (node.inputs.indexOf(input) === i) list.push(node)
    })
    yield
  }
  return users
}

const isKernelType = (node: Node): boolean => node.dtype === 'float32' || node.dtype === 'bool'

/** Whether a node makes floats of bytes: of pixels, as a rule. */
const isOfBytes = (node: Node): boolean => node.kind === 'cast' && node.inputs[0]?.dtype === 'uint8'

function isFusable(node: Node, users: Users, wanted: ReadonlySet<Node>): boolean {
  if (ops[node.kind] === undefined || !isKernelType(node)) return false
  if (!node.inputs.every(isKernelType) && !isOfBytes(node)) return false
  if (node.kind === 'cast' && (node.dtype !== 'float32' || node.inputs[0]?.dtype === 'float32')) return false
  if (node.kind === 'select' && node.dtype !== 'float32') return false
  // A comparison of bools compares bytes elsewhere; in a kernel their lanes are no numbers.
  if (['equal', 'less', 'lessEqual'].includes(node.kind) && node.inputs[0]?.dtype === 'bool') return false
  if (sizeOf(node.shape) === 0) return false
  const views = node.inputs.map((input) => broadcastView(input.shape, node.shape))
  if (commonAxes(node.shape, views) === undefined) return false
  return !isEpilogue(node, users, wanted)
}

/** A bias added to a product or convolution, and the activation after it: the runtime's operators do these themselves. */
function isEpilogue(node: Node, users: Users, wanted: ReadonlySet<Node>): boolean {
  const isOnly = (input: Node) => users.get(input)?.length === 1 && !wanted.has(input)
  if (node.kind === 'add') {
    return node.inputs.some((input, i) => {
      const other = node.inputs[1 - i] as Node
      const isProduct = input.kind === 'matmul' || (input.kind === 'conv' && !isByChannel(input))
      return isProduct && isOnly(input) && sizeOf(other.shape) < sizeOf(node.shape)
    })
  }
  if (node.kind !== 'relu') return false
  const [input] = node.inputs
  return input?.kind === 'add' && isOnly(input) && isEpilogue(input, users, wanted)
}

/** The level to which a node can sink: that of the kernels that alone read it. */
function* latestLevels(
  among: readonly Node[],
  users: Users,
  wanted: ReadonlySet<Node>,
  fusable: ReadonlySet<Node>,
): Work<ReadonlyMap<Node, number>> {
  const levels = new Map<Node, number>()
  for (const node of among) {
    const earliest = node.inputs.reduce((level, input) => Math.max(level, levels.get(input) ?? 0), 0)
    levels.set(node, fusable.has(node) ? earliest : earliest + 1)
    yield
  }
  for (const node of among.toReversed()) {
    const readers = users.get(node) ?? []
    if (!fusable.has(node) || wanted.has(node) || readers.length === 0) continue
    if (!readers.every((reader) => fusable.has(reader))) continue
    levels.set(node, Math.min(...readers.map((reader) => levels.get(reader) as number)))
    yield
  }
  return levels
}

/** The group as a kernel, if the engine has it. */
function supported(
  group: ReadonlySet<Node>,
  context: FusionContext,
  kernelSupport: KernelSupport,
): Fusion | undefined {
  const fusion = toFusion(group, context)
  return fusion !== undefined && kernelSupport.supports('elementwise', fusion.kernel) ? fusion : undefined
}

/** The group as a kernel; undefined if its inputs do not lie regularly along few axes. */
const toFusion = (group: ReadonlySet<Node>, context: FusionContext): Fusion | undefined =>
  toFusionWith(group, context, context.isView) ?? toFusionWith(group, context, () => false)

function toFusionWith(
  group: ReadonlySet<Node>,
  { users, wanted }: FusionContext,
  isView: (node: Node) => boolean,
): Fusion | undefined {
  const members = inOrder(group)
  const shape = (members[0] as Node).shape
  const outside = [...new Set(members.flatMap(({ inputs }) => inputs.filter((input) => !group.has(input))))]
  const constants = outside.filter((node) => numberOf(node) !== undefined)
  const read = outside.filter((node) => numberOf(node) === undefined)
  const sources = read.map((node) => readable(node, shape, isView))
  const common = commonAxes(
    shape,
    sources.map(({ view }) => view),
  )
  if (common === undefined) return undefined
  const positions = new Map<Node, number>()
  const values: KernelValue[] = []
  const push = (node: Node, value: KernelValue): void => {
    positions.set(node, values.length)
    values.push(value)
  }
  read.forEach((node, i) => {
    const { view } = sources[i] as Source
    const [dtype, strides] = [node.dtype as KernelInputDType, common.strides[i] as Strides]
    push(node, { kind: 'input', dtype, offset: view.offset, strides })
  })
  for (const node of constants) push(node, { kind: 'constant', value: numberOf(node) as number })
  for (const node of members) {
    const operands = node.inputs.map((input) => positions.get(input) as number)
    push(node, { kind: 'op', op: isOfBytes(node) ? 'copy' : (ops[node.kind] as KernelOp), operands })
  }
  const outputs = members.filter(
    (node) => wanted.has(node) || users.get(node)?.some((reader) => !group.has(reader)) === true,
  )
  const kernel: ElementwiseKernel = {
    kind: 'elementwise',
    shape,
    axes: common.axes,
    values,
    outputs: outputs.map((node) => positions.get(node) as number),
  }
  return { kernel, inputs: sources.map(({ node }) => node), outputs, members: group }
}

/**
 * Where a kernel finds what it reads. A slice of a leaf stays one: a kernel may write its result over a variable, and
 * must not read that at other places than the one that it writes.
 */
function readable(node: Node, shape: Shape, isView: (node: Node) => boolean): Source {
  const source = viewedBy(node, shape, isView)
  return isLeaf(source.node) && source.node !== node ? viewedBy(node, shape, () => false) : source
}

/** The members, each after those that it reads. */
const inOrder = (group: ReadonlySet<Node>): Node[] =>
  topologicalOrder(
    group,
    new Set([...group].flatMap(({ inputs }) => inputs.filter((input) => !group.has(input)))),
  ).filter((node) => group.has(node))

/** The number of a constant that is one. A bool has none: it is read as other bools are. */
const numberOf = (node: Node): number | undefined =>
  node.dtype === 'float32' ? scalarValue(node) : undefined
