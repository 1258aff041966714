import { sameShape } from '../../base/shape.ts'
import type { Work } from '../../base/work.ts'
import { isZeroAboveDiagonal } from '../../graph/masked-softmax.ts'
import type { Node } from '../../graph/node.ts'

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
 * Finds what a causal mask makes of a graph: a masked softmax does not read scores above the diagonal and is 0 there, and
 * so is its gradient. Products with these need half of their multiplications.
 *
 * @param among nodes, in an order in which inputs come first.
 */
export function* findTrianglesWork(among: readonly Node[], outputs: readonly Node[]): Work<Triangles> {
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
    if (reader.kind === 'maskedSoftmax') return isZeroAboveDiagonal(reader)
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
const passing: ReadonlySet<string> = new Set<Node['kind']>(['add', 'sub', 'mul', 'neg', 'tanh'])

const isSquare = ({ shape }: Node): boolean => shape.length >= 2 && shape.at(-1) === shape.at(-2)

/** Whether the last two axes of a view are those of what it views. */
const hasSameMatrices = (node: Node, input: Node): boolean =>
  sameShape(node.shape.slice(-2), input.shape.slice(-2))

const flipped = { lower: 'upper', upper: 'lower' } as const satisfies Record<Zeros, Zeros>

function zerosOf(node: Node, known: ReadonlyMap<Node, Zeros>): Zeros | undefined {
  if (!isSquare(node)) return undefined
  const [first] = node.inputs
  const before = first && known.get(first)
  switch (node.kind) {
    case 'maskedSoftmax':
      return isZeroAboveDiagonal(node) ? 'lower' : undefined
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
