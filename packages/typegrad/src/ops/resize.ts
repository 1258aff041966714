import { constant, type Tensor } from '../tensor/tensor.ts'
import { apply } from './apply.ts'

/** Every element of the given axes repeated in place, all axes at once: (…, d, …) → (…, d · repeats, …). */
export function repeatAlong(x: Tensor, axes: readonly number[], repeats: readonly number[]): Tensor {
  const times = x.shape.map((_, i) => repeats[axes.indexOf(i)] ?? 1)
  if (times.every((n) => n === 1)) return x
  const apart = x.shape.flatMap((d, i) => (axes.includes(i) ? [d, 1] : [d]))
  const grown = x.shape.flatMap((d, i) => (axes.includes(i) ? [d, times[i] as number] : [d]))
  const repeated = apply('broadcast', [apply('reshape', [x], { shape: apart })], { shape: grown })
  return apply('reshape', [repeated], { shape: x.shape.map((d, i) => d * (times[i] as number)) })
}

/**
 * An axis stretched to `factor` times its length by straight lines between the centres of its elements; outside
 * of the outermost centres the value stays (half-pixel centres, as TensorFlow and JAX resize images).
 */
export function stretchLinearly(x: Tensor, axis: number, factor: number): Tensor {
  const length = x.shape[axis] as number
  if (factor === 1) return x
  const count = length * factor
  const weights = new Float64Array(length * count)
  for (let i = 0; i < count; i++) {
    const position = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), length - 1)
    const below = Math.floor(position)
    const share = position - below
    weights[below * count + i] = 1 - share
    if (share > 0) weights[(below + 1) * count + i] = share
  }
  const last = x.rank - 1
  const swap = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
  const swapped = axis === last ? x : apply('transpose', [x], { permutation: swap })
  const product = apply('matmul', [swapped, constant(weights, [length, count], x.dtype)], {})
  return axis === last ? product : apply('transpose', [product], { permutation: swap })
}
