import type { Primitive, PrimitiveParams } from '../graph/primitives.ts'
import { type Tensor, tensor } from '../index.ts'
import { apply } from '../ops/apply.ts'
import { type NumericGradientOptions, spread } from './numeric-gradient.ts'

/** A function of floating inputs that has the primitive in its middle, and where it is differentiated. */
export interface Case extends NumericGradientOptions {
  readonly fn: (...inputs: Tensor[]) => Tensor
  readonly inputs: readonly Tensor[]
}

/** Cases to check against differences, or why there is no gradient to check. */
export type Row = readonly Case[] | { readonly none: string; readonly value?: Case['fn'] }

export const primitive =
  <P extends Primitive>(kind: P, params: PrimitiveParams[P]) =>
  (...inputs: Tensor[]): Tensor =>
    apply(kind, inputs, params)

export type Elementwise = 'neg' | 'add'
export const at = (
  fn: Case['fn'],
  inputs: readonly Tensor[],
  options: NumericGradientOptions = {},
): Case => ({
  fn,
  inputs,
  ...options,
})

/** Shapes of unary cases: a matrix, a scalar, one element in many dimensions, nothing at all. */
export const shapes: readonly (readonly number[])[] = [[2, 3], [], [1, 1, 1], [0, 2]]
export const unary = (kind: Primitive, min: number, max: number, options?: NumericGradientOptions): Case[] =>
  shapes.map((shape) => at(primitive(kind as Elementwise, {}), [spread(shape, min, max)], options))

/** Pairs of shapes: alike, either one broadcast, both, with a scalar, with a new leading axis. */
export const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [[1], [1, 1]],
]
export const binary = (kind: Primitive, [min, max]: readonly [number, number], right = [min, max]): Case[] =>
  pairs.map(([a, b]) =>
    at(primitive(kind as Elementwise, {}), [spread(a, min, max), spread(b, right[0], right[1], 31)]),
  )

export const reductions = (kind: 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProd'): Case[] => [
  at(primitive(kind, { axes: [0, 1], keepDims: false }), [spread([2, 3])]),
  at(primitive(kind, { axes: [1], keepDims: true }), [spread([2, 3, 2])]),
  at(primitive(kind, { axes: [0, 2], keepDims: false }), [spread([2, 3, 2])]),
]

export const f64 = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' })
export const i32 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })

/** Kernels that exist in float32 alone: rounding, some 1e-7, divided by the step must stay small. */
export const single: NumericGradientOptions = { step: 1e-2, tolerance: 2e-3 }
/** The same where the function is linear in each input: differences over any distance are exact. */
export const linear: NumericGradientOptions = { step: 0.5, tolerance: 1e-5 }

export const window0 = { strides: [1], padding: [[0, 0]], dilation: [1], groups: 1 } as const
export const window1 = { strides: [2], padding: [[1, 0]], dilation: [2], groups: 1 } as const
export const window2 = {
  strides: [1, 2],
  padding: [
    [0, 0],
    [1, 2],
  ],
  dilation: [1, 1],
  groups: 2,
} as const
export const window3 = {
  strides: [1, 1, 1],
  padding: [
    [0, 0],
    [0, 1],
    [0, 0],
  ],
  dilation: [1, 1, 1],
  groups: 1,
} as const
/** Inputs, kernels and outputs of convolutions: 1-D dilated, 2-D in groups, 3-D. */
export const convolutions = [
  { x: [2, 2, 8], kernel: [3, 2, 3], y: [2, 3, 3], window: window1 },
  // Many channels: another lowering of the kernel's gradient.
  { x: [1, 16, 3], kernel: [2, 16, 2], y: [1, 2, 2], window: window0 },
  { x: [1, 4, 4, 5], kernel: [2, 2, 2, 3], y: [1, 2, 3, 3], window: window2 },
  { x: [1, 1, 3, 2, 3], kernel: [2, 1, 2, 2, 2], y: [1, 2, 2, 2, 2], window: window3 },
] as const

export const overlapping = { window: [3], strides: [2], padding: [[1, 1]] } as const
export const padded = {
  window: [2, 3],
  strides: [1, 2],
  padding: [
    [0, 1],
    [1, 1],
  ],
} as const
export const apart = {
  window: [1, 2],
  strides: [2, 3],
  padding: [
    [0, 0],
    [0, 0],
  ],
} as const
export const pools = [
  { x: [2, 1, 7], pool: overlapping },
  { x: [1, 2, 3, 5], pool: padded },
  { x: [1, 1, 4, 6], pool: apart },
] as const
