import type { Shape } from '../base/shape.ts'
import type { Windows } from './patches.ts'

/** Shapes of a convolution whose channels are last, and how its windows move. */
export interface Convolution {
  /** (N, …S, C) of the images, and (N, …S′, O) of the results. */
  readonly input: Shape
  readonly output: Shape
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
  /** Zeros before and behind, along each axis. */
  readonly padding: readonly (readonly [before: number, after: number])[]
}

/** Rows above and columns left of the images that count as zeros. */
export const beforeOf = (padding: Convolution['padding']): readonly [number, number] => [
  padding[0]?.[0] ?? 0,
  padding[1]?.[0] ?? 0,
]

/** What the windows of a convolution of images see. */
export const windowsOf = ({ input, output, window, strides, dilation, padding }: Convolution): Windows => ({
  images: input,
  places: [output[1] as number, output[2] as number],
  window: window as readonly [number, number],
  strides: strides as readonly [number, number],
  dilation: dilation as readonly [number, number],
  before: beforeOf(padding),
})
