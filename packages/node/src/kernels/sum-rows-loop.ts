/**
 * Sums of columns: x (rows, columns) → out (parts, columns), out[p][j] = Σ x[i][j], or Σ x[i][j]², over the rows i of
 * part p.
 *
 * A task is a part: ⌈rows / parts⌉ rows, of which the last parts may have fewer, or none (their sums are 0). Loops, from
 * the outermost: chunks of 32 columns, groups of blocks, blocks of rows, rows. A sum of sums of sums loses fewer digits
 * than one long sum, and loses the fewest where all three have one length (`blockRowsOf`).
 *
 * Tails: columns behind the last whole chunk have code of their own behind the loop over chunks, which reads and writes
 * their last, partial vector through a mask.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rbp | the part's first row of x; its row of out |
 * | r12 | the chunk's first column |
 * | r15, r13 | rows of the part; those that are left behind this group |
 * | r8, r14 | rows that are left of the group behind this block; of the block |
 * | rsi | the chunk's first element in the next row |
 * | rax, rcx | temporary |
 * | ymm0–3, ymm4–7, ymm8–11 | sums of all rows, of the group, of the block |
 * | ymm14, ymm15 | an element's vector; the mask of the last columns |
 */
import type { SumRowsKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, countUp, emitFunction, type Loop, tablePointer } from './loop.ts'
import { loadFloats, loadMask, storeFloats } from './partial-vectors.ts'

/** Vectors of columns that are summed at once. */
const chunkVectors = 4
const chunkColumns = chunkVectors * lanes

/** Rows of a block, and blocks of a group. */
const blockRowsOf = (rows: number): number => Math.min(128, Math.max(16, Math.ceil(Math.cbrt(rows))))

const [from, to, column] = [gp.rbx, gp.rbp, gp.r12]
const [rowsOfTask, rowsLeft, rowsOfGroup, rowsOfBlock] = [gp.r15, gp.r13, gp.r8, gp.r14]
const row = gp.rsi
const [sumOfAll, sumOfGroup, sumOfBlock] = [0, chunkVectors, 2 * chunkVectors] as const
const [element, mask] = [14, 15] as const

interface Context {
  readonly assembler: Assembler
  readonly kernel: SumRowsKernel
  readonly maskEnd: Label
  readonly rowsOfPart: number
  readonly blockRows: number
  /** Columns of the last, partial vector; 0 if there is none. */
  readonly rest: number
}

export function emitSumRows(assembler: Assembler, kernel: SumRowsKernel): Loop {
  const { rows, columns, parts } = kernel
  const rowsOfPart = Math.ceil(rows / parts)
  const context: Context = {
    assembler,
    kernel,
    maskEnd: assembler.label('mask'),
    rowsOfPart,
    blockRows: blockRowsOf(rowsOfPart),
    rest: columns % lanes,
  }
  const entry = emitFunction(assembler, 16, () => {
    emitTask(context)
    emitChunks(context)
  })
  emitMasks(assembler, context.maskEnd)
  return { entry, tasks: parts }
}

/** Where the task's rows are in x and in out, and how many there are. */
function emitTask({ assembler, kernel, rowsOfPart, rest, maskEnd }: Context): void {
  const rowBytes = 4 * kernel.columns
  assembler.load(from, tablePointer(0))
  assembler.load(to, tablePointer(1))
  assembler.scale(gp.rax, gp.rsi, rowBytes)
  assembler.add(to, gp.rax)
  assembler.scale(gp.rax, gp.rsi, rowsOfPart)
  clamp(assembler, gp.rax, kernel.rows)
  assembler.scale(gp.rcx, gp.rax, rowBytes)
  assembler.add(from, gp.rcx)
  assembler.moveSmall(rowsOfTask, kernel.rows)
  assembler.sub(rowsOfTask, gp.rax)
  clamp(assembler, rowsOfTask, rowsOfPart)
  if (rest > 0) loadMask(assembler, mask, rest, maskEnd)
}

/**
 * The chunks of the loop share their code, so all of their vectors are whole ones. The columns behind them stand behind
 * the loop, even where they are as many vectors as a chunk has.
 */
function emitChunks(context: Context): void {
  const { assembler, kernel } = context
  const inChunks = Math.floor(kernel.columns / chunkColumns) * chunkColumns
  assembler.moveSmall(column, 0)
  if (inChunks > 0)
    countUp(assembler, column, { by: chunkColumns, to: { number: inChunks } }, () =>
      emitChunk(context, chunkVectors, false),
    )
  const vectors = Math.ceil((kernel.columns - inChunks) / lanes)
  if (vectors > 0) emitChunk(context, vectors, true)
}

const vectorAt = (base: number, i: number): Operand => ({ base, displacement: 4 * lanes * i })

/** The mask's register, if that vector of a chunk is a partial one. */
const maskOf = ({ rest }: Context, i: number, vectors: number, isLast: boolean): number | undefined =>
  isLast && rest > 0 && i === vectors - 1 ? mask : undefined

/** @param isLast whether this is the columns' last chunk, whose last vector may be a partial one. */
function emitChunk(context: Context, vectors: number, isLast: boolean): void {
  const { assembler, blockRows } = context
  const [nextGroup, done] = [assembler.label('group'), assembler.label('done')]
  clear(assembler, sumOfAll, vectors)
  assembler.address(row, { base: from, index: column, scale: 4 })
  assembler.move(rowsLeft, rowsOfTask)
  assembler.place(nextGroup)
  assembler.test(rowsLeft)
  assembler.jumpIf(condition.equal, done)
  assembler.move(rowsOfGroup, rowsLeft)
  clamp(assembler, rowsOfGroup, blockRows ** 2)
  assembler.sub(rowsLeft, rowsOfGroup)
  emitGroup(context, vectors, isLast)
  join(assembler, sumOfAll, sumOfGroup, vectors)
  assembler.jump(nextGroup)
  assembler.place(done)
  assembler.address(gp.rax, { base: to, index: column, scale: 4 })
  for (let i = 0; i < vectors; i++)
    storeFloats(assembler, sumOfAll + i, vectorAt(gp.rax, i), maskOf(context, i, vectors, isLast))
}

/** The sums of a group's rows, block by block. */
function emitGroup(context: Context, vectors: number, isLast: boolean): void {
  const { assembler, kernel, blockRows } = context
  const nextBlock = assembler.label('block')
  clear(assembler, sumOfGroup, vectors)
  assembler.place(nextBlock)
  assembler.move(rowsOfBlock, rowsOfGroup)
  clamp(assembler, rowsOfBlock, blockRows)
  assembler.sub(rowsOfGroup, rowsOfBlock)
  clear(assembler, sumOfBlock, vectors)
  countDown(assembler, rowsOfBlock, () => {
    for (let i = 0; i < vectors; i++) addElement(context, i, maskOf(context, i, vectors, isLast))
    assembler.addImmediate(row, 4 * kernel.columns)
  })
  join(assembler, sumOfGroup, sumOfBlock, vectors)
  assembler.test(rowsOfGroup)
  assembler.jumpIf(condition.notEqual, nextBlock)
}

/** The block's sums += the row's elements, or their squares. */
function addElement({ assembler, kernel }: Context, i: number, masked: number | undefined): void {
  const sum = sumOfBlock + i
  if (masked === undefined && !kernel.isOfSquares) {
    assembler.vectorMemory(vector.add, sum, sum, vectorAt(row, i))
    return
  }
  loadFloats(assembler, element, vectorAt(row, i), masked)
  if (kernel.isOfSquares) assembler.vector(vector.addProduct, sum, element, element)
  else assembler.vector(vector.add, sum, sum, element)
}

function clear(assembler: Assembler, sums: number, vectors: number): void {
  for (let i = 0; i < vectors; i++) assembler.vector(vector.xor, sums + i, sums + i, sums + i)
}

function join(assembler: Assembler, sums: number, others: number, vectors: number): void {
  for (let i = 0; i < vectors; i++) assembler.vector(vector.add, sums + i, sums + i, others + i)
}
