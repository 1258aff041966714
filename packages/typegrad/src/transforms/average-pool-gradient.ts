import type { Shape } from '../base/shape.ts'
import type { NodeOf } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { constant, scalar, type Tensor } from '../tensor/tensor.ts'

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
  // Each channel by itself, as a depthwise convolution with ones.
  const channels = shape[1] as number
  const ones = apply('broadcast', [scalar(1, g.dtype)], { shape: [channels, 1, ...window] })
  return apply('convInputGradient', [share, ones], {
    strides,
    padding,
    dilation: window.map(() => 1),
    groups: channels,
    inputShape: shape,
  })
}
