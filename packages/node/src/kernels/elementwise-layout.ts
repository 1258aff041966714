/**
 * How an elementwise kernel's elements are cut into rows and tasks, and how its inputs lie along a row. Part of the loop of
 * elementwise kernels.
 *
 * Axes of a few channels are rows too short for vectors: of red, green and blue three lanes of eight would count. Where eight
 * pixels are whole vectors, a row is many pixels instead, and an input that differs from pixel to pixel or from channel to
 * channel alone has its lanes put where they belong (`repeated` and `tiled`).
 */
import { dtypeOfValue, type ElementwiseKernel, type KernelInputDType, type KernelOp } from 'typegrad/engine'
import { lanes } from '../assembler/constant-pool.ts'

/** What operations cost whose cost is not that of a sum, in sums. */
const costs: Readonly<Partial<Record<KernelOp, number>>> = {
  div: 4,
  sqrt: 4,
  reciprocal: 4,
  exp: 16,
  sigmoid: 20,
  tanh: 30,
}
/**
 * Sums up to which handing work to another thread costs more than it saves: some 25 microseconds, of which another thread
 * takes 10 to wake.
 */
const smallWork = 1 << 19
/** Sums of one task. */
const taskWork = 1 << 17

/** How many inputs and outputs a kernel may have. */
export const maxPointers = 12
/** The same where rows are of pixels: one register counts these. */
const maxPointersOfPixels = 11

/** Pixels of a row, at most: enough to find its pointers in no time, few enough to share rows among threads. */
const maxPixels = 2048

/** How an input lies along a row. */
export type Reading =
  /** An element for each. */
  | 'contiguous'
  /** One for all. */
  | 'scalar'
  /** One for each pixel. */
  | 'repeated'
  /** One for each channel. */
  | 'tiled'

/** An input along the three axes of rows, in elements, and along a row. */
interface InputLayout {
  readonly dtype: KernelInputDType
  readonly offset: number
  readonly strides: readonly [number, number, number]
  readonly reading: Reading
}

export interface ElementwiseLayout {
  readonly tasks: number
  /** How many rows there are along three axes. */
  readonly axes: readonly [number, number, number]
  readonly rowsOfTask: number
  /** Elements of a row; the last one of a kernel without rows may be shorter. */
  readonly rowLength: number
  /** Channels of a pixel where rows are of pixels, which are then whole vectors; else 1. */
  readonly channels: number
  readonly total: number
  readonly inputs: readonly InputLayout[]
}

export function layoutOf(kernel: ElementwiseKernel): ElementwiseLayout {
  const { axes, values } = kernel
  const total = axes.reduce((a, b) => a * b, 1)
  const cost = values.reduce((sum, value) => sum + (value.kind === 'op' ? (costs[value.op] ?? 1) : 1), 0)
  const isSmall = total * cost <= smallWork
  const chunk = Math.max(64, Math.floor(taskWork / cost / 64) * 64)
  const pixels = inPixels(kernel)
  const [far, middle, near, inner] = axes
  const rows = far * middle * near
  if (pixels === undefined && rows === 1) {
    const rowLength = isSmall ? total : chunk
    const tasks = Math.ceil(total / rowLength)
    const inputs = inputsOf(kernel).map(
      ({ dtype, offset, strides: [, , , step] }): InputLayout => ({
        dtype,
        offset,
        strides: [0, 0, step * rowLength],
        reading: alongRow(step),
      }),
    )
    return { tasks, axes: [1, 1, tasks], rowsOfTask: 1, rowLength, channels: 1, total, inputs }
  }
  const cut = pixels ?? {
    axes: [far, middle, near],
    rowLength: inner,
    channels: 1,
    inputs: inputsOf(kernel).map(
      ({ dtype, offset, strides: [a, b, c, step] }): InputLayout => ({
        dtype,
        offset,
        strides: [a, b, c],
        reading: alongRow(step),
      }),
    ),
  }
  const count = cut.axes.reduce((a, b) => a * b, 1)
  const rowsOfTask = isSmall ? count : Math.max(1, Math.floor(chunk / cut.rowLength))
  return { tasks: Math.ceil(count / rowsOfTask), rowsOfTask, total, ...cut }
}

const inputsOf = ({ values }: ElementwiseKernel) =>
  values.flatMap((value) => (value.kind === 'input' ? [value] : []))

const alongRow = (step: number): Reading => (step === 0 ? 'scalar' : 'contiguous')

/** Rows of pixels, if the last axis is short and inputs lie in one of the ways that there are for them. */
function inPixels(
  kernel: ElementwiseKernel,
): Pick<ElementwiseLayout, 'axes' | 'rowLength' | 'channels' | 'inputs'> | undefined {
  const [far, middle, pixels, channels] = kernel.axes
  const inputs = inputsOf(kernel)
  if (channels === 1 || channels >= lanes || pixels === 0 || pixels % lanes !== 0) return undefined
  if (inputs.length + kernel.outputs.length > maxPointersOfPixels) return undefined
  let ofRow = Math.min(pixels, maxPixels)
  while (pixels % ofRow !== 0 || ofRow % lanes !== 0) ofRow--
  const laidOut: InputLayout[] = []
  for (const { dtype, offset, strides } of inputs) {
    const [a, b, step] = strides
    const reading = readingOf(strides, channels)
    if (reading === undefined) return undefined
    laidOut.push({ dtype, offset, strides: [a, b, step * ofRow], reading })
  }
  return { axes: [far, middle, pixels / ofRow], rowLength: ofRow * channels, channels, inputs: laidOut }
}

function readingOf(
  [, , pixel, channel]: readonly [number, number, number, number],
  channels: number,
): Reading | undefined {
  if (channel === 1) return pixel === channels ? 'contiguous' : pixel === 0 ? 'tiled' : undefined
  return pixel === 1 ? 'repeated' : pixel === 0 ? 'scalar' : undefined
}

/** Whether bools and bytes, which no mask keeps apart, are there in whole vectors. */
export function hasWholeBytes(kernel: ElementwiseKernel): boolean {
  const { values, outputs } = kernel
  const reads = values.some((value) => value.kind === 'input' && value.dtype !== 'float32')
  const writes = outputs.some((i) => {
    const value = values[i]
    return value !== undefined && dtypeOfValue(value) === 'bool'
  })
  return (!reads && !writes) || kernel.axes[3] % lanes === 0 || inPixels(kernel) !== undefined
}
