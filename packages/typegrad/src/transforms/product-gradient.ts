import type { Shape } from '../base/shape.ts'
import { apply } from '../ops/apply.ts'
import type { Tensor } from '../tensor/tensor.ts'

const mul = (a: Tensor, b: Tensor): Tensor => apply('mul', [a, b], {})
const reshape = (x: Tensor, shape: Shape): Tensor => apply('reshape', [x], { shape })

/**
 * For each element the product of the others along the axes: of those before it and those after it. There is
 * no division, so zeros need no care, in gradients of any order.
 */
export function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const permutation = [...others, ...axes]
  const front = apply('transpose', [x], { permutation })
  const length = axes.reduce((size, axis) => size * (x.shape[axis] as number), 1)
  const lines = reshape(front, [...others.map((i) => x.shape[i] as number), length])
  const product = mul(exclusiveProducts(lines, 1), exclusiveProducts(lines, -1))
  return apply('transpose', [reshape(product, front.shape)], {
    permutation: permutation.map((_, i) => permutation.indexOf(i)),
  })
}

/** Products of all elements before (direction 1) or after each (−1) on the last axis, by doubling. */
function exclusiveProducts(x: Tensor, direction: 1 | -1): Tensor {
  const last = x.rank - 1
  const length = x.shape[last] as number
  /** Elements moved on by `distance`, with ones where they came from. */
  const shifted = (t: Tensor, distance: number): Tensor => {
    const padding = t.shape.map((_, i) =>
      i === last ? ([Math.max(distance, 0), Math.max(-distance, 0)] as const) : ([0, 0] as const),
    )
    const start = Math.max(-distance, 0)
    return apply('slice', [apply('pad', [t], { padding, value: 1 })], {
      starts: t.shape.map((_, i) => (i === last ? start : 0)),
      stops: t.shape.map((d, i) => (i === last ? start + d : d)),
      steps: t.shape.map(() => 1),
    })
  }
  let products = shifted(x, direction)
  for (let span = 1; span < length; span *= 2) products = mul(products, shifted(products, span * direction))
  return products
}
