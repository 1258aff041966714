/**
 * Rows of a table by index: out[j] = table[indices[j]]. Shapes: table (size, columns), indices (rows), out (rows, columns),
 * where columns are few: pixels of an image, entries of a table of shades. An index beyond the table gets its last row, so that
 * nothing outside of it is read.
 *
 * A task is a range of indices. The loop goes from index to index; a row is copied in words of eight bytes, and a last one of
 * four, through a general register: rows are shorter than vectors, and neither what is beside them nor behind is touched.
 *
 * Tails: the last task has fewer indices.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx | the next index |
 * | rcx, rdx | the table; the next row of out |
 * | r8 | indices that are left |
 * | rax | the index; the row that it names |
 * | r9, r10 | words on their way |
 */
import type { GatherRowsKernel } from 'typegrad/engine'
import { type Assembler, gp } from '../assembler/assembler.ts'
import { clamp, countDown, emitFunction, type Loop, tablePointer } from './loop.ts'

/** Indices up to which another thread is not worth its waking, and those of a task. */
const smallRows = 1 << 15
const rowsOfTask = 1 << 14

/** Columns up to which rows go through general registers. */
export const maxGatheredColumns = 8

const [indices, table, out, left] = [gp.rbx, gp.rcx, gp.rdx, gp.r8]
const index = gp.rax
const words = [gp.r9, gp.r10]

export function emitGatherRows(assembler: Assembler, kernel: GatherRowsKernel): Loop {
  const { size, rows, columns, indexDType } = kernel
  const ofTask = rows <= smallRows ? rows : rowsOfTask
  const tasks = Math.ceil(rows / ofTask)
  const indexBytes = indexDType === 'int64' ? 8 : 4
  const entry = emitFunction(assembler, 0, () => {
    assembler.load(indices, tablePointer(1))
    assembler.load(table, tablePointer(0))
    assembler.load(out, tablePointer(2))
    // What comes before the task.
    assembler.scale(index, gp.rsi, ofTask * indexBytes)
    assembler.add(indices, index)
    assembler.scale(index, gp.rsi, ofTask)
    assembler.moveSmall(left, rows)
    assembler.sub(left, index)
    clamp(assembler, left, ofTask)
    assembler.scale(index, index, 4 * columns)
    assembler.add(out, index)
    countDown(assembler, left, () => {
      if (indexDType === 'int64') assembler.load(index, { base: indices })
      else assembler.loadSigned(index, { base: indices })
      // Compared without a sign: a negative one is too large as well.
      clamp(assembler, index, size - 1)
      assembler.scale(index, index, 4 * columns)
      assembler.add(index, table)
      emitRow(assembler, columns)
      assembler.addImmediate(indices, indexBytes)
      assembler.addImmediate(out, 4 * columns)
    })
  })
  return { entry, tasks }
}

/** One row, from where `index` points to where `out` does: float by float, of which two registers take turns. */
function emitRow(assembler: Assembler, columns: number): void {
  for (let column = 0; column < columns; column++) {
    const word = words[column % words.length] as number
    assembler.loadSmall(word, { base: index, displacement: 4 * column })
    assembler.storeSmall({ base: out, displacement: 4 * column }, word)
  }
}
