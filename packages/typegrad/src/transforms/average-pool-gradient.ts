import type { Shape } from '../base/shape.ts'
import type { NodeOf } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { constant, scalar, type Tensor } from '../tensor/tensor.ts'

const reshape = (x: Tensor, shape: Shape): Tensor => apply('reshape', [x], { shape })

/** Every element takes its share of the mean of each window that it was in. */
export function averagePoolGradient(g: Tensor, shape: Shape, { params }: NodeOf<'averagePool'>): Tensor {
  const { window, strides, padding } = params
  const spatial = shape.slice(2)
  // How many real elements each window has: a product of counts along the axes.
  const counts = spatial.map((length, i) =>
    Array.from({ length: g.shape[i + 2] as number }, (_, at) => {
      const first = at * (strides[i] as number) - (padding[i]?.[0] ?? 0)
      return Math.min(first + (window[i] as number), length) - Math.max(first, 0)
    }),
  )
  let share = g
  counts.forEach((count, i) => {
    const along = g.shape.map((d, axis) => (axis === i + 2 ? d : 1))
    share = apply('div', [share, constant(count, along, g.dtype)], {})
  })
  const planes = (shape[0] as number) * (shape[1] as number)
  const ones = apply('broadcast', [scalar(1, g.dtype)], { shape: [1, 1, ...window] })
  const spreadOut = apply('convInputGradient', [reshape(share, [planes, 1, ...g.shape.slice(2)]), ones], {
    strides,
    padding,
    dilation: window.map(() => 1),
    groups: 1,
    inputShape: [planes, 1, ...spatial],
  })
  return reshape(spreadOut, shape)
}
