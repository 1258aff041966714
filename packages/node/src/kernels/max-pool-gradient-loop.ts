import type { MaxPoolGradientKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** Elements that one task reads. */
const taskElements = 1 << 15

const local = {
  lastPlane: { base: gp.rsp, displacement: 0 },
  scratch: { base: gp.rsp, displacement: 8 },
} as const satisfies Record<string, Operand>

/** Pointers: two rows of x and of its cotangent, a row of maxima and of theirs. */
const [x0, x1, maxima, g, d0, d1] = [gp.rax, gp.rcx, gp.rdx, gp.rbx, gp.rbp, gp.rsi]
const [column, rowsLeft, plane, table] = [gp.r11, gp.r8, gp.r14, gp.r13]

/** Registers of a step over eight columns, which are four windows. */
const v = {
  m: 0,
  g: 1,
  x0: 2,
  x1: 3,
  e0: 4,
  e1: 5,
  upper: 6,
  other: 7,
  below: 8,
  right: 12,
  spread: 13,
  half: 14,
  mask: 15,
}

export function emitMaxPoolGradient(assembler: Assembler, { shape }: MaxPoolGradientKernel): Loop {
  const [batch, channels, height, width] = shape as readonly [number, number, number, number]
  const planes = batch * channels
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  const planesOfTask = Math.max(1, Math.floor(taskElements / (height * width)))
  const [spread, right, maskEnd] = [
    assembler.label('spread'),
    assembler.label('right'),
    assembler.label('mask'),
  ]
  /** Columns of the last step, if it is no whole one. */
  const rest = (2 * columns) % lanes

  const entry = emitFunction(assembler, 16, () => {
    assembler.move(table, gp.rdi)
    assembler.store(local.scratch, gp.rsi)
    assembler.multiply(plane, local.scratch, planesOfTask)
    assembler.move(gp.r15, plane)
    assembler.addImmediate(gp.r15, planesOfTask)
    clamp(assembler, gp.r15, planes)
    assembler.store(local.lastPlane, gp.r15)
    assembler.vectorMemory(vector.load, v.right, 0, { label: right })
    assembler.vectorMemory(vector.load, v.spread, 0, { label: spread })
    if (rest > 0) {
      // Lanes of windows, and lanes of columns: the first half serves the maxima.
      assembler.address(gp.r9, { label: maskEnd })
      assembler.vectorMemory(vector.load, v.half, 0, { base: gp.r9, displacement: -4 * (rest / 2) })
      assembler.vectorMemory(vector.load, v.mask, 0, { base: gp.r9, displacement: -4 * rest })
    }

    const nextPlane = assembler.label('plane')
    assembler.place(nextPlane)
    assembler.store(local.scratch, plane)
    for (const [register, i, elements] of [
      [x0, 0, height * width],
      [maxima, 1, rows * columns],
      [g, 2, rows * columns],
      [d0, 3, height * width],
    ] as const) {
      assembler.load(register, { base: table, displacement: 8 * i })
      assembler.multiply(gp.r9, local.scratch, 4 * elements)
      assembler.add(register, gp.r9)
    }
    assembler.address(x1, { base: x0, displacement: 4 * width })
    assembler.address(d1, { base: d0, displacement: 4 * width })
    assembler.moveSmall(rowsLeft, rows)

    const nextRow = assembler.label('row')
    assembler.place(nextRow)
    assembler.moveSmall(column, 0)
    const whole = 2 * columns - rest
    if (whole > 0) {
      const loop = assembler.label('eight')
      assembler.place(loop)
      emitStep(assembler, false)
      assembler.addImmediate(column, lanes)
      assembler.compareImmediate(column, whole)
      assembler.jumpIf(condition.below, loop)
    }
    if (rest > 0) emitStep(assembler, true)
    if (width % 2 === 1) {
      assembler.moveSmall(gp.r9, 0)
      for (const base of [d0, d1]) assembler.storeSmall({ base, displacement: 4 * (width - 1) }, gp.r9)
    }
    for (const register of [x0, x1, d0, d1]) assembler.addImmediate(register, 8 * width)
    for (const register of [maxima, g]) assembler.addImmediate(register, 4 * columns)
    assembler.subImmediate(rowsLeft, 1)
    assembler.jumpIf(condition.notEqual, nextRow)

    if (height % 2 === 1) emitZeros(assembler, width)
    assembler.addImmediate(plane, 1)
    assembler.compareMemory(plane, local.lastPlane)
    assembler.jumpIf(condition.below, nextPlane)
  })

  assembler.place(spread)
  assembler.data(new Uint8Array(Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3).buffer))
  assembler.place(right)
  assembler.data(new Uint8Array(Int32Array.of(0, -1, 0, -1, 0, -1, 0, -1).buffer))
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(planes / planesOfTask) }
}

/** Four windows: each maximum beside itself, compared with both rows; its cotangent at the first that is equal. */
function emitStep(assembler: Assembler, isRest: boolean): void {
  const wide = (base: number): Operand => ({ base, index: column, scale: 4 })
  const narrow = (base: number): Operand => ({ base, index: column, scale: 2 })
  for (const [register, base] of [
    [v.m, maxima],
    [v.g, g],
  ] as const) {
    if (isRest) assembler.vectorMemory(vector.maskLoad, register, v.half, narrow(base), undefined, false)
    else assembler.vectorMemory(vector.load, register, 0, narrow(base), undefined, false)
    assembler.vector(vector.permute, register, v.spread, register)
  }
  for (const [register, base] of [
    [v.x0, x0],
    [v.x1, x1],
  ] as const) {
    if (isRest) assembler.vectorMemory(vector.maskLoad, register, v.mask, wide(base))
    else assembler.vectorMemory(vector.load, register, 0, wide(base))
  }
  const equal = 0
  assembler.vector(vector.compare, v.e0, v.x0, v.m, equal)
  assembler.vector(vector.compare, v.e1, v.x1, v.m, equal)
  // Whether a window's upper row holds its maximum, for both columns: neighbours change places.
  assembler.vector(vector.shuffle, v.upper, 0, v.e0, 0xb1)
  assembler.vector(vector.or, v.upper, v.upper, v.e0)
  // The cotangent is what is left of it bit by bit: for the lower row where the upper one did not take it, for the
  // right column where the left one did not.
  for (const [register, left] of [
    [v.e0, v.g],
    [v.e1, v.below],
  ] as const) {
    if (left === v.below) {
      assembler.vector(vector.and, v.below, v.g, v.upper)
      assembler.vector(vector.xor, v.below, v.g, v.below)
    }
    assembler.vector(vector.shuffle, v.other, 0, register, 0xb1)
    assembler.vector(vector.and, v.other, v.other, v.right)
    assembler.vector(vector.and, v.other, v.other, register)
    assembler.vector(vector.xor, register, register, v.other)
    assembler.vector(vector.and, register, register, left)
  }
  for (const [register, base] of [
    [v.e0, d0],
    [v.e1, d1],
  ] as const) {
    if (isRest) assembler.vectorMemory(vector.maskStore, register, v.mask, wide(base))
    else assembler.vectorMemory(vector.store, register, 0, wide(base))
  }
}

/** The row behind the last window. */
function emitZeros(assembler: Assembler, width: number): void {
  assembler.moveSmall(gp.r9, 0)
  assembler.moveSmall(column, 0)
  const loop = assembler.label('zero')
  assembler.place(loop)
  assembler.storeSmall({ base: d0, index: column, scale: 4 }, gp.r9)
  assembler.addImmediate(column, 1)
  assembler.compareImmediate(column, width)
  assembler.jumpIf(condition.below, loop)
}
