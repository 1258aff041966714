import type { MaxPoolGradientKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'

/** Elements that one task reads. */
const taskElements = 1 << 15

const local = {
  table: { base: gp.rsp, displacement: 0 },
  lastLine: { base: gp.rsp, displacement: 8 },
} as const satisfies Record<string, Operand>

/** Pointers: a window's upper pixel of x and of its cotangent, its maximum, and the maximum's cotangent. */
const [x, maximum, g, d] = [gp.rbx, gp.rbp, gp.rsi, gp.rdi]
const [channel, line, left] = [gp.r11, gp.r12, gp.r13]

/** Registers: the maximum, what is left of its cotangent, where it stands, and the mask of the last channels. */
const v = { m: 0, left: 1, equal: 2, mask: 15 } as const

/** The kernel for images whose channels are last: a task is some lines of windows. */
export function emitMaxPoolGradientLast(assembler: Assembler, { shape }: MaxPoolGradientKernel): Loop {
  const [batch, height, width, channels] = shape as readonly [number, number, number, number]
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
  const lines = batch * rows
  const linesOfTask = Math.max(1, Math.floor(taskElements / (2 * width * channels)))
  const pixelBytes = 4 * channels
  const corners = [0, pixelBytes, width * pixelBytes, (width + 1) * pixelBytes]
  const rest = channels % lanes
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, 16, () => {
    assembler.store(local.table, gp.rdi)
    assembler.scale(line, gp.rsi, linesOfTask)
    assembler.move(gp.rax, line)
    assembler.addImmediate(gp.rax, linesOfTask)
    clamp(assembler, gp.rax, lines)
    assembler.store(local.lastLine, gp.rax)
    if (rest > 0) {
      assembler.address(gp.rax, { label: maskEnd })
      assembler.vectorMemory(vector.load, v.mask, 0, { base: gp.rax, displacement: -4 * rest })
    }
    const nextLine = assembler.label('line')
    assembler.place(nextLine)
    emitPointers()
    assembler.moveSmall(left, columns)
    countDown(assembler, left, () => {
      overChannels((isRest) => emitWindow(isRest))
      for (const pointer of [x, d]) assembler.addImmediate(pointer, 2 * pixelBytes)
      for (const pointer of [maximum, g]) assembler.addImmediate(pointer, pixelBytes)
    })
    if (width % 2 === 1) {
      emitZeros(d, channels)
      assembler.addImmediate(d, width * pixelBytes)
      emitZeros(d, channels)
      assembler.addImmediate(d, pixelBytes)
    } else {
      assembler.addImmediate(d, width * pixelBytes)
    }
    if (height % 2 === 1) emitLastRow()
    assembler.addImmediate(line, 1)
    assembler.compareMemory(line, local.lastLine)
    assembler.jumpIf(condition.below, nextLine)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(lines / linesOfTask) }

  /** Where the line's first window is in all four. */
  function emitPointers(): void {
    assembler.move(gp.rax, line)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, rows)
    assembler.divide(gp.rcx)
    assembler.scale(gp.rax, gp.rax, height * width * pixelBytes)
    assembler.scale(gp.rdx, gp.rdx, 2 * width * pixelBytes)
    assembler.add(gp.rax, gp.rdx)
    assembler.scale(gp.rcx, line, columns * pixelBytes)
    assembler.load(gp.r8, local.table)
    for (const [register, i, offset] of [
      [x, 0, gp.rax],
      [maximum, 1, gp.rcx],
      [g, 2, gp.rcx],
      [d, 3, gp.rax],
    ] as const) {
      assembler.load(register, { base: gp.r8, displacement: 8 * i })
      assembler.add(register, offset)
    }
  }

  function overChannels(emit: (isRest: boolean) => void, count = channels): void {
    assembler.moveSmall(channel, 0)
    if (count >= lanes) {
      assembler.moveSmall(gp.r14, Math.floor(count / lanes))
      countDown(assembler, gp.r14, () => {
        emit(false)
        assembler.addImmediate(channel, lanes)
      })
    }
    if (count % lanes > 0) emit(true)
  }

  function emitWindow(isRest: boolean): void {
    const load = (register: number, base: number, displacement = 0): void => {
      const from = { base, index: channel, scale: 4, displacement } as const
      if (isRest) assembler.vectorMemory(vector.maskLoad, register, v.mask, from)
      else assembler.vectorMemory(vector.load, register, 0, from)
    }
    const isEqual = 0
    load(v.m, maximum)
    load(v.left, g)
    // The cotangent is taken bit by bit by the first corner that is the maximum: nothing of it is left for the others.
    corners.forEach((corner, i) => {
      load(v.equal, x, corner)
      assembler.vector(vector.compare, v.equal, v.equal, v.m, isEqual)
      assembler.vector(vector.and, v.equal, v.equal, v.left)
      if (i < corners.length - 1) assembler.vector(vector.xor, v.left, v.left, v.equal)
      const to = { base: d, index: channel, scale: 4, displacement: corner } as const
      if (isRest) assembler.vectorMemory(vector.maskStore, v.equal, v.mask, to)
      else assembler.vectorMemory(vector.store, v.equal, 0, to)
    })
  }

  /** Zeros for one pixel's channels. */
  function emitZeros(register: number, count: number): void {
    assembler.vector(vector.xor, v.m, v.m, v.m)
    overChannels((isRest) => {
      const to = { base: register, index: channel, scale: 4 } as const
      if (isRest) assembler.vectorMemory(vector.maskStore, v.m, v.mask, to)
      else assembler.vectorMemory(vector.store, v.m, 0, to)
    }, count)
  }

  /** Behind an image's last line of windows: the row that no window covers. */
  function emitLastRow(): void {
    const skip = assembler.label('skip')
    assembler.move(gp.rax, line)
    assembler.addImmediate(gp.rax, 1)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, rows)
    assembler.divide(gp.rcx)
    assembler.test(gp.rdx)
    assembler.jumpIf(condition.notEqual, skip)
    assembler.moveSmall(left, width)
    countDown(assembler, left, () => {
      emitZeros(d, channels)
      assembler.addImmediate(d, pixelBytes)
    })
    assembler.place(skip)
  }
}
