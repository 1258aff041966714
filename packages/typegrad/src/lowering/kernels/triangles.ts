import { sameShape } from '../../base/shape.ts'
import type { Work } from '../../base/work.ts'
import type { Node } from '../../graph/node.ts'
import { scalarValue } from '../../passes/constant-folding.ts'

/** On which side of the diagonal of its last two axes a tensor may be other than 0. */
export type Zeros = 'lower' | 'upper'

/** What is known of square matrices before anything runs. */
export interface Triangles {
  /** Tensors that are 0 on one side of the diagonal. */
  readonly zeros: ReadonlyMap<Node, Zeros>
  /** Tensors whose entries above the diagonal are never used; any finite value will do. */
  readonly readBelow: ReadonlySet<Node>
}

export const noTriangles: Triangles = { zeros: new Map(), readBelow: new Set() }

/**
 * Finds what a causal mask makes of a graph: scores above the diagonal count for nothing, their softmax is 0 there, and
 * so is the gradient. Products with these need half of their multiplications.
 *
 * @param among nodes, in an order in which inputs come first.
 */
export function* findingTriangles(among: readonly Node[], outputs: readonly Node[]): Work<Triangles> {
  const zeros = new Map<Node, Zeros>()
  for (const node of among) {
    const known = zerosOf(node, zeros)
    if (known !== undefined) zeros.set(node, known)
    yield
  }
  if (zeros.size === 0) return noTriangles
  const users = new Map<Node, Node[]>()
  for (const node of among) {
    for (const input of node.inputs) {
      const list = users.get(input)
      if (list === undefined) users.set(input, [node])
      else list.push(node)
    }
    yield
  }
  const wanted = new Set(outputs)
  const readBelow = new Set<Node>()
  const isUnread = (node: Node, reader: Node): boolean => {
    if (!sameShape(node.shape, reader.shape)) return false
    const others = reader.inputs.filter((input) => input !== node)
    if (reader.kind === 'mul' && others.some((other) => zeros.get(other) === 'lower')) return true
    if (reader.kind === 'add' && others.some(isForbidding))
      return !wanted.has(reader) && users.get(reader)?.every(isOverLastAxis) === true
    return passing.has(reader.kind) && readBelow.has(reader)
  }
  for (const node of among.toReversed()) {
    yield
    if (!isSquare(node) || wanted.has(node)) continue
    const readers = users.get(node)
    if (readers?.every((reader) => isUnread(node, reader)) === true) readBelow.add(node)
  }
  return { zeros, readBelow }
}

/** What an element of these is depends on the same elements of what they read, and on rows as a whole. */
const passing: ReadonlySet<string> = new Set<Node['kind']>(['add', 'sub', 'mul', 'neg'])

const isSquare = ({ shape }: Node): boolean => shape.length >= 2 && shape.at(-1) === shape.at(-2)

const isOverLastAxis = (node: Node): boolean =>
  node.kind === 'softmax' && node.params.axis === node.shape.length - 1

/** Whether the last two axes of a view are those of what it views. */
const hasSameMatrices = (node: Node, input: Node): boolean =>
  sameShape(node.shape.slice(-2), input.shape.slice(-2))

const flipped = { lower: 'upper', upper: 'lower' } as const satisfies Record<Zeros, Zeros>

function zerosOf(node: Node, known: ReadonlyMap<Node, Zeros>): Zeros | undefined {
  if (!isSquare(node)) return undefined
  const [first] = node.inputs
  const before = first && known.get(first)
  switch (node.kind) {
    case 'softmax':
      return isOverLastAxis(node) && first?.kind === 'add' && first.inputs.some(isForbidding)
        ? 'lower'
        : undefined
    case 'mul':
      return node.inputs
        .map((input) => (sameShape(input.shape, node.shape) ? known.get(input) : undefined))
        .find(Boolean)
    case 'neg':
      return before
    case 'reshape':
      return first && hasSameMatrices(node, first) ? before : undefined
    case 'transpose': {
      const [row, column] = node.params.permutation.slice(-2)
      const last = node.shape.length - 1
      if (before === undefined || Math.max(row as number, column as number) !== last) return undefined
      if (Math.min(row as number, column as number) !== last - 1) return undefined
      return column === last ? before : flipped[before]
    }
    default:
      return undefined
  }
}

/** Whether a node, added to scores, makes their softmax 0 above the diagonal: (mask − 1) · much, of a causal mask. */
function isForbidding(node: Node): boolean {
  const [a, b] = node.inputs
  if (a === undefined || !isSquare(node)) return false
  if (node.kind === 'reshape' || node.kind === 'broadcast') return hasSameMatrices(node, a) && isForbidding(a)
  if (node.kind !== 'mul' || b === undefined) return false
  return [
    [a, b],
    [b, a],
  ].some(([masked, much]) => {
    if (!((scalarValue(much) ?? 0) >= 1e4) || masked?.kind !== 'sub') return false
    const [mask, one] = masked.inputs
    return scalarValue(one) === 1 && mask?.kind === 'cast' && isCausal(mask.inputs[0] as Node)
  })
}

/** Whether a mask is false above the diagonal: where 0 ≤ row − column is false, or that and more. */
function isCausal(mask: Node): boolean {
  const [a, b] = mask.inputs
  if (a === undefined || !isSquare(mask)) return false
  switch (mask.kind) {
    case 'and':
      return mask.inputs.some((input) => hasSameMatrices(mask, input) && isCausal(input))
    case 'reshape':
    case 'broadcast':
      return hasSameMatrices(mask, a) && isCausal(a)
    case 'lessEqual':
      return scalarValue(a) === 0 && b?.kind === 'sub' && isAlong(b.inputs[0], -2) && isAlong(b.inputs[1], -1)
    default:
      return false
  }
}

/** Whether a node counts from 0 along one axis, and has no other. */
function isAlong(node: Node | undefined, axis: -1 | -2): boolean {
  if (node?.kind === 'iota') return axis === -1
  if (node?.kind !== 'reshape' || node.inputs[0]?.kind !== 'iota') return false
  return node.shape.at(axis) === node.inputs[0].params.length
}
