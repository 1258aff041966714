import { sameShape, sizeOf } from '../base/shape.ts'
import type { Work } from '../base/work.ts'
import { isLeaf, makeNode, type Node, topologicalOrderWork } from '../graph/node.ts'
import { rewriteWork } from './rewrite.ts'

/**
 * W + scale · A · B of variables or other leaves: W (n, m) in whichever shape, A (n, r), B (r, m). W may be such a sum
 * itself: several adapters of one weight.
 */
interface Update {
  /** Undefined for an update alone, whose inputs are not the base's (`layers/base/kernel-product.ts`). */
  readonly base: Node | undefined
  readonly a: Node
  readonly b: Node
  /** One element, such as a constant or a variable that switches the update on and off; undefined for 1. */
  readonly scale: Node | undefined
}

/** The sum costs n · m · r, the factors one after the other r · (n + m) a row: at most this share of the product with W. */
const largestShare = 1 / 4

/**
 * A product with a weight that has an update of low rank is the sum of two: x · (W + s · A · B) = x · W + s · (x · A) · B.
 * The updated weight, as large as W, is neither computed nor held until the backward pass, which reads it again. In that
 * pass A's gradient, s · (xᵀ · g) · Bᵀ, is s · xᵀ · (g · Bᵀ), and B's likewise, without W's gradient in between.
 *
 * Eight dense layers (512, 512) with updates of rank 4 for a batch of 4: a step of training holds 1.2 MB in the place of
 * 8.1 (by `peakBytes`), of which one is a transposed weight that products read as it lies.
 *
 * Hu et al. 2021, "LoRA", https://arxiv.org/abs/2106.09685
 */
export function* lowRankProductsWork(outputs: readonly Node[]): Work<Node[]> {
  const factors = new Set<Node>()
  for (const node of yield* topologicalOrderWork(outputs)) {
    const update = node.kind === 'add' ? updateIn(node) : node.kind === 'matmul' ? productIn(node) : undefined
    if (update !== undefined) factors.add(update.a).add(update.b)
    yield
  }
  if (factors.size === 0) return [...outputs]
  return yield* rewriteWork(outputs, (node) =>
    node.kind === 'matmul' ? (withUpdate(node) ?? regrouped(node, factors) ?? node) : node,
  )
}

/** x · (W + s · A · B), or with the transposed weight. */
function withUpdate({ inputs }: Node): Node | undefined {
  const [x, weight] = inputs as readonly [Node, Node]
  return updatedProduct(x, weight)
}

function updatedProduct(x: Node, weight: Node): Node | undefined {
  if (weight.shape.length !== 2) return undefined
  const isTurned = weight.kind === 'transpose'
  const shaped = isTurned ? (weight.inputs[0] as Node) : weight
  const sum = shaped.kind === 'reshape' ? (shaped.inputs[0] as Node) : shaped
  const update = sum.kind === 'add' ? updateIn(sum) : aloneIn(sum)
  if (update === undefined) return undefined
  const { base, a, b, scale } = update
  // A and B have to be factors of the matrix as it is used here.
  if (shaped.shape[0] !== a.shape[0] || shaped.shape[1] !== b.shape[1]) return undefined
  const [first, second] = isTurned ? [turned(b), turned(a)] : [a, b]
  const narrow = scaled(product(x, first), scale)
  if (base === undefined) return product(narrow, second)
  const matrix = base.shape.length === 2 ? base : makeNode('reshape', [base], { shape: shaped.shape })
  const rest = isTurned ? turned(matrix) : matrix
  return makeNode('add', [updatedProduct(x, rest) ?? product(x, rest), product(narrow, second)], {})
}

/** (p · q) · Bᵀ as p · (q · Bᵀ), and Aᵀ · (p · q) as (Aᵀ · p) · q. */
function regrouped({ inputs }: Node, factors: ReadonlySet<Node>): Node | undefined {
  const [left, right] = inputs as readonly [Node, Node]
  if (isTurnedFactor(right, factors)) {
    const inner = innerProduct(left)
    return inner && scaled(product(inner.p, product(inner.q, right)), inner.scale)
  }
  if (isTurnedFactor(left, factors)) {
    const inner = innerProduct(right)
    return inner && scaled(product(product(left, inner.p), inner.q), inner.scale)
  }
  return undefined
}

const isTurnedFactor = ({ kind, inputs, shape }: Node, factors: ReadonlySet<Node>): boolean =>
  kind === 'transpose' && shape.length === 2 && factors.has(inputs[0] as Node)

/** A product of two matrices, times a number, in the shape that it has as a product. */
function innerProduct(
  node: Node,
): { readonly p: Node; readonly q: Node; readonly scale: Node | undefined } | undefined {
  const { inner, scale } = withoutScale(node)
  const whole = inner.kind === 'reshape' ? (inner.inputs[0] as Node) : inner
  if (whole.kind !== 'matmul' || whole.shape.length !== 2 || !sameShape(whole.shape, node.shape))
    return undefined
  const [p, q] = whole.inputs as readonly [Node, Node]
  return p.shape.length === 2 && q.shape.length === 2 ? { p, q, scale } : undefined
}

/** W + s · A · B, if the sum is one of leaves, whose rank is low. */
function updateIn({ inputs }: Node): Update | undefined {
  const [x, y] = inputs as readonly [Node, Node]
  for (const [base, addend] of [
    [x, y],
    [y, x],
  ] as const) {
    if (!sameShape(base.shape, addend.shape)) continue
    const outer = addend.kind === 'reshape' ? (addend.inputs[0] as Node) : addend
    const { inner, scale } = withoutScale(outer)
    const found = inner.kind === 'matmul' ? productIn(inner) : undefined
    // The base last: what both sides of sums of sums hold would be looked at once for each way to it.
    if (found !== undefined && (isHeld(base) || (base.kind === 'add' && updateIn(base) !== undefined)))
      return { base, ...found, scale }
  }
  return undefined
}

/** scale · A · B as a weight. */
function aloneIn(node: Node): Update | undefined {
  const { inner, scale } = withoutScale(node)
  const found = inner.kind === 'matmul' ? productIn(inner) : undefined
  return found && { base: undefined, ...found, scale }
}

/** A · B of leaves, whose rank is low. */
function productIn({ inputs }: Node): { readonly a: Node; readonly b: Node } | undefined {
  const [a, b] = inputs as readonly [Node, Node]
  if (!isLeaf(a) || !isLeaf(b) || a.shape.length !== 2 || b.shape.length !== 2) return undefined
  const [n, r] = a.shape as readonly [number, number]
  const m = b.shape[1] as number
  return r * (n + m) <= largestShare * n * m ? { a, b } : undefined
}

/** A leaf, or one that is kept in few bits: nothing that a product would compute once more. */
function isHeld(node: Node): boolean {
  if (node.kind === 'transpose' || node.kind === 'reshape') return isHeld(node.inputs[0] as Node)
  return isLeaf(node) || (node.kind === 'dequantize' && node.inputs.every(isLeaf))
}

function withoutScale(node: Node): { readonly inner: Node; readonly scale: Node | undefined } {
  if (node.kind === 'mul') {
    const [x, y] = node.inputs as readonly [Node, Node]
    if (isOneElement(y)) return { inner: x, scale: y }
    if (isOneElement(x)) return { inner: y, scale: x }
  }
  return { inner: node, scale: undefined }
}

/** One that makes nothing larger that it is multiplied with. */
const isOneElement = ({ shape }: Node): boolean => shape.length <= 1 && sizeOf(shape) === 1

const product = (x: Node, y: Node): Node => makeNode('matmul', [x, y], {})
const turned = (x: Node): Node => makeNode('transpose', [x], { permutation: [1, 0] })
const scaled = (x: Node, scale: Node | undefined): Node =>
  scale === undefined ? x : makeNode('mul', [x, scale], {})
