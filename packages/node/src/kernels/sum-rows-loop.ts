import type { SumRowsKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** Vectors of columns that are summed at once. */
const width = 4
/**
 * Rows whose sums are added up before they join those of other blocks, and blocks before these join the others: a sum of
 * sums of sums loses fewer digits than one long sum, the fewest where all are of one length.
 */
const blockRowsOf = (rows: number): number => Math.min(128, Math.max(16, Math.ceil(Math.cbrt(rows))))

const [from, to, column, left, block] = [gp.rbx, gp.rbp, gp.r12, gp.r13, gp.r14]
/** Rows of a group of blocks that are left. */
const group = gp.r8
/** Registers of the sums: of all rows, of a group of blocks, and of a block. */
const [ofAll, ofGroup, ofBlock] = [0, width, 2 * width] as const
/** Where the chunk of columns is in the next row. */
const at = gp.rsi
const [element, mask] = [14, 15] as const

/** Each task goes through its rows once for each chunk of columns. */
export function emitSumRows(
  assembler: Assembler,
  { rows, columns, isOfSquares, parts }: SumRowsKernel,
): Loop {
  const rowsOfPart = Math.ceil(rows / parts)
  const rowBytes = 4 * columns
  const maskEnd = assembler.label('mask')
  const rest = columns % lanes
  const blockRows = blockRowsOf(rowsOfPart)

  const entry = emitFunction(assembler, 16, () => {
    assembler.load(from, { base: gp.rdi, displacement: 0 })
    assembler.load(to, { base: gp.rdi, displacement: 8 })
    assembler.scale(gp.rax, gp.rsi, rowBytes)
    assembler.add(to, gp.rax)
    // The part's rows, and how many: the last part may have fewer, or none.
    assembler.scale(gp.rax, gp.rsi, rowsOfPart)
    clamp(assembler, gp.rax, rows)
    assembler.scale(gp.rcx, gp.rax, rowBytes)
    assembler.add(from, gp.rcx)
    assembler.moveSmall(gp.r15, rows)
    assembler.sub(gp.r15, gp.rax)
    clamp(assembler, gp.r15, rowsOfPart)
    if (rest > 0) {
      assembler.address(gp.rax, { label: maskEnd })
      assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * rest })
    }
    assembler.moveSmall(column, 0)
    // The loop's chunks share their code, so all of their vectors are whole ones. Where the columns end with a part of
    // one, the chunk that it belongs to stands behind the loop, even if it has as many vectors as those before it.
    const whole = Math.floor(columns / (width * lanes))
    if (whole > 0) {
      const loop = assembler.label('chunk')
      assembler.place(loop)
      emitChunk(width, false)
      assembler.addImmediate(column, width * lanes)
      assembler.compareImmediate(column, whole * width * lanes)
      assembler.jumpIf(condition.below, loop)
    }
    const vectors = Math.ceil((columns - whole * width * lanes) / lanes)
    if (vectors > 0) emitChunk(vectors, true)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: parts }

  /** @param isLast whether this is the columns' last chunk, whose last vector may be a part of one. */
  function emitChunk(count: number, isLast: boolean): void {
    const place = (base: number, i: number): Operand => ({ base, displacement: 4 * lanes * i })
    const isMasked = (i: number) => isLast && rest > 0 && i === count - 1
    const [nextGroup, nextBlock, nextRow, done] = [
      assembler.label('group'),
      assembler.label('block'),
      assembler.label('row'),
      assembler.label('done'),
    ]
    const clear = (sums: number): void => {
      for (let i = 0; i < count; i++) assembler.vector(vector.xor, sums + i, sums + i, sums + i)
    }
    const join = (sums: number, others: number): void => {
      for (let i = 0; i < count; i++) assembler.vector(vector.add, sums + i, sums + i, others + i)
    }
    clear(ofAll)
    assembler.address(at, { base: from, index: column, scale: 4 })
    assembler.move(left, gp.r15)
    assembler.place(nextGroup)
    assembler.test(left)
    assembler.jumpIf(condition.equal, done)
    assembler.move(group, left)
    clamp(assembler, group, blockRows ** 2)
    assembler.sub(left, group)
    clear(ofGroup)
    assembler.place(nextBlock)
    assembler.move(block, group)
    clamp(assembler, block, blockRows)
    assembler.sub(group, block)
    clear(ofBlock)
    assembler.place(nextRow)
    for (let i = 0; i < count; i++) {
      const sum = ofBlock + i
      if (isMasked(i) || isOfSquares) {
        if (isMasked(i)) assembler.vectorMemory(vector.maskLoad, element, mask, place(at, i))
        else assembler.vectorMemory(vector.load, element, 0, place(at, i))
        if (isOfSquares) assembler.vector(vector.addProduct, sum, element, element)
        else assembler.vector(vector.add, sum, sum, element)
      } else {
        assembler.vectorMemory(vector.add, sum, sum, place(at, i))
      }
    }
    assembler.addImmediate(at, rowBytes)
    assembler.subImmediate(block, 1)
    assembler.jumpIf(condition.notEqual, nextRow)
    join(ofGroup, ofBlock)
    assembler.test(group)
    assembler.jumpIf(condition.notEqual, nextBlock)
    join(ofAll, ofGroup)
    assembler.jump(nextGroup)
    assembler.place(done)
    assembler.address(gp.rax, { base: to, index: column, scale: 4 })
    for (let i = 0; i < count; i++) {
      if (isMasked(i)) assembler.vectorMemory(vector.maskStore, i, mask, place(gp.rax, i))
      else assembler.vectorMemory(vector.store, i, 0, place(gp.rax, i))
    }
  }
}
