import type { Shape } from '../base/shape.ts'
import type { ConvParams } from '../graph/primitives.ts'
import { gridOf, points } from '../kernel/winograd.ts'

/** Floats of a vector: channels come in whole ones. */
const lanes = 8
/** Of the multiplications that windows take by themselves, what transformed ones may take. */
const worthwhile = 0.75
/** Squares that a transformed kernel serves at least. */
const fewestSquares = 12

/** A convolution's images and kernel: shapes with the channels last, and how the windows move. */
export interface Convolution extends Pick<ConvParams, 'strides' | 'padding' | 'dilation'> {
  readonly input: Shape
  readonly output: Shape
  /** Rows and columns of the window. */
  readonly window: readonly number[]
}

/** Whether a convolution, or its gradient to either side, is better computed by Winograd's transforms. */
export function suitsWinograd({ input, output, window, strides, dilation, padding }: Convolution): boolean {
  const [inputs, outputs] = [input[3] as number, output[3] as number]
  const [, rows, columns] = output as readonly [number, number, number]
  if (window.some((size) => size !== 3) || [...strides, ...dilation].some((step) => step !== 1)) return false
  if (inputs % lanes > 0 || outputs % lanes > 0 || padding.some(([before]) => before > 2)) return false
  const images = { input, output, before: beforeOf(padding) }
  const { total, rows: high, columns: wide } = gridOf(images)
  return total >= fewestSquares && points * high * wide <= worthwhile * 9 * rows * columns
}

export const beforeOf = (padding: ConvParams['padding']): readonly [number, number] => [
  padding[0]?.[0] ?? 0,
  padding[1]?.[0] ?? 0,
]
