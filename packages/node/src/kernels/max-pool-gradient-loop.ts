/**
 * The gradient of max-pooling with windows of 2 × 2, for images whose channels are first: x (N, C, H, W), its maxima and
 * their cotangents (N, C, ⌊H/2⌋, ⌊W/2⌋) → the cotangent of x, which is the maximum's at the first of the window's pixels
 * that equal it, and 0 elsewhere. max-pool-gradient-last-loop.ts is the one for channels last.
 *
 * A task is some planes (H, W). Loops: planes, lines of windows, eight columns at a time, which are four windows: each
 * maximum stands beside itself, so that it meets both columns of its window at once.
 *
 * Tails: columns that are no whole vector go through masks (`half` for the maxima, `mask` for the columns). The last
 * column of an odd width, and the last row of an odd height, become zeros.
 *
 * | register | holds |
 * | --- | --- |
 * | rax, rcx | the upper and the lower row of x |
 * | rbp, rsi | those of its cotangent |
 * | rdx, rbx | the row of maxima; that of their cotangents |
 * | r13, r14 | the table of pointers; the plane |
 * | r8, r11 | lines of windows that are left; the column |
 * | r9, r15 | temporary |
 * | ymm0, ymm1 | maxima and their cotangents, each twice |
 * | ymm2, ymm3 | the upper and the lower row of x |
 * | ymm4, ymm5 | where they equal the maximum, then their cotangents |
 * | ymm6, ymm8 | whether the upper row has the maximum; the cotangent that is left for the lower row |
 * | ymm7 | temporary |
 * | ymm12 | ones in right columns |
 * | ymm13 | positions that put each maximum beside itself |
 * | ymm14, ymm15 | masks of the last maxima and columns |
 */
import type { MaxPoolGradientKernel } from 'typegrad/engine'
import { type Assembler, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, countUp, emitFunction, type Loop, stackSlot, tablePointer } from './loop.ts'
import { loadFloats, storeFloats } from './partial-vectors.ts'

/** Elements that one task reads. */
const taskElements = 1 << 15

/** The plane behind the task's last one, and a number that is to be multiplied. */
const local = { lastPlane: stackSlot(0), scratch: stackSlot(1) } as const

const [x0, x1, maxima, g, d0, d1] = [gp.rax, gp.rcx, gp.rdx, gp.rbx, gp.rbp, gp.rsi]
const [column, linesLeft, plane, table] = [gp.r11, gp.r8, gp.r14, gp.r13]

const v = {
  maximum: 0,
  g: 1,
  x0: 2,
  x1: 3,
  d0: 4,
  d1: 5,
  isUpper: 6,
  other: 7,
  leftForLower: 8,
  isRight: 12,
  twice: 13,
  half: 14,
  mask: 15,
} as const

/** Immediates: a comparison; neighbours change places. */
const [isEqual, swapNeighbours] = [0, 0xb1]

interface Context {
  readonly assembler: Assembler
  readonly height: number
  readonly width: number
  /** Windows of a plane. */
  readonly rows: number
  readonly columns: number
  readonly planes: number
  readonly planesOfTask: number
  /** Columns of the last step, if it is no whole one. */
  readonly rest: number
  /** Constants behind the code. */
  readonly twice: Label
  readonly isRight: Label
  readonly maskEnd: Label
}

export function emitMaxPoolGradient(assembler: Assembler, { shape }: MaxPoolGradientKernel): Loop {
  const [batch, channels, height, width] = shape as readonly [number, number, number, number]
  const planes = batch * channels
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  const planesOfTask = Math.max(1, Math.floor(taskElements / (height * width)))
  const context: Context = {
    ...{ assembler, height, width, rows, columns, planes, planesOfTask },
    rest: (2 * columns) % lanes,
    twice: assembler.label('twice'),
    isRight: assembler.label('is right'),
    maskEnd: assembler.label('mask'),
  }
  const entry = emitFunction(assembler, 16, () => {
    emitTask(context)
    countUp(assembler, plane, { to: local.lastPlane }, () => {
      emitPointers(context)
      assembler.moveSmall(linesLeft, rows)
      countDown(assembler, linesLeft, () => emitLine(context))
      if (height % 2 === 1) emitLastRow(context)
    })
  })
  emitConstants(context)
  return { entry, tasks: Math.ceil(planes / planesOfTask) }
}

/** The task's planes, and constants in registers. */
function emitTask({ assembler, planes, planesOfTask, rest, ...labels }: Context): void {
  const lastPlane = gp.r15
  assembler.move(table, gp.rdi)
  assembler.store(local.scratch, gp.rsi)
  assembler.multiply(plane, local.scratch, planesOfTask)
  assembler.move(lastPlane, plane)
  assembler.addImmediate(lastPlane, planesOfTask)
  clamp(assembler, lastPlane, planes)
  assembler.store(local.lastPlane, lastPlane)
  assembler.vectorMemory(vector.load, v.isRight, 0, { label: labels.isRight })
  assembler.vectorMemory(vector.load, v.twice, 0, { label: labels.twice })
  if (rest > 0) {
    assembler.address(gp.r9, { label: labels.maskEnd })
    assembler.vectorMemory(vector.load, v.half, 0, { base: gp.r9, displacement: -4 * (rest / 2) })
    assembler.vectorMemory(vector.load, v.mask, 0, { base: gp.r9, displacement: -4 * rest })
  }
}

function emitConstants({ assembler, twice, isRight, maskEnd }: Context): void {
  assembler.place(twice)
  assembler.data(new Uint8Array(Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3).buffer))
  assembler.place(isRight)
  assembler.data(new Uint8Array(Int32Array.of(0, -1, 0, -1, 0, -1, 0, -1).buffer))
  emitMasks(assembler, maskEnd)
}

/** Where the plane's first windows are in x, the maxima, and both cotangents. */
function emitPointers({ assembler, height, width, rows, columns }: Context): void {
  assembler.store(local.scratch, plane)
  for (const [register, i, elements] of [
    [x0, 0, height * width],
    [maxima, 1, rows * columns],
    [g, 2, rows * columns],
    [d0, 3, height * width],
  ] as const) {
    assembler.load(register, tablePointer(i, table))
    assembler.multiply(gp.r9, local.scratch, 4 * elements)
    assembler.add(register, gp.r9)
  }
  assembler.address(x1, { base: x0, displacement: 4 * width })
  assembler.address(d1, { base: d0, displacement: 4 * width })
}

/** A line of windows: two rows of x. */
function emitLine({ assembler, width, columns, rest }: Context): void {
  const whole = 2 * columns - rest
  assembler.moveSmall(column, 0)
  if (whole > 0)
    countUp(assembler, column, { by: lanes, to: { number: whole } }, () => emitWindows(assembler, false))
  if (rest > 0) emitWindows(assembler, true)
  if (width % 2 === 1) {
    assembler.moveSmall(gp.r9, 0)
    for (const base of [d0, d1]) assembler.storeSmall({ base, displacement: 4 * (width - 1) }, gp.r9)
  }
  for (const register of [x0, x1, d0, d1]) assembler.addImmediate(register, 8 * width)
  for (const register of [maxima, g]) assembler.addImmediate(register, 4 * columns)
}

const atColumn = (base: number): Operand => ({ base, index: column, scale: 4 })
const atWindow = (base: number): Operand => ({ base, index: column, scale: 2 })

/** Four windows. */
function emitWindows(assembler: Assembler, isRest: boolean): void {
  const mask = isRest ? v.mask : undefined
  for (const [register, base] of [
    [v.maximum, maxima],
    [v.g, g],
  ] as const) {
    // Four floats: the form of 128 bits.
    if (isRest) assembler.vectorMemory(vector.maskLoad, register, v.half, atWindow(base), undefined, false)
    else assembler.vectorMemory(vector.load, register, 0, atWindow(base), undefined, false)
    assembler.vector(vector.permute, register, v.twice, register)
  }
  loadFloats(assembler, v.x0, atColumn(x0), mask)
  loadFloats(assembler, v.x1, atColumn(x1), mask)
  emitCotangents(assembler)
  storeFloats(assembler, v.d0, atColumn(d0), mask)
  storeFloats(assembler, v.d1, atColumn(d1), mask)
}

/** d0, d1 = the cotangents of both rows: the window's own at its first pixel that is the maximum. */
function emitCotangents(assembler: Assembler): void {
  assembler.vector(vector.compare, v.d0, v.x0, v.maximum, isEqual)
  assembler.vector(vector.compare, v.d1, v.x1, v.maximum, isEqual)
  // Whether a window's upper row has its maximum, for both columns.
  assembler.vector(vector.shuffle, v.isUpper, 0, v.d0, swapNeighbours)
  assembler.vector(vector.or, v.isUpper, v.isUpper, v.d0)
  emitTake(assembler, v.d0, v.g)
  assembler.vector(vector.and, v.leftForLower, v.g, v.isUpper)
  assembler.vector(vector.xor, v.leftForLower, v.g, v.leftForLower)
  emitTake(assembler, v.d1, v.leftForLower)
}

/** row = its cotangent, in place of where it equals the maximum: of what is `left`, the left column takes first. */
function emitTake(assembler: Assembler, row: number, left: number): void {
  assembler.vector(vector.shuffle, v.other, 0, row, swapNeighbours)
  assembler.vector(vector.and, v.other, v.other, v.isRight)
  assembler.vector(vector.and, v.other, v.other, row)
  assembler.vector(vector.xor, row, row, v.other)
  assembler.vector(vector.and, row, row, left)
}

/** Zeros for the row behind the last window. */
function emitLastRow({ assembler, width }: Context): void {
  assembler.moveSmall(gp.r9, 0)
  assembler.moveSmall(column, 0)
  countUp(assembler, column, { to: { number: width } }, () => assembler.storeSmall(atColumn(d0), gp.r9))
}
