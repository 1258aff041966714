/**
 * Rows that add up by index: out[i] = base[i], or 0, + Σ updates[j] over all j with indices[j] = i. Shapes: indices
 * (count), updates (count, columns), base and out (size, columns). Negative indices count from the end; indices beyond
 * the table are left out.
 *
 * A task is a range of columns, and goes through all indices in their order: no two threads write to one place, and
 * equal indices always add up in one order. Loops: first the task's columns of out become the base's, or zeros, row by
 * row (unless out is the base's memory); then updates are added, row by row. In both the inner loop takes eight columns
 * at a time. Rows of a large table are prefetched some steps before they are read.
 *
 * Tails: a task's columns that are no whole vector go through a mask; columns of a task are multiples of eight, so only
 * the last task has some. The last `stepsAhead` updates have a loop of their own, which prefetches nothing.
 *
 * | register | holds |
 * | --- | --- |
 * | r13, r12 | the table of pointers; bytes from a row's first column to the task's |
 * | rbx, rcx | the next index; the task's columns of the next update |
 * | rdx, r14 | the task's columns of the table's first row, in out; of the next row of base |
 * | rdi | the row that is added to |
 * | r8 | rows or updates that are left |
 * | r11, rbp, r15 | the column; the task's columns in whole vectors; all of them |
 * | r10 | the index that is read ahead |
 * | rax, r9 | temporary |
 * | ymm0, ymm1 | the sum; the update |
 * | ymm15 | the mask of the last columns |
 */
import { type ScatterAddKernel, sizeOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop, skipIf, tablePointer } from './loop.ts'
import { loadFloats, storeFloats } from './partial-vectors.ts'

/** Elements up to which another thread is not worth its waking. */
const smallElements = 1 << 18
/** Columns of a task: one line of the cache. */
const minColumns = 16
const maxTasks = 8

/** Bytes of a table that the processor's caches do not hold: its rows are prefetched. */
const largeTable = 1 << 20
const stepsAhead = 16
const lineBytes = 64
/** Bytes of a row that are prefetched: the processor goes on by itself. */
const maxBytesAhead = 1 << 10

const [table, firstColumn] = [gp.r13, gp.r12]
const [indices, updates, into, base] = [gp.rbx, gp.rcx, gp.rdx, gp.r14]
const [row, left, ahead] = [gp.rdi, gp.r8, gp.r10]
const [column, wholeColumns, allColumns] = [gp.r11, gp.rbp, gp.r15]
const [value, update, mask] = [0, 1, 15] as const

interface Context {
  readonly assembler: Assembler
  readonly kernel: ScatterAddKernel
  readonly maskEnd: Label
  /** Rows of the table. */
  readonly size: number
  readonly columns: number
  readonly columnsOfTask: number
}

export function emitScatterAdd(assembler: Assembler, kernel: ScatterAddKernel): Loop {
  const { shape, count, hasBase } = kernel
  const [size = 0] = shape
  const columns = sizeOf(shape.slice(1))
  const isSmall = ((hasBase ? 0 : size) + count) * columns <= smallElements
  const wanted = isSmall ? 1 : Math.min(maxTasks, Math.ceil(columns / minColumns))
  const columnsOfTask = Math.ceil(columns / wanted / lanes) * lanes
  const maskEnd = assembler.label('mask')
  const context: Context = { assembler, kernel, maskEnd, size, columns, columnsOfTask }

  const entry = emitFunction(assembler, 16, () => {
    emitTask(context)
    emitStart(context)
    emitUpdates(context)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(columns / columnsOfTask) }
}

/** The task's columns, and the mask of those that are no whole vector. */
function emitTask({ assembler, columns, columnsOfTask, maskEnd }: Context): void {
  assembler.move(table, gp.rdi)
  assembler.scale(firstColumn, gp.rsi, columnsOfTask)
  assembler.moveSmall(allColumns, columns)
  assembler.sub(allColumns, firstColumn)
  clamp(assembler, allColumns, columnsOfTask)
  assembler.move(wholeColumns, allColumns)
  assembler.andImmediate(wholeColumns, -lanes)
  assembler.move(gp.rax, allColumns)
  assembler.andImmediate(gp.rax, lanes - 1)
  assembler.scale(gp.rax, gp.rax, 4)
  assembler.address(gp.r9, { label: maskEnd })
  assembler.sub(gp.r9, gp.rax)
  assembler.vectorMemory(vector.load, mask, 0, { base: gp.r9 })
  assembler.scale(firstColumn, firstColumn, 4)
}

/** What the updates are added to. */
function emitStart(context: Context): void {
  const { assembler, kernel, size, columns } = context
  const { hasBase } = kernel
  const copyRows = (): void => {
    if (hasBase) assembler.add(base, firstColumn)
    else assembler.vector(vector.xor, value, value, value)
    assembler.move(row, into)
    assembler.add(row, firstColumn)
    repeat(assembler, size, () => {
      forEachColumn(assembler, (masked) => {
        if (hasBase) loadFloats(assembler, value, at(base), masked)
        storeFloats(assembler, value, at(row), masked)
      })
      assembler.addImmediate(row, 4 * columns)
      if (hasBase) assembler.addImmediate(base, 4 * columns)
    })
  }
  assembler.load(into, tablePointer(hasBase ? 3 : 2, table))
  if (hasBase) {
    assembler.load(base, tablePointer(2, table))
    assembler.compare(base, into)
    skipIf(assembler, condition.equal, copyRows)
  } else {
    copyRows()
  }
  assembler.add(into, firstColumn)
}

/** out[indices[j]] += updates[j] for all j. */
function emitUpdates(context: Context): void {
  const { assembler, kernel, size, columns, columnsOfTask } = context
  assembler.load(indices, tablePointer(0, table))
  assembler.load(updates, tablePointer(1, table))
  assembler.add(updates, firstColumn)
  const early = size * 4 * columns > largeTable ? Math.max(0, kernel.count - stepsAhead) : 0
  repeat(assembler, early, () => {
    loadIndex(context, ahead, stepsAhead)
    assembler.scale(ahead, ahead, 4 * columns)
    for (let line = 0; line < Math.min(4 * columnsOfTask, maxBytesAhead); line += lineBytes)
      assembler.prefetch({ base: into, index: ahead, displacement: line })
    emitUpdate(context)
  })
  repeat(assembler, kernel.count - early, () => emitUpdate(context))
}

const indexBytes = ({ indexDType }: ScatterAddKernel): number => (indexDType === 'int64' ? 8 : 4)

/** The index that comes so many steps after the next one. */
function loadIndex({ assembler, kernel }: Context, to: number, steps: number): void {
  const from = { base: indices, displacement: steps * indexBytes(kernel) }
  if (kernel.indexDType === 'int64') assembler.load(to, from)
  else assembler.loadSigned(to, from)
}

function emitUpdate(context: Context): void {
  const { assembler, kernel, size, columns } = context
  loadIndex(context, row, 0)
  assembler.test(row)
  skipIf(assembler, condition.notNegative, () => assembler.addImmediate(row, size))
  // Compared without a sign, so that what is still negative is too large as well.
  assembler.compareImmediate(row, size)
  skipIf(assembler, condition.aboveOrEqual, () => {
    assembler.scale(row, row, 4 * columns)
    assembler.add(row, into)
    forEachColumn(assembler, (masked) => {
      loadFloats(assembler, value, at(row), masked)
      loadFloats(assembler, update, at(updates), masked)
      assembler.vector(vector.add, value, value, update)
      storeFloats(assembler, value, at(row), masked)
    })
  })
  assembler.addImmediate(indices, indexBytes(kernel))
  assembler.addImmediate(updates, 4 * columns)
}

function repeat(assembler: Assembler, times: number, body: () => void): void {
  if (times === 0) return
  assembler.moveSmall(left, times)
  countDown(assembler, left, body)
}

/** The task's columns of one row: whole vectors, then what is left of them with the mask. */
function forEachColumn(assembler: Assembler, emit: (masked: number | undefined) => void): void {
  const [loop, rest] = [assembler.label('eight'), assembler.label('rest')]
  assembler.moveSmall(column, 0)
  assembler.place(loop)
  assembler.compare(column, wholeColumns)
  assembler.jumpIf(condition.aboveOrEqual, rest)
  emit(undefined)
  assembler.addImmediate(column, lanes)
  assembler.jump(loop)
  assembler.place(rest)
  assembler.compare(column, allColumns)
  skipIf(assembler, condition.aboveOrEqual, () => emit(mask))
}

/** Eight columns of a row, whose first one a register holds. */
const at = (of: number): Operand => ({ base: of, index: column, scale: 4 })
