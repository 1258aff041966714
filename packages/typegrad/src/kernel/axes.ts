import { type Shape, stridesOf } from '../base/shape.ts'
import type { Axes, Strides } from './elementwise.ts'

/** How a tensor's elements are found from the indices of a shape: offset + Σ index · stride. */
export interface View {
  readonly offset: number
  /** One for each axis of the shape. */
  readonly strides: readonly number[]
}

/** A tensor of shape `operand` as it broadcasts to `shape`. */
export function broadcastView(operand: Shape, shape: Shape): View {
  const own = stridesOf(operand)
  const ahead = shape.length - operand.length
  return {
    offset: 0,
    strides: shape.map((_, axis) => ((operand[axis - ahead] ?? 1) === 1 ? 0 : (own[axis - ahead] as number))),
  }
}

/**
 * Four axes that cover `shape` and along which all views, and the shape itself, lie regularly; undefined where it takes
 * more, or where neighbours along the last are neither neighbours nor the same element in a view.
 */
export function commonAxes(
  shape: Shape,
  views: readonly View[],
): { readonly axes: Axes; readonly strides: readonly Strides[] } | undefined {
  const all = [...views.map(({ strides }) => strides), stridesOf(shape)]
  const merged: { size: number; strides: number[] }[] = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number
    if (size === 1) continue
    const strides = all.map((own) => own[axis] as number)
    const inner = merged.at(-1)
    const continues = inner?.strides.every((stride, k) => strides[k] === stride * inner.size) === true
    if (inner !== undefined && continues) inner.size *= size
    else merged.push({ size, strides })
  }
  if (merged.length > 4 || merged[0]?.strides.some((stride) => stride !== 0 && stride !== 1) === true)
    return undefined
  while (merged.length < 4) merged.push({ size: 1, strides: all.map(() => 0) })
  // Filled up to four just now.
  const sizes = merged.map(({ size }) => size).reverse() as [number, number, number, number]
  const strides = views.map(
    (_, k) => merged.map((axis) => axis.strides[k] as number).reverse() as [number, number, number, number],
  )
  return { axes: sizes, strides }
}
