import { sameShape, sizeOf } from '../base/shape.ts'
import type { Work } from '../base/work.ts'
import { makeNode, type Node, topologicalOrderWork } from '../graph/node.ts'
import { rewriteWork } from './rewrite.ts'

/** A node as a transpose of another, or of itself. */
interface Transposed {
  readonly before: Node
  readonly permutation: readonly number[]
}

/**
 * The gradient of a softmax has, for each row, the sum of p · dp. Where p are attention's weights, o = p · v, and
 * dp = do · vᵀ, that is the sum of o · do, which has as many columns as a head has and not as many as there are keys.
 *
 * Dao et al. 2022, "FlashAttention", appendix B, https://arxiv.org/abs/2205.14135
 */
export function* rowDotsWork(outputs: readonly Node[]): Work<Node[]> {
  /** Products by their first factor, and transposes by what is transposed. */
  const products = new Map<Node, Node[]>()
  const transposes = new Map<Node, Node[]>()
  for (const node of yield* topologicalOrderWork(outputs)) {
    const lists = node.kind === 'matmul' ? products : node.kind === 'transpose' ? transposes : undefined
    const [first] = node.inputs
    if (lists === undefined || first === undefined) continue
    const list = lists.get(first)
    if (list === undefined) lists.set(first, [node])
    else list.push(node)
    yield
  }
  return yield* rewriteWork(outputs, (node) => {
    const [elements] = node.inputs
    if (node.kind !== 'reduceSum' || elements?.kind !== 'mul' || !node.params.keepDims) return node
    const last = node.shape.length - 1
    if (node.params.axes.length !== 1 || node.params.axes[0] !== last) return node
    const [a, b] = elements.inputs as readonly [Node, Node]
    for (const [dp, p] of [
      [a, b],
      [b, a],
    ] as const) {
      if (dp.kind !== 'matmul' || !sameShape(dp.shape, p.shape)) continue
      const [gradient, turned] = dp.inputs as readonly [Node, Node]
      const o = products.get(p)?.find(({ inputs }) => areTurned(inputs[1] as Node, turned))
      if (o === undefined || !sameShape(o.shape, gradient.shape)) continue
      if (sizeOf(o.shape) > sizeOf(p.shape)) continue
      return sumOfDots(o, gradient, transposes.get(o) ?? [])
    }
    return node
  })
}

/** Sums of o · gradient over the last axis, in the layout in which o is used, if the gradient came in that. */
function sumOfDots(o: Node, gradient: Node, used: readonly Node[]): Node {
  const last = o.shape.length - 1
  const dots = (x: Node, y: Node): Node =>
    makeNode('reduceSum', [makeNode('mul', [x, y], {})], { axes: [last], keepDims: true })
  const { before, permutation } = transposed(gradient)
  const alike = used.find((node) => {
    const { permutation: back } = transposed(node)
    return back[last] === last && permutation.every((axis, i) => back[axis] === i)
  })
  return alike === undefined
    ? dots(gradient, o)
    : makeNode('transpose', [dots(before, alike)], { permutation })
}

function transposed(node: Node): Transposed {
  return node.kind === 'transpose'
    ? { before: node.inputs[0] as Node, permutation: node.params.permutation }
    : { before: node, permutation: node.shape.map((_, i) => i) }
}

/** Whether each is the other with its last two axes turned. */
function areTurned(a: Node, b: Node): boolean {
  const [x, y] = [transposed(a), transposed(b)]
  const last = a.shape.length - 1
  const turned = x.permutation.map((axis, i) =>
    i === last ? x.permutation[last - 1] : i === last - 1 ? x.permutation[last] : axis,
  )
  if (x.before === y.before) return turned.every((axis, i) => axis === y.permutation[i])
  // One of the two may be the transpose of the other itself.
  const isSwap = ({ permutation }: Transposed): boolean =>
    permutation.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i))
  return (y.before === a && isSwap(y)) || (x.before === b && isSwap(x))
}
