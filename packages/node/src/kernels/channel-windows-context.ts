/** What the parts of channel-windows-loop.ts share: sizes, registers and the words on the stack. */
import type { ChannelWindowsKernel } from 'typegrad/engine'
import { type Assembler, gp, type Label, type Operand } from '../assembler/assembler.ts'
import { ConstantPool, lanes } from '../assembler/constant-pool.ts'
import { stackSlot } from './loop.ts'

/** Vectors of channels that are worked on at once. */
export const groupVectors = 4
/** Floats that one task of a gathering operation writes. */
const taskElements = 1 << 14

/** Words on the stack, before the list of entries. */
export const local = {
  table: stackSlot(0),
  /** The image that windows read, or that they add to. */
  image: stackSlot(1),
  /** Row of pixels at which the window begins; may be outside. */
  row: stackSlot(2),
  /** The next line of places, and the one behind the task's last. */
  line: stackSlot(3),
  lastLine: stackSlot(4),
  /** The task's channels: the first one, whole vectors, and 1 where a partial vector follows. */
  firstChannel: stackSlot(5),
  vectors: stackSlot(6),
  hasRest: stackSlot(7),
  /** Bytes from an element of the images to that of their cotangent (`maxGradient`). */
  toCotangent: stackSlot(8),
  /** The kernel's elements, or where their gradient is added up. */
  weights: stackSlot(9),
} as const
export const headBytes = 80

/** General registers; channel-windows-loop.ts has the map. */
export const [place, maximum, left, placesLeft] = [gp.rbp, gp.rdi, gp.r13, gp.r12]
export const [channel, vectorsLeft, found] = [gp.r11, gp.r14, gp.r15]

/** Vector registers: `groupVectors` of a, b and c each. */
export const v = {
  a: 0,
  b: groupVectors,
  c: 2 * groupVectors,
  value: 12,
  other: 13,
  ones: 14,
  mask: 15,
} as const

/** Which of the kernel's pointers are what; undefined for what an operation does not have. */
interface Pointers {
  readonly images: number
  readonly places: number
  readonly weights?: number
  readonly maxima?: number
  readonly cotangent?: number
}

const pointersOf: Readonly<Record<ChannelWindowsKernel['operation'], Pointers>> = {
  conv: { images: 0, weights: 1, places: 2 },
  convInputGradient: { places: 0, weights: 1, images: 2 },
  convKernelGradient: { images: 0, places: 1, weights: 2 },
  max: { images: 0, places: 1 },
  maxGradient: { images: 0, maxima: 1, places: 2, cotangent: 3 },
}

export interface ChannelWindowsContext {
  readonly assembler: Assembler
  readonly kernel: ChannelWindowsKernel
  readonly pool: ConstantPool
  readonly maskEnd: Label
  readonly pointers: Pointers
  /** Windows add to an image that they share, so a task has whole images. */
  readonly isScattering: boolean
  readonly height: number
  /** Pixels of a row of an image. */
  readonly rowPixels: number
  readonly pixelBytes: number
  readonly imageBytes: number
  /** Lines of places in all images, and those of a task. */
  readonly lines: number
  readonly linesOfTask: number
  readonly lineTasks: number
  /** Vectors of channels, the last of which may be partial; those of a task. */
  readonly allVectors: number
  readonly vectorsOfChunk: number
  readonly chunks: number
  /** Channels of the partial vector; 0 if there is none. */
  readonly rest: number
}

export function channelWindowsContext(
  assembler: Assembler,
  kernel: ChannelWindowsKernel,
): ChannelWindowsContext {
  const { images, places, operation, parts } = kernel
  const [batch, height, rowPixels, channels] = images as readonly [number, number, number, number]
  const pixelBytes = 4 * channels
  const lines = batch * places[0]
  const allVectors = Math.ceil(channels / lanes)
  const isScattering = operation === 'convInputGradient' || operation === 'maxGradient'
  const isKernelGradient = operation === 'convKernelGradient'
  const linesOfTask = isScattering
    ? places[0]
    : isKernelGradient
      ? Math.ceil(lines / parts)
      : Math.max(1, Math.floor(taskElements / (places[1] * channels)))
  const chunks = isScattering ? Math.min(allVectors, Math.ceil(parts / batch)) : 1
  const vectorsOfChunk = Math.ceil(allVectors / chunks)
  return {
    assembler,
    kernel,
    pool: new ConstantPool(assembler),
    maskEnd: assembler.label('mask'),
    pointers: pointersOf[operation],
    isScattering,
    height,
    rowPixels,
    pixelBytes,
    imageBytes: height * rowPixels * pixelBytes,
    lines,
    linesOfTask,
    lineTasks: isKernelGradient ? parts : Math.ceil(lines / linesOfTask),
    allVectors,
    vectorsOfChunk,
    chunks: Math.ceil(allVectors / vectorsOfChunk),
    rest: channels % lanes,
  }
}

/** The i-th vector of channels from `channel` on, where a register holds the address of channel 0. */
export const channelsAt = (base: number, i: number): Operand => ({
  base,
  index: channel,
  scale: 4,
  displacement: 4 * lanes * i,
})
