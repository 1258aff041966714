/**
 * The gradient of max-pooling with windows of 2 × 2, for images whose channels are last: x (N, H, W, C), its maxima and
 * their cotangents (N, ⌊H/2⌋, ⌊W/2⌋, C) → the cotangent of x, which is the maximum's at the first of the window's pixels
 * that equal it, and 0 elsewhere. max-pool-gradient-loop.ts is the one for channels first.
 *
 * A task is some lines of windows. Loops: lines, windows of the line, eight channels at a time, the window's four pixels.
 *
 * Tails: channels that are no whole vector go through a mask. The last column of an odd width becomes zeros behind each
 * line, the last row of an odd height behind the last line of an image.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rdi | the window's upper left pixel of x, and of its cotangent, for channel 0 |
 * | rbp, rsi | the window's maximum, and its cotangent, for channel 0 |
 * | r12, r13 | the line; windows, or pixels of a last row, that are left |
 * | r11, r14 | the channel; whole vectors of channels that are left |
 * | rax, rcx, rdx, r8 | temporary |
 * | ymm0, ymm1 | the maximum (or zeros); what is left of its cotangent |
 * | ymm2 | the cotangent where the pixel takes it |
 * | ymm15 | the mask of the last channels |
 */
import type { MaxPoolGradientKernel } from 'typegrad/engine'
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
import { loadFloats, loadMask, storeFloats } from './partial-vectors.ts'

/** Elements that one task reads. */
const taskElements = 1 << 15

/** The table of pointers, and the line behind the task's last one. */
const local = { table: stackSlot(0), lastLine: stackSlot(1) } as const

const [x, d, maximum, g] = [gp.rbx, gp.rdi, gp.rbp, gp.rsi]
const [line, left] = [gp.r12, gp.r13]
const [channel, vectorsLeft] = [gp.r11, gp.r14]
const v = { maximum: 0, zero: 0, left: 1, taken: 2, mask: 15 } as const
const isEqual = 0

interface Context {
  readonly assembler: Assembler
  readonly maskEnd: Label
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly pixelBytes: number
  /** Windows of an image. */
  readonly rows: number
  readonly columns: number
  /** Of all images, and of a task. */
  readonly lines: number
  readonly linesOfTask: number
}

export function emitMaxPoolGradientLast(assembler: Assembler, { shape }: MaxPoolGradientKernel): Loop {
  const [batch, height, width, channels] = shape as readonly [number, number, number, number]
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  const lines = batch * rows
  const linesOfTask = Math.max(1, Math.floor(taskElements / (2 * width * channels)))
  const sizes = { height, width, channels, pixelBytes: 4 * channels, rows, columns, lines, linesOfTask }
  const context: Context = { assembler, maskEnd: assembler.label('mask'), ...sizes }

  const entry = emitFunction(assembler, 16, () => {
    emitTask(context)
    countUp(assembler, line, { to: local.lastLine }, () => {
      emitPointers(context)
      emitWindows(context)
      emitLastColumn(context)
      if (height % 2 === 1) emitLastRow(context)
    })
  })
  emitMasks(assembler, context.maskEnd)
  return { entry, tasks: Math.ceil(lines / linesOfTask) }
}

/** The task's lines. */
function emitTask({ assembler, channels, lines, linesOfTask, maskEnd }: Context): void {
  const rest = channels % lanes
  assembler.store(local.table, gp.rdi)
  assembler.scale(line, gp.rsi, linesOfTask)
  assembler.move(gp.rax, line)
  assembler.addImmediate(gp.rax, linesOfTask)
  clamp(assembler, gp.rax, lines)
  assembler.store(local.lastLine, gp.rax)
  if (rest > 0) loadMask(assembler, v.mask, rest, maskEnd)
}

/** Where the line's first window is in x, the maxima, and both cotangents. */
function emitPointers({ assembler, height, width, pixelBytes, rows, columns }: Context): void {
  const [ofPixels, ofMaxima, table] = [gp.rax, gp.rcx, gp.r8]
  assembler.move(gp.rax, line)
  divideBy(assembler, rows)
  assembler.scale(ofPixels, gp.rax, height * width * pixelBytes)
  assembler.scale(gp.rdx, gp.rdx, 2 * width * pixelBytes)
  assembler.add(ofPixels, gp.rdx)
  assembler.scale(ofMaxima, line, columns * pixelBytes)
  assembler.load(table, local.table)
  for (const [register, i, offset] of [
    [x, 0, ofPixels],
    [maximum, 1, ofMaxima],
    [g, 2, ofMaxima],
    [d, 3, ofPixels],
  ] as const) {
    assembler.load(register, tablePointer(i, table))
    assembler.add(register, offset)
  }
}

function emitWindows(context: Context): void {
  const { assembler, columns, pixelBytes } = context
  assembler.moveSmall(left, columns)
  countDown(assembler, left, () => {
    overChannels(context, (masked) => emitWindow(context, masked))
    for (const pointer of [x, d]) assembler.addImmediate(pointer, 2 * pixelBytes)
    for (const pointer of [maximum, g]) assembler.addImmediate(pointer, pixelBytes)
  })
}

/** The pixel's channels, eight at a time, and those that are left through the mask. */
function overChannels({ assembler, channels }: Context, body: (masked: number | undefined) => void): void {
  assembler.moveSmall(channel, 0)
  if (channels >= lanes) {
    assembler.moveSmall(vectorsLeft, Math.floor(channels / lanes))
    countDown(assembler, vectorsLeft, () => {
      body(undefined)
      assembler.addImmediate(channel, lanes)
    })
  }
  if (channels % lanes > 0) body(v.mask)
}

const at = (base: number, displacement = 0): Operand => ({ base, index: channel, scale: 4, displacement })

function emitWindow({ assembler, width, pixelBytes }: Context, masked: number | undefined): void {
  const corners = [0, pixelBytes, width * pixelBytes, (width + 1) * pixelBytes]
  loadFloats(assembler, v.maximum, at(maximum), masked)
  loadFloats(assembler, v.left, at(g), masked)
  // The first corner that is the maximum takes the cotangent bit by bit: nothing of it is left for the others.
  corners.forEach((corner, i) => {
    loadFloats(assembler, v.taken, at(x, corner), masked)
    assembler.vector(vector.compare, v.taken, v.taken, v.maximum, isEqual)
    assembler.vector(vector.and, v.taken, v.taken, v.left)
    if (i < corners.length - 1) assembler.vector(vector.xor, v.left, v.left, v.taken)
    storeFloats(assembler, v.taken, at(d, corner), masked)
  })
}

/** Goes on to the next line of windows; the two pixels of an odd width's last column become zeros on the way. */
function emitLastColumn(context: Context): void {
  const { assembler, width, pixelBytes } = context
  if (width % 2 === 0) {
    assembler.addImmediate(d, width * pixelBytes)
    return
  }
  emitZeroPixel(context)
  assembler.addImmediate(d, width * pixelBytes)
  emitZeroPixel(context)
  assembler.addImmediate(d, pixelBytes)
}

/** Behind an image's last line of windows: zeros for the row that no window covers. */
function emitLastRow(context: Context): void {
  const { assembler, rows, width, pixelBytes } = context
  assembler.move(gp.rax, line)
  assembler.addImmediate(gp.rax, 1)
  divideBy(assembler, rows)
  assembler.test(gp.rdx)
  skipIf(assembler, condition.notEqual, () => {
    assembler.moveSmall(left, width)
    countDown(assembler, left, () => {
      emitZeroPixel(context)
      assembler.addImmediate(d, pixelBytes)
    })
  })
}

function emitZeroPixel(context: Context): void {
  const { assembler } = context
  assembler.vector(vector.xor, v.zero, v.zero, v.zero)
  overChannels(context, (masked) => storeFloats(assembler, v.zero, at(d), masked))
}
