import type { Shape } from '../base/shape.ts'
import type { NodeOf } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'

const reshape = (x: Tensor, shape: Shape): Tensor => apply('reshape', [x], { shape })

/** The transpose of slicing: elements go back to where they were taken from, zeros stand elsewhere. */
export function sliceGradient(g: Tensor, shape: Shape, { params }: NodeOf<'slice'>): Tensor {
  const { starts, steps } = params
  if (g.size === 0) return apply('broadcast', [scalar(0, g.dtype)], { shape })
  let result = g
  const firsts = starts.map((start, i) => {
    const step = steps[i] as number
    return step > 0 ? start : start + ((g.shape[i] as number) - 1) * step
  })
  if (steps.some((step) => step < 0)) {
    result = apply('slice', [result], {
      starts: steps.map((step, i) => (step < 0 ? (g.shape[i] as number) - 1 : 0)),
      stops: steps.map((step, i) => (step < 0 ? -1 : (g.shape[i] as number))),
      steps: steps.map((step) => (step < 0 ? -1 : 1)),
    })
  }
  steps.forEach((step, axis) => {
    if (Math.abs(step) > 1) result = dilated(result, axis, Math.abs(step))
  })
  const padding = firsts.map((first, i) => {
    const after = (shape[i] as number) - first - (result.shape[i] as number)
    return [first, after] as const
  })
  return padding.every(([before, after]) => before === 0 && after === 0)
    ? result
    : apply('pad', [result], { padding, value: 0 })
}

/** `step − 1` zeros between the elements along an axis. */
function dilated(x: Tensor, axis: number, step: number): Tensor {
  const length = x.shape[axis] as number
  if (length === 0) return x
  const column = reshape(x, x.shape.toSpliced(axis + 1, 0, 1))
  const padding = column.shape.map((_, i) => (i === axis + 1 ? ([0, step - 1] as const) : ([0, 0] as const)))
  const rows = apply('pad', [column], { padding, value: 0 })
  const flat = reshape(
    rows,
    x.shape.map((d, i) => (i === axis ? d * step : d)),
  )
  return apply('slice', [flat], {
    starts: x.shape.map(() => 0),
    stops: x.shape.map((d, i) => (i === axis ? (length - 1) * step + 1 : d)),
    steps: x.shape.map(() => 1),
  })
}
