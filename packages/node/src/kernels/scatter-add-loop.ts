import { type ScatterAddKernel, sizeOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** Elements up to which another thread is not worth its waking. */
const smallElements = 1 << 18
/** Columns of a task at least: one line of the cache. */
const fewestColumns = 16
const mostTasks = 8

const [indices, updates, into, left] = [gp.rbx, gp.rcx, gp.rdx, gp.r8]
const [column, length, whole, row] = [gp.r11, gp.r15, gp.rbp, gp.rdi]
const [base, ahead] = [gp.r14, gp.r10]
const value = 0
const mask = 15

/** Bytes of a table that the processor's caches do not hold: its rows are asked for some steps before they are read. */
const largeTable = 1 << 20
const stepsAhead = 16
const lineBytes = 64
/** Bytes of a row that are asked for: the processor goes on by itself. */
const mostAhead = 1 << 10

/**
 * Tasks are ranges of columns, each of which goes through all indices: no two threads write to one place, and sums are
 * added up in the same order every time.
 */
export function emitScatterAdd(assembler: Assembler, kernel: ScatterAddKernel): Loop {
  const { shape, count, indexDType, hasBase } = kernel
  const [size = 0] = shape
  const columns = sizeOf(shape.slice(1))
  const isSmall = ((hasBase ? 0 : size) + count) * columns <= smallElements
  const wanted = isSmall ? 1 : Math.min(mostTasks, Math.ceil(columns / fewestColumns))
  const columnsOfTask = Math.ceil(columns / wanted / lanes) * lanes
  const tasks = Math.ceil(columns / columnsOfTask)
  const rowBytes = 4 * columns
  const indexBytes = indexDType === 'int64' ? 8 : 4
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, 16, () => {
    assembler.move(gp.r13, gp.rdi)
    // Columns that are this task's: from r12 on, `length` of them, `whole` of these in vectors.
    assembler.scale(gp.r12, gp.rsi, columnsOfTask)
    assembler.moveSmall(length, columns)
    assembler.sub(length, gp.r12)
    clamp(assembler, length, columnsOfTask)
    assembler.move(whole, length)
    assembler.andImmediate(whole, -lanes)
    assembler.move(gp.rax, length)
    assembler.andImmediate(gp.rax, lanes - 1)
    assembler.scale(gp.rax, gp.rax, 4)
    assembler.address(gp.r9, { label: maskEnd })
    assembler.sub(gp.r9, gp.rax)
    assembler.vectorMemory(vector.load, mask, 0, { base: gp.r9 })
    assembler.scale(gp.r12, gp.r12, 4)

    assembler.load(into, { base: gp.r13, displacement: hasBase ? 24 : 16 })
    const begun = assembler.label('begun')
    if (hasBase) {
      assembler.load(base, { base: gp.r13, displacement: 16 })
      assembler.compare(base, into)
      assembler.jumpIf(condition.equal, begun)
      assembler.add(base, gp.r12)
    } else {
      assembler.vector(vector.xor, value, value, value)
    }
    assembler.move(row, into)
    assembler.add(row, gp.r12)
    repeat(assembler, size, () => {
      emitColumns(assembler, (isRest) => {
        if (hasBase) load(assembler, value, base, isRest)
        store(assembler, isRest)
      })
      assembler.addImmediate(row, rowBytes)
      if (hasBase) assembler.addImmediate(base, rowBytes)
    })
    assembler.place(begun)
    assembler.add(into, gp.r12)

    assembler.load(indices, { base: gp.r13, displacement: 0 })
    assembler.load(updates, { base: gp.r13, displacement: 8 })
    assembler.add(updates, gp.r12)
    const early = size * rowBytes > largeTable ? Math.max(0, count - stepsAhead) : 0
    const loadIndex = (to: number, steps = 0): void => {
      const at = { base: indices, displacement: steps * indexBytes }
      if (indexDType === 'int64') assembler.load(to, at)
      else assembler.loadSigned(to, at)
    }
    const addRow = (): void => {
      const [fits, next] = [assembler.label('fits'), assembler.label('next')]
      loadIndex(row)
      assembler.test(row)
      assembler.jumpIf(condition.notNegative, fits)
      assembler.addImmediate(row, size)
      assembler.place(fits)
      // Compared without a sign, so that what is still negative is too large as well.
      assembler.compareImmediate(row, size)
      assembler.jumpIf(condition.aboveOrEqual, next)
      assembler.scale(row, row, rowBytes)
      assembler.add(row, into)
      emitColumns(assembler, (isRest) => {
        load(assembler, value, row, isRest)
        load(assembler, 1, updates, isRest)
        assembler.vector(vector.add, value, value, 1)
        store(assembler, isRest)
      })
      assembler.place(next)
      assembler.addImmediate(indices, indexBytes)
      assembler.addImmediate(updates, rowBytes)
    }
    repeat(assembler, early, () => {
      loadIndex(ahead, stepsAhead)
      assembler.scale(ahead, ahead, rowBytes)
      for (let line = 0; line < Math.min(4 * columnsOfTask, mostAhead); line += lineBytes)
        assembler.prefetch({ base: into, index: ahead, displacement: line })
      addRow()
    })
    repeat(assembler, count - early, addRow)
  })

  emitMasks(assembler, maskEnd)
  return { entry, tasks }
}

function repeat(assembler: Assembler, times: number, body: () => void): void {
  if (times === 0) return
  const loop = assembler.label('repeat')
  assembler.moveSmall(left, times)
  assembler.place(loop)
  body()
  assembler.subImmediate(left, 1)
  assembler.jumpIf(condition.notEqual, loop)
}

/** The task's columns of one row: vectors, and what is left of them. */
function emitColumns(assembler: Assembler, emit: (isRest: boolean) => void): void {
  const [loop, rest, done] = [assembler.label('eight'), assembler.label('rest'), assembler.label('done')]
  assembler.moveSmall(column, 0)
  assembler.place(loop)
  assembler.compare(column, whole)
  assembler.jumpIf(condition.aboveOrEqual, rest)
  emit(false)
  assembler.addImmediate(column, lanes)
  assembler.jump(loop)
  assembler.place(rest)
  assembler.compare(column, length)
  assembler.jumpIf(condition.aboveOrEqual, done)
  emit(true)
  assembler.place(done)
}

const at = (base: number): Operand => ({ base, index: column, scale: 4 })

function load(assembler: Assembler, register: number, from: number, isRest: boolean): void {
  if (isRest) assembler.vectorMemory(vector.maskLoad, register, mask, at(from))
  else assembler.vectorMemory(vector.load, register, 0, at(from))
}

function store(assembler: Assembler, isRest: boolean): void {
  if (isRest) assembler.vectorMemory(vector.maskStore, value, mask, at(row))
  else assembler.vectorMemory(vector.store, value, 0, at(row))
}
