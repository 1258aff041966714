/**
 * Sums each patch back into its pixels (col2im): patches (N · places, window · C) → images (N, H, W, C), where each pixel
 * is the sum of the elements that windows have of it.
 *
 * A task is some pixels, of all images in one row. Loops: pixels; at a pixel the addresses of the patches' elements that
 * are its own are listed first, window element by window element; then, eight channels at a time, the list is summed
 * from its end to its beginning.
 *
 * Tails: the last task has fewer pixels; channels that are no whole vector go through a mask. A pixel that no window
 * sees has an empty list, and becomes 0.
 *
 * | register | holds |
 * | --- | --- |
 * | rbp, r12 | the pixel of the output; its number |
 * | r15 | the length of the list: two for each address, which has eight bytes and is indexed by four |
 * | r11, r14 | the channel; whole vectors of channels that are left |
 * | rax, rbx, rcx, rdx | temporary; rcx counts down the list |
 * | ymm0, ymm1, ymm15 | the sum; an element; the mask of the last channels |
 * | stack | `local`, then the list of addresses |
 */
import { patchesShape, type SumPatchesKernel, sizeOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import {
  clamp,
  countDown,
  countUp,
  divideBy,
  emitFunction,
  type Loop,
  skipIf,
  stackSlot,
  tablePointer,
} from './loop.ts'
import { loadMask, storeFloats } from './partial-vectors.ts'

/** Floats that one task writes. */
const taskElements = 1 << 14

const local = {
  patches: stackSlot(0),
  /** The patches of the pixel's image. */
  image: stackSlot(1),
  /** The pixel's place as windows count: from the first one that `before` adds. */
  row: stackSlot(2),
  column: stackSlot(3),
  /** The pixel behind the task's last one. */
  last: stackSlot(4),
} as const
const headBytes = 48

const [pixel, to, found] = [gp.r12, gp.rbp, gp.r15]
const [channel, vectorsLeft] = [gp.r11, gp.r14]
const [sum, value, mask] = [0, 1, 15] as const

interface Context {
  readonly assembler: Assembler
  readonly kernel: SumPatchesKernel
  readonly maskEnd: Label
  readonly channels: number
  /** Of all images, and of a task. */
  readonly pixels: number
  readonly pixelsOfTask: number
  readonly patchBytes: number
  /** Channels that are no whole vector. */
  readonly rest: number
}

export function emitSumPatches(assembler: Assembler, kernel: SumPatchesKernel): Loop {
  const { images, window } = kernel
  const channels = images[3] as number
  const pixels = sizeOf(images) / channels
  const pixelsOfTask = Math.max(1, Math.floor(taskElements / channels))
  const maskEnd = assembler.label('mask')
  const patchBytes = 4 * patchesShape(kernel, 1)[1]
  const rest = channels % lanes
  const context: Context = { assembler, kernel, maskEnd, channels, pixels, pixelsOfTask, patchBytes, rest }
  const frame = headBytes + 8 * window[0] * window[1]

  const entry = emitFunction(assembler, Math.ceil(frame / 16) * 16, () => {
    emitTask(context)
    countUp(assembler, pixel, { to: local.last }, () => {
      emitPlace(context)
      emitList(context)
      emitSums(context)
      assembler.addImmediate(to, 4 * channels)
    })
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(pixels / pixelsOfTask) }
}

/** The task's pixels. */
function emitTask({ assembler, channels, pixels, pixelsOfTask, rest, maskEnd }: Context): void {
  assembler.load(gp.rax, tablePointer(0))
  assembler.store(local.patches, gp.rax)
  assembler.load(to, tablePointer(1))
  assembler.scale(pixel, gp.rsi, pixelsOfTask)
  assembler.scale(gp.rax, pixel, 4 * channels)
  assembler.add(to, gp.rax)
  assembler.move(gp.rax, pixel)
  assembler.addImmediate(gp.rax, pixelsOfTask)
  clamp(assembler, gp.rax, pixels)
  assembler.store(local.last, gp.rax)
  if (rest > 0) loadMask(assembler, mask, rest, maskEnd)
}

/** The pixel's row and column as windows count them, and the patches of its image. */
function emitPlace({ assembler, kernel, patchBytes }: Context): void {
  const { images, places, before } = kernel
  const [, height, width] = images as readonly [number, number, number]
  const remainder = (of: number, slot: Operand, ahead: number): void => {
    divideBy(assembler, of)
    if (ahead > 0) assembler.addImmediate(gp.rdx, ahead)
    assembler.store(slot, gp.rdx)
  }
  assembler.move(gp.rax, pixel)
  remainder(width, local.column, before[1])
  remainder(height, local.row, before[0])
  assembler.scale(gp.rax, gp.rax, places[0] * places[1] * patchBytes)
  assembler.load(gp.rcx, local.patches)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(local.image, gp.rax)
}

/** Lists the addresses of the elements that windows have of the pixel. */
function emitList({ assembler, kernel, channels, patchBytes }: Context): void {
  const { places, window, strides, dilation } = kernel
  const placesOfRow = gp.rbx
  assembler.moveSmall(found, 0)
  for (let row = 0; row < window[0]; row++) {
    const nextRow = assembler.label('next row')
    const ofRow = { offset: row * dilation[0], stride: strides[0], end: places[0] }
    emitPlaceOf(assembler, local.row, ofRow, nextRow)
    assembler.scale(placesOfRow, gp.rax, places[1] * patchBytes)
    assembler.load(gp.rax, local.image)
    assembler.add(placesOfRow, gp.rax)
    for (let column = 0; column < window[1]; column++) {
      const nextColumn = assembler.label('next column')
      const ofColumn = { offset: column * dilation[1], stride: strides[1], end: places[1] }
      emitPlaceOf(assembler, local.column, ofColumn, nextColumn)
      assembler.scale(gp.rax, gp.rax, patchBytes)
      assembler.add(gp.rax, placesOfRow)
      assembler.addImmediate(gp.rax, 4 * channels * (row * window[1] + column))
      assembler.store({ base: gp.rsp, index: found, scale: 4, displacement: headBytes }, gp.rax)
      assembler.addImmediate(found, 2)
      assembler.place(nextColumn)
    }
    assembler.place(nextRow)
  }
}

/** rax = (coordinate − offset) / stride: the place whose window has the pixel. Jumps to `none` where there is none. */
function emitPlaceOf(
  assembler: Assembler,
  coordinate: Operand,
  { offset, stride, end }: { readonly offset: number; readonly stride: number; readonly end: number },
  none: Label,
): void {
  assembler.load(gp.rax, coordinate)
  if (offset > 0) assembler.subImmediate(gp.rax, offset)
  if (stride > 1) {
    // What is below 0 would be a huge number to divide.
    assembler.test(gp.rax)
    assembler.jumpIf(condition.negative, none)
    divideBy(assembler, stride)
    assembler.test(gp.rdx)
    assembler.jumpIf(condition.notEqual, none)
  }
  // Compared without a sign, so that what is below 0 is too large as well.
  assembler.compareImmediate(gp.rax, end)
  assembler.jumpIf(condition.aboveOrEqual, none)
}

/** The pixel = the sums over the list, for all channels. */
function emitSums({ assembler, channels, rest }: Context): void {
  assembler.moveSmall(channel, 0)
  if (channels >= lanes) {
    assembler.moveSmall(vectorsLeft, Math.floor(channels / lanes))
    countDown(assembler, vectorsLeft, () => {
      emitSum(assembler)
      assembler.addImmediate(channel, lanes)
    })
  }
  if (rest > 0) emitSum(assembler, mask)
}

/** The same for one vector of channels. */
function emitSum(assembler: Assembler, masked?: number): void {
  const [left, element] = [gp.rcx, gp.rax]
  const next = assembler.label('element')
  assembler.vector(vector.xor, sum, sum, sum)
  assembler.move(left, found)
  assembler.test(left)
  skipIf(assembler, condition.equal, () => {
    assembler.place(next)
    assembler.load(element, { base: gp.rsp, index: left, scale: 4, displacement: headBytes - 8 })
    const from = { base: element, index: channel, scale: 4 } as const
    if (masked === undefined) {
      assembler.vectorMemory(vector.add, sum, sum, from)
    } else {
      assembler.vectorMemory(vector.maskLoad, value, masked, from)
      assembler.vector(vector.add, sum, sum, value)
    }
    assembler.subImmediate(left, 2)
    assembler.jumpIf(condition.notEqual, next)
  })
  storeFloats(assembler, sum, { base: to, index: channel, scale: 4 }, masked)
}
