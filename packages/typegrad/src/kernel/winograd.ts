import type { Shape } from '../base/shape.ts'

/**
 * Convolutions with windows of 3 × 3 that move by one, as Winograd's F(2×2, 3×3): of each 2 × 2 of the output, 4 × 4 of
 * the input and the window become 16 numbers, whose products are transformed back, so that 16 multiplications do the
 * work of 36. Images have their channels last. A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016 (arXiv:1509.09308).
 */
export interface WinogradImages {
  /** (N, H, W, C) of the convolution's input, and (N, H', W', C') of its output. */
  readonly input: Shape
  readonly output: Shape
  /** Rows above and columns left of the input that count as zeros. */
  readonly before: readonly [number, number]
}

/** Points of a transformed window. */
export const points = 16

/**
 * A window's kernel (3, 3, I, O) → its transform (points, panels of O, I, 16). `isMirrored`: of the kernel with both
 * axes of the window turned around and with its channels exchanged, which convolves the output's cotangent to the
 * input's: (points, panels of I, O, 16).
 */
export interface WinogradWeightsKernel {
  readonly kind: 'winogradWeights'
  readonly inputs: number
  readonly outputs: number
  readonly isMirrored: boolean
}

/** Images, a transformed kernel, and a bias (C') where there is one → their convolution. */
export interface WinogradConvKernel extends WinogradImages {
  readonly kind: 'winogradConv'
  readonly hasBias: boolean
  /** Whether what is below 0 becomes 0 in the end. */
  readonly hasRelu: boolean
  /** Parts of the work, done side by side. */
  readonly tasks: number
}

/** Images and the cotangent of their convolution → the transformed kernel's gradient, a part of it for each task. */
export interface WinogradGradientKernel extends WinogradImages {
  readonly kind: 'winogradGradient'
  readonly tasks: number
}

/** Parts of a transformed kernel's gradient → the kernel's gradient (3, 3, I, O). */
export interface WinogradGradientSumKernel {
  readonly kind: 'winogradGradientSum'
  readonly inputs: number
  readonly outputs: number
  readonly parts: number
}

export type WinogradKernel =
  | WinogradWeightsKernel
  | WinogradConvKernel
  | WinogradGradientKernel
  | WinogradGradientSumKernel

/** Squares of 2 × 2 that cover an output: rows, columns, and how many in all images. */
export function gridOf({ output }: WinogradImages): {
  readonly rows: number
  readonly columns: number
  readonly total: number
} {
  const [batch, height, width] = output as readonly [number, number, number]
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)]
  return { rows, columns, total: batch * rows * columns }
}

/** Squares that a task has at most, and those that it holds in transformed form at a time. */
export function blocksOf(kernel: WinogradConvKernel | WinogradGradientKernel): {
  readonly ofTask: number
  readonly ofBlock: number
} {
  const [inputs, outputs] = [kernel.input[3] as number, kernel.output[3] as number]
  const ofTask = Math.ceil(gridOf(kernel).total / kernel.tasks)
  const bytesOfSquare = 4 * points * (inputs + outputs)
  const transformBytes = 4 * points * inputs * outputs
  // A large transform is read again for each block, or written: few blocks then.
  const isLarge = transformBytes > largeTransform
  const fitting = Math.floor((isLarge ? largeBlock : smallBlock) / bytesOfSquare)
  const wanted = Math.max(minSquares, Math.min(maxSquares, fitting))
  const wholes = Math.ceil(Math.min(wanted, ofTask) / rowsOfTile)
  return { ofTask, ofBlock: wholes * rowsOfTile }
}

/** Squares that are multiplied together in registers. */
const rowsOfTile = 6
const largeTransform = 4 << 20
/** Bytes of transformed squares: half of a second cache, or a part of the third. */
const smallBlock = 1 << 18
const largeBlock = 1 << 22
const [minSquares, maxSquares] = [24, 96]

/** Floats that each task has for transformed squares, and a row of zeros. */
export function scratchOf(kernel: WinogradConvKernel | WinogradGradientKernel): number {
  const [inputs, outputs] = [kernel.input[3] as number, kernel.output[3] as number]
  const { ofBlock } = blocksOf(kernel)
  return points * ofBlock * (inputs + outputs) + Math.max(inputs, outputs)
}
