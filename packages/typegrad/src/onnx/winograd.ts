import type { Shape } from '../base/shape.ts'
import type { ConvParams } from '../graph/primitives.ts'
import { farthestBytes } from '../kernel/kernel.ts'
import { gridOf, points, type WinogradImages } from '../kernel/winograd.ts'
import type { GraphBuilder } from './builder.ts'
import { multiplicationsOfTask, tasksFor } from './tasks.ts'

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

const beforeOf = (padding: ConvParams['padding']): readonly [number, number] => [
  padding[0]?.[0] ?? 0,
  padding[1]?.[0] ?? 0,
]

function tasksOf(images: WinogradImages, threads: number): number {
  const work = points * gridOf(images).total * (images.input[3] as number) * (images.output[3] as number)
  return tasksFor(work, multiplicationsOfTask, threads)
}

/** x (N, H, W, I), kernel (3, 3, I, O), and a bias (O) where there is one → (N, H', W', O). */
export function winogradConv(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [x, kernel, bias]: readonly [string, string, string?],
  { hasRelu, threads }: { readonly hasRelu: boolean; readonly threads: number },
): string {
  const images = { input, output, before: beforeOf(padding) }
  const weights = transformed(builder, kernel, input[3] as number, output[3] as number, false)
  return builder.emitKernel(
    {
      kind: 'winogradConv',
      ...images,
      hasBias: bias !== undefined,
      hasRelu,
      tasks: tasksOf(images, threads),
    },
    bias === undefined ? [x, weights] : [x, weights, bias],
  )[0] as string
}

/** The cotangent of the output, kernel → the input's. */
export function winogradInputGradient(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [g, kernel]: readonly [string, string],
  threads: number,
): string {
  const [above, left] = beforeOf(padding)
  const images = { input: output, output: input, before: [2 - above, 2 - left] } as const
  const weights = transformed(builder, kernel, input[3] as number, output[3] as number, true)
  return builder.emitKernel(
    { kind: 'winogradConv', ...images, hasBias: false, hasRelu: false, tasks: tasksOf(images, threads) },
    [g, weights],
  )[0] as string
}

/** x, the cotangent of the output → the kernel's (3, 3, I, O). */
export function winogradKernelGradient(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [x, g]: readonly [string, string],
  threads: number,
): string {
  const images = { input, output, before: beforeOf(padding) }
  const [inputs, outputs] = [input[3] as number, output[3] as number]
  // The kernel that adds up the tasks' parts names places in all of them.
  const most = Math.floor((farthestBytes - 1) / (4 * points * inputs * outputs))
  const tasks = Math.max(1, Math.min(tasksOf(images, threads), most))
  const parts = builder.emitKernel({ kind: 'winogradGradient', ...images, tasks }, [x, g])[0] as string
  return builder.emitKernel({ kind: 'winogradGradientSum', inputs, outputs, parts: tasks }, [
    parts,
  ])[0] as string
}

const transformed = (
  builder: GraphBuilder,
  kernel: string,
  inputs: number,
  outputs: number,
  isMirrored: boolean,
): string =>
  builder.emitKernel({ kind: 'winogradWeights', inputs, outputs, isMirrored }, [kernel])[0] as string
