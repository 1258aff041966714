import { sameShape, sizeOf } from '../base/shape.ts'
import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import { constantLike } from './constant-folding.ts'
import type { RewriteRule } from './rewrite.ts'

/** indices, updates, base? → the base, or zeros, plus the updates at their indices. */
type Scatter = Node & NodeOf<'scatterAdd'>

/** What exists as a table of its own whatever is added to it: of others a sum is one pass over memory anyway. */
const tables: ReadonlySet<string> = new Set<Node['kind']>(['input', 'data', 'matmul'])

/**
 * The gradient of an embedding is a table of zeros but for few rows. Where it is only added to another, it need not
 * exist: w − rate·scatterAdd(ids, g) becomes scatterAdd(ids, −rate·g, w), which touches the rows alone, in place.
 *
 * Factors move to the rows, sums of several such tables become one, and what is added to a table is added row by row:
 * the same sums, in another order. What mixes all elements (a weight that decays, a moment) is left as it is.
 */
export const rowUpdates: RewriteRule = (node) => {
  const [a, b, c] = node.inputs
  switch (node.kind) {
    case 'neg':
      return isFromZeros(a) ? withUpdates(a, (updates) => makeNode('neg', [updates], {})) : node
    case 'mul':
      return scaled(node, a, b) ?? scaled(node, b, a) ?? node
    case 'div':
      return scaled(node, a, b) ?? node
    case 'add':
      return sum(a, b) ?? sum(b, a) ?? node
    case 'sub':
      // What is subtracted from its like may be meant to be exactly 0, which rows that are added up in turn are not.
      if (!isFromZeros(b) || isFromZeros(a)) return node
      return sum(a, b, (updates) => makeNode('neg', [updates], {})) ?? node
    case 'select':
      return a === undefined ? node : (chosen(node, a, b, c) ?? chosen(node, a, c, b) ?? node)
    default:
      return node
  }
}

const isScatter = (node: Node | undefined): node is Scatter => node?.kind === 'scatterAdd'

/** Whether a node is zeros but for the rows that are added. */
const isFromZeros = (node: Node | undefined): node is Scatter => isScatter(node) && node.inputs.length === 2

function withUpdates({ inputs, params }: Scatter, change: (updates: Node) => Node): Node {
  const [indices, updates, ...base] = inputs as readonly [Node, Node, Node?]
  return makeNode('scatterAdd', [indices, change(updates), ...(base as Node[])], params)
}

/** (rows · factor) for (table · factor) with one factor for all, if there are fewer rows than the table has. */
function scaled(node: Node, table: Node | undefined, factor: Node | undefined): Node | undefined {
  if (!isFromZeros(table) || factor === undefined || sizeOf(factor.shape) !== 1) return undefined
  if (!sameShape(node.shape, table.shape) || !isSparse(table)) return undefined
  return withUpdates(table, (updates) => makeNode(node.kind, [updates, scalar(factor)], node.params))
}

const isSparse = (...scatters: readonly Scatter[]): boolean =>
  scatters.reduce((count, { inputs }) => count + sizeOf((inputs[1] as Node).shape), 0) <=
  sizeOf((scatters[0] as Scatter).shape)

const scalar = (node: Node): Node =>
  node.shape.length === 0 ? node : makeNode('reshape', [node], { shape: [] })

/** table + rows, of which `change` is made first. */
function sum(
  table: Node | undefined,
  rows: Node | undefined,
  change = (updates: Node): Node => updates,
): Node | undefined {
  if (table === undefined || !isFromZeros(rows)) return undefined
  if (!sameShape(table.shape, rows.shape)) return undefined
  const [indices, updates] = rows.inputs as readonly [Node, Node]
  if (tables.has(table.kind)) return makeNode('scatterAdd', [indices, change(updates), table], rows.params)
  if (
    !isScatter(table) ||
    areOpposite(table, rows) ||
    table.params.axis !== rows.params.axis ||
    !isSparse(table, rows)
  )
    return undefined
  // One after the other: the rows of both.
  const { axis, size } = table.params
  const both = [table, withUpdates(rows, change) as Scatter].map((scatter) => flat(scatter))
  const isMixed = both[0]?.indices.dtype !== both[1]?.indices.dtype
  const places = both.map((one) =>
    isMixed ? makeNode('cast', [one.indices], { dtype: 'int64' }) : one.indices,
  )
  const joined = makeNode(
    'concat',
    both.map((one) => one.updates),
    { axis },
  )
  return makeNode('scatterAdd', [makeNode('concat', places, { axis: 0 }), joined, ...table.inputs.slice(2)], {
    axis,
    size,
  })
}

/** Whether one is what the other is with its sign changed: their sum is exactly 0 as it stands. */
const areOpposite = (a: Scatter, b: Scatter): boolean => {
  const [x, y] = [a.inputs[1] as Node, b.inputs[1] as Node]
  return (x.kind === 'neg' && x.inputs[0] === y) || (y.kind === 'neg' && y.inputs[0] === x)
}

/** Indices along one axis, in the place of which the updates have one as well. */
function flat({ inputs, params: { axis } }: Scatter): { readonly indices: Node; readonly updates: Node } {
  const [indices, updates] = inputs as readonly [Node, Node]
  const { shape } = updates
  const count = sizeOf(indices.shape)
  const after = shape.slice(axis + indices.shape.length)
  return {
    indices: makeNode('reshape', [indices], { shape: [count] }),
    updates: makeNode('reshape', [updates], { shape: [...shape.slice(0, axis), count, ...after] }),
  }
}

/** Either a table with rows added or that table: rows of zeros in the second case. */
function chosen(node: Node, condition: Node, a: Node | undefined, b: Node | undefined): Node | undefined {
  if (!isScatter(a) || b === undefined || a.inputs[2] !== b || sizeOf(condition.shape) !== 1) return undefined
  const zero = constantLike(0, node.dtype)
  if (zero === undefined || !sameShape(node.shape, a.shape)) return undefined
  return withUpdates(a, (updates) => {
    const options = node.inputs[1] === a ? [updates, zero] : [zero, updates]
    return makeNode('select', [scalar(condition), ...options], {})
  })
}
