/**
 * What windows see (im2col): images (N, H, W, C) → (count · places, window · C), for `count` images from `first` on. The
 * patch of a place is its window's rows one after the other; pixels outside of the image are zeros.
 *
 * A task is some lines of places. Loops: lines, places, rows of the window. A row whose pixels are side by side and
 * inside of the image is copied at once; at an edge, or with a dilation, pixel by pixel.
 *
 * Tails: what is copied at once goes in vectors (eight of them in one turn of a loop where there are more), and then
 * through a mask of the floats that are left.
 *
 * | register | holds |
 * | --- | --- |
 * | rbp | where the patch goes on |
 * | r12, r14 | the line of places, over all images; places of the line that are left |
 * | r13 | the column of pixels at which the window begins; may be outside |
 * | r15, rbx | the row of pixels, may be outside; rows of the window that are left |
 * | rsi | the window's first pixel of that row, or the next one at an edge |
 * | rdi, r8 | at an edge: the column of pixels; pixels that are left |
 * | rax, rcx, rdx, r10 | temporary; r10 is where `copy` reads |
 * | ymm0, ymm15 | what is copied; a mask |
 */
import { type PatchesKernel, patchesShape } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import {
  choose,
  clamp,
  countDown,
  countUp,
  divideBy,
  emitFunction,
  type Loop,
  stackSlot,
  tablePointer,
} from './loop.ts'
import { loadMask } from './partial-vectors.ts'

/** Floats that one task writes. */
const taskElements = 1 << 15
/** Vectors that are copied without a loop. */
const unrolled = 8

/** The line's image and the row of pixels at which its windows begin; the line behind the task's last; all images. */
const local = {
  image: stackSlot(0),
  row: stackSlot(1),
  lastLine: stackSlot(2),
  images: stackSlot(3),
} as const

const [to, line, left, placesLeft] = [gp.rbp, gp.r12, gp.r13, gp.r14]
const [pixels, y, rowsLeft] = [gp.rsi, gp.r15, gp.rbx]
const [x, pixelsLeft] = [gp.rdi, gp.r8]

interface Context {
  readonly assembler: Assembler
  readonly kernel: PatchesKernel
  readonly maskEnd: Label
  readonly height: number
  readonly width: number
  readonly channels: number
  /** Of a line of places. */
  readonly lineElements: number
  readonly lines: number
  readonly linesOfTask: number
}

export function emitPatches(assembler: Assembler, kernel: PatchesKernel): Loop {
  const { images, places, strides, count } = kernel
  const [, height, width, channels] = images as readonly [number, number, number, number]
  const lines = count * places[0]
  const lineElements = patchesShape(kernel, 1)[1] * places[1]
  const linesOfTask = Math.max(1, Math.floor(taskElements / lineElements))
  const maskEnd = assembler.label('mask')
  const sizes = { height, width, channels, lineElements, lines, linesOfTask }
  const context: Context = { assembler, kernel, maskEnd, ...sizes }

  const entry = emitFunction(assembler, 32, () => {
    emitTask(context)
    countUp(assembler, line, { to: local.lastLine }, () => {
      emitLine(context)
      assembler.moveSmall(placesLeft, places[1])
      countDown(assembler, placesLeft, () => {
        emitPatch(context)
        assembler.addImmediate(left, strides[1])
      })
    })
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(lines / linesOfTask) }
}

/** The task's lines, and where their patches go. */
function emitTask({ assembler, kernel, height, width, channels, ...sizes }: Context): void {
  const { lineElements, lines, linesOfTask } = sizes
  assembler.load(gp.rax, tablePointer(0))
  // May be more than what the field of an addition holds.
  assembler.moveImmediate(gp.rcx, BigInt(4 * kernel.first * height * width * channels))
  assembler.add(gp.rax, gp.rcx)
  assembler.store(local.images, gp.rax)
  assembler.load(to, tablePointer(1))
  assembler.scale(line, gp.rsi, linesOfTask)
  assembler.scale(gp.rax, line, 4 * lineElements)
  assembler.add(to, gp.rax)
  assembler.move(gp.rax, line)
  assembler.addImmediate(gp.rax, linesOfTask)
  clamp(assembler, gp.rax, lines)
  assembler.store(local.lastLine, gp.rax)
}

/** The line's image, and where its first window begins. */
function emitLine({ assembler, kernel, height, width, channels }: Context): void {
  const { places, strides, before } = kernel
  assembler.move(gp.rax, line)
  divideBy(assembler, places[0])
  const [image, row] = [gp.rax, gp.rdx]
  assembler.scale(image, image, 4 * height * width * channels)
  assembler.load(gp.rcx, local.images)
  assembler.add(image, gp.rcx)
  assembler.store(local.image, image)
  assembler.scale(row, row, strides[0])
  if (before[0] > 0) assembler.subImmediate(row, before[0])
  assembler.store(local.row, row)
  assembler.moveSmall(left, 0)
  if (before[1] > 0) assembler.subImmediate(left, before[1])
}

/** A place's patch. Coordinates are compared without a sign, so that those below 0 are too large as well. */
function emitPatch(context: Context): void {
  const { assembler, kernel, height, width, channels, maskEnd } = context
  const { window, dilation } = kernel
  const rowElements = window[1] * channels
  assembler.load(y, local.row)
  assembler.moveSmall(rowsLeft, window[0])
  countDown(assembler, rowsLeft, () => {
    const [outside, done] = [assembler.label('outside'), assembler.label('done')]
    assembler.compareImmediate(y, height)
    assembler.jumpIf(condition.aboveOrEqual, outside)
    assembler.scale(pixels, y, 4 * width * channels)
    assembler.load(gp.rax, local.image)
    assembler.add(pixels, gp.rax)
    assembler.scale(gp.rax, left, 4 * channels)
    assembler.add(pixels, gp.rax)
    emitWindowRow(context, done)
    assembler.jump(done)
    assembler.place(outside)
    copy(assembler, undefined, rowElements, maskEnd)
    assembler.place(done)
    assembler.addImmediate(y, dilation[0])
  })
}

/** A row of the window that is inside of the image: at once, which then jumps to `done`, or pixel by pixel. */
function emitWindowRow(context: Context, done: Label): void {
  const { assembler, kernel, width, channels, maskEnd } = context
  const { window, dilation } = kernel
  /** Columns from a window's first pixel to its last. */
  const span = (window[1] - 1) * dilation[1] + 1
  const edge = assembler.label('edge')
  if (width < span || span > window[1]) {
    assembler.jump(edge)
  } else {
    assembler.compareImmediate(left, width - span + 1)
    assembler.jumpIf(condition.aboveOrEqual, edge)
    copy(assembler, pixels, window[1] * channels, maskEnd)
    assembler.jump(done)
  }
  assembler.place(edge)
  assembler.move(x, left)
  assembler.moveSmall(pixelsLeft, window[1])
  countDown(assembler, pixelsLeft, () => {
    assembler.compareImmediate(x, width)
    choose(assembler, condition.aboveOrEqual, {
      fails: () => copy(assembler, pixels, channels, maskEnd),
      holds: () => copy(assembler, undefined, channels, maskEnd),
    })
    assembler.addImmediate(pixels, 4 * channels * dilation[1])
    assembler.addImmediate(x, dilation[1])
  })
}

/** Copies floats to where `to` says, or zeros if `from` is undefined; `to` moves on behind them. Changes rax. */
function copy(assembler: Assembler, from: number | undefined, elements: number, maskEnd: Label): void {
  const [value, mask, source] = [0, 15, gp.r10]
  if (from === undefined) assembler.vector(vector.xor, value, value, value)
  else assembler.move(source, from)
  const vectors = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const displacement = 4 * lanes * i
      if (from !== undefined) assembler.vectorMemory(vector.load, value, 0, { base: source, displacement })
      assembler.vectorMemory(vector.store, value, 0, { base: to, displacement })
    }
    if (from !== undefined) assembler.addImmediate(source, 4 * lanes * count)
    assembler.addImmediate(to, 4 * lanes * count)
  }
  const whole = Math.floor(elements / lanes)
  const turns = whole <= unrolled ? 0 : Math.floor(whole / unrolled)
  if (turns > 0) {
    assembler.moveSmall(gp.rax, turns)
    countDown(assembler, gp.rax, () => vectors(unrolled))
  }
  vectors(whole - turns * unrolled)
  const rest = elements % lanes
  if (rest === 0) return
  loadMask(assembler, mask, rest, maskEnd)
  if (from !== undefined) assembler.vectorMemory(vector.maskLoad, value, mask, { base: source })
  assembler.vectorMemory(vector.maskStore, value, mask, { base: to })
  assembler.addImmediate(to, 4 * rest)
}
