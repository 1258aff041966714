/**
 * A product of few rows: c (rows, columns) = a (rows, inner) · b, plus a row. All time goes into reading b, so it is read
 * once, where it stands, in a few streams that lie one after another in memory; what follows them is asked for ahead.
 *
 * A task has some of the columns. Where b is (inner, columns): loops over blocks of b's rows, then over vectors of
 * columns; c is gone over once for each block, and stays in the first caches. Where b is its transpose, (columns, inner):
 * loops over groups of columns, then over vectors of their elements, which are summed in registers.
 *
 * Tails: the last block may have fewer rows, the last group fewer columns; each has code of its own. What is read as
 * vectors is a multiple of eight.
 *
 * | register | b as it is | b transposed |
 * | --- | --- | --- |
 * | rbx | the block's elements of a's first row | a |
 * | rbp | the block's first row of b, at the task's columns | the group's first column |
 * | r12 | the task's columns of c | the group's columns of c |
 * | r13 | those of the bias | those of the bias |
 * | r14 | vectors of the task, then blocks that are left | groups that are left |
 * | r15 | bytes of the task's columns | groups behind the task's |
 * | rax | bytes from the first column to the vector | from the first element |
 * | ymm0–7 | an element of a for each row and row of b | sums (ymm0–11) |
 * | ymm8–14 | vectors of b; of c | vectors of a, of b; the mask |
 */
import type { ThinProductKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { choose, clamp, countDownOrSkip, countUp, emitFunction, type Loop, tablePointer } from './loop.ts'
import { loadMask } from './partial-vectors.ts'

const [a, b, c, bias] = [gp.rbx, gp.rbp, gp.r12, gp.r13]
const [left, behind] = [gp.r14, gp.r15]
const at = gp.rax
const vectorBytes = 4 * lanes
const cacheLine = 64

export function emitThinProduct(assembler: Assembler, kernel: ThinProductKernel): Loop {
  return kernel.isTransposed ? emitByColumns(assembler, kernel) : emitByRows(assembler, kernel)
}

/**
 * Where the task's units of so many columns begin in b, c and the bias, how many there are, and how many come after them.
 *
 * @param ofB bytes from one unit to the next in b.
 */
function emitPart(
  assembler: Assembler,
  { columns: all, hasBias, tasks }: ThinProductKernel,
  { columns, ofB }: { readonly columns: number; readonly ofB: number },
): void {
  const units = Math.ceil(all / columns)
  const unitsOfTask = Math.ceil(units / tasks)
  const [first, bytes] = [gp.rax, gp.rcx]
  assembler.scale(first, gp.rsi, unitsOfTask)
  clamp(assembler, first, units)
  assembler.moveSmall(left, units)
  assembler.sub(left, first)
  assembler.move(behind, left)
  clamp(assembler, left, unitsOfTask)
  assembler.sub(behind, left)
  assembler.load(a, tablePointer(0))
  assembler.load(b, tablePointer(1))
  assembler.scale(bytes, first, ofB)
  assembler.add(b, bytes)
  assembler.scale(bytes, first, 4 * columns)
  if (hasBias) {
    assembler.load(bias, tablePointer(2))
    assembler.add(bias, bytes)
  }
  assembler.load(c, tablePointer(hasBias ? 3 : 2))
  assembler.add(c, bytes)
}

// b (inner, columns)

/** Here a register that would say what comes behind the task's columns says how many bytes these are. */
const bytesOfTask = behind

/** Rows of b that are gone through at a time: as many as registers hold elements of a for. */
const rowsOfBlock = (rows: number): number => (rows <= 2 ? 4 : rows <= 4 ? 2 : 1)

const firstVectorOfB = 8
const sum = 12

function emitByRows(assembler: Assembler, kernel: ThinProductKernel): Loop {
  const { rows, inner, tasks } = kernel
  const ofBlock = rowsOfBlock(rows)
  const [blocks, rest] = [Math.floor(inner / ofBlock), inner % ofBlock]
  const entry = emitFunction(assembler, 0, () => {
    emitPart(assembler, kernel, { columns: lanes, ofB: vectorBytes })
    assembler.scale(bytesOfTask, left, vectorBytes)
    assembler.test(bytesOfTask)
    const isEmpty = assembler.label('empty')
    assembler.jumpIf(condition.equal, isEmpty)
    emitBeginning(assembler, kernel)
    assembler.moveSmall(left, blocks)
    countDownOrSkip(assembler, left, () => emitBlock(assembler, kernel, ofBlock))
    if (rest > 0) emitBlock(assembler, kernel, rest)
    assembler.place(isEmpty)
  })
  return { entry, tasks }
}

/** c's columns of the task = the bias, or 0. */
function emitBeginning(assembler: Assembler, { rows, columns, hasBias }: ThinProductKernel): void {
  assembler.vector(vector.xor, sum, sum, sum)
  assembler.moveSmall(at, 0)
  countUp(assembler, at, { by: vectorBytes, to: { register: bytesOfTask } }, () => {
    if (hasBias) assembler.vectorMemory(vector.load, sum, 0, { base: bias, index: at, scale: 1 })
    for (let row = 0; row < rows; row++)
      assembler.vectorMemory(vector.store, sum, 0, rowOf(c, row, 4 * columns))
  })
}

/** The vector at `at` of a row that begins so many rows behind a base. */
const rowOf = (base: number, row: number, rowBytes: number): Exclude<Operand, { label: Label }> => ({
  base,
  index: at,
  scale: 1,
  displacement: row * rowBytes,
})

/** c += a's next `count` elements · b's next rows. */
function emitBlock(assembler: Assembler, { rows, inner, columns }: ThinProductKernel, count: number): void {
  const rowBytes = 4 * columns
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < count; i++)
      assembler.vectorMemory(vector.broadcast, row * count + i, 0, {
        base: a,
        displacement: 4 * (row * inner + i),
      })
  assembler.moveSmall(at, 0)
  countUp(assembler, at, { by: vectorBytes, to: { register: bytesOfTask } }, () => {
    for (let i = 0; i < count; i++) {
      // The next block's rows follow this one's.
      assembler.prefetch(rowOf(b, i + count, rowBytes))
      assembler.vectorMemory(vector.load, firstVectorOfB + i, 0, rowOf(b, i, rowBytes))
    }
    for (let row = 0; row < rows; row++) {
      assembler.vectorMemory(vector.load, sum, 0, rowOf(c, row, rowBytes))
      for (let i = 0; i < count; i++)
        assembler.vector(vector.addProduct, sum, row * count + i, firstVectorOfB + i)
      assembler.vectorMemory(vector.store, sum, 0, rowOf(c, row, rowBytes))
    }
  })
  assembler.addImmediate(a, 4 * count)
  assembler.addImmediate(b, count * rowBytes)
}

// b (columns, inner)

/** Columns that are summed at once: of each row a register for each. */
const columnsOfGroup = (rows: number): number => Math.min(4, Math.floor(sums / rows))
const sums = 12
const [elementsOfA, elementsOfB, mask] = [12, 13, 14] as const

interface Group {
  readonly rows: number
  readonly columns: number
}
const sumOf = ({ columns }: Group, row: number, column: number): number => row * columns + column

function emitByColumns(assembler: Assembler, kernel: ThinProductKernel): Loop {
  const { rows, inner, columns, hasBias, tasks } = kernel
  const ofGroup = columnsOfGroup(rows)
  const rest = columns % ofGroup
  const maskEnd = assembler.label('mask')
  const emit = (count: number) => emitGroup(assembler, kernel, { rows, columns: count }, maskEnd)
  const entry = emitFunction(assembler, 0, () => {
    emitPart(assembler, kernel, { columns: ofGroup, ofB: 4 * ofGroup * inner })
    countDownOrSkip(assembler, left, () => {
      if (rest === 0) {
        emit(ofGroup)
      } else {
        // The last of all groups is the one behind which neither this task nor another has one.
        assembler.address(gp.rcx, { base: left, index: behind, scale: 1 })
        assembler.compareImmediate(gp.rcx, 1)
        choose(assembler, condition.notEqual, { fails: () => emit(rest), holds: () => emit(ofGroup) })
      }
      assembler.addImmediate(b, 4 * ofGroup * inner)
      assembler.addImmediate(c, 4 * ofGroup)
      if (hasBias) assembler.addImmediate(bias, 4 * ofGroup)
    })
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks }
}

/** The sums of a group's columns, for each row. */
function emitGroup(assembler: Assembler, kernel: ThinProductKernel, group: Group, maskEnd: Label): void {
  const { rows, columns } = group
  const rowBytes = 4 * kernel.inner
  for (let i = 0; i < rows * columns; i++) assembler.vector(vector.xor, i, i, i)
  assembler.moveSmall(at, 0)
  const step = rowBytes % cacheLine === 0 ? cacheLine : vectorBytes
  countUp(assembler, at, { by: step, to: { number: rowBytes } }, () => {
    for (let column = 0; column < columns; column++) assembler.prefetch(rowOf(b, column + columns, rowBytes))
    for (let next = 0; next < step; next += vectorBytes) emitElements(assembler, group, rowBytes, next)
  })
  for (let row = 0; row < rows; row++) emitSumsOfRow(assembler, kernel, group, row, maskEnd)
}

/** The sums += the next vectors of each row of a times those of each column of b. */
function emitElements(assembler: Assembler, group: Group, rowBytes: number, next: number): void {
  const { rows, columns } = group
  const ahead = (base: number, row: number): Operand => {
    const operand = rowOf(base, row, rowBytes)
    return { ...operand, displacement: (operand.displacement ?? 0) + next }
  }
  if (rows === 1) {
    assembler.vectorMemory(vector.load, elementsOfA, 0, ahead(a, 0))
    for (let column = 0; column < columns; column++)
      assembler.vectorMemory(vector.addProduct, column, elementsOfA, ahead(b, column))
    return
  }
  for (let column = 0; column < columns; column++) {
    assembler.vectorMemory(vector.load, elementsOfB, 0, ahead(b, column))
    for (let row = 0; row < rows; row++)
      assembler.vectorMemory(vector.addProduct, sumOf(group, row, column), elementsOfB, ahead(a, row))
  }
}

/** Adds up each of a row's vectors, all columns at once, and writes the sums with the bias. */
function emitSumsOfRow(
  assembler: Assembler,
  { columns: allColumns, hasBias }: ThinProductKernel,
  group: Group,
  row: number,
  maskEnd: Label,
): void {
  const half = (op: (typeof vector)[keyof typeof vector], to: number, x: number, y: number, how?: number) =>
    assembler.vector(op, to, x, y, how, false)
  const [low, high] = [elementsOfA, elementsOfB]
  const ofColumn = (column: number): number => sumOf(group, row, Math.min(column, group.columns - 1))
  for (let column = 0; column < group.columns; column++) {
    const register = ofColumn(column)
    assembler.vector(vector.extractHigh, register, 0, high, 1)
    half(vector.add, register, register, high)
  }
  // Of two columns x and y: x0 + x2, y0 + y2, x1 + x3, y1 + y3. A column that is not there is another one, and not written.
  const pairOf = (to: number, x: number, y: number): void => {
    half(vector.unpackLow, low, x, y)
    half(vector.unpackHigh, high, x, y)
    half(vector.add, to, low, high)
  }
  const pairs = [ofColumn(0), ofColumn(2)] as const
  pairOf(pairs[0], ofColumn(0), ofColumn(1))
  if (group.columns > 2) pairOf(pairs[1], ofColumn(2), ofColumn(3))
  half(vector.shuffleTwo, low, pairs[0], pairs[1], 0x44)
  half(vector.shuffleTwo, high, pairs[0], pairs[1], 0xee)
  half(vector.add, low, low, high)
  const isWhole = group.columns === 4
  if (!isWhole) loadMask(assembler, mask, group.columns, maskEnd, gp.rcx)
  if (hasBias) {
    const from = { base: bias }
    if (isWhole) assembler.vectorMemory(vector.load, high, 0, from, undefined, false)
    else assembler.vectorMemory(vector.maskLoad, high, mask, from, undefined, false)
    half(vector.add, low, low, high)
  }
  const to = { base: c, displacement: 4 * row * allColumns }
  if (isWhole) assembler.vectorMemory(vector.store, low, 0, to, undefined, false)
  else assembler.vectorMemory(vector.maskStore, low, mask, to, undefined, false)
}
