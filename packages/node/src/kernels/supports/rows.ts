import { sizeOf } from 'typegrad/engine'
import { maxGatheredColumns } from '../gather-rows-loop.ts'
import { reachBytes } from './reach.ts'
import type { SupportRule } from './rule.ts'
import { tasksFor } from './tasks.ts'

/** Rows from which a kernel pays: the runtime copies each by itself, and looks up how. */
const minGathered = 1 << 12

export const gatherRows: SupportRule<'gatherRows'> = ({ size, rows, columns }) =>
  columns <= maxGatheredColumns &&
  rows >= minGathered &&
  8 * rows < reachBytes &&
  4 * columns * Math.max(size, rows) < reachBytes

/** The runtime's operators lose updates, or work on one thread: rows that can be addressed are always the kernel's. */
export const scatterAdd: SupportRule<'scatterAdd'> = ({ shape }) => 4 * sizeOf(shape.slice(1)) < reachBytes

/**
 * Sums that are worth a kernel, and a thread of their own. The runtime's took 1.5 ms for 86,528 × 32 on 2 cores, where this
 * takes 0.5; all squares of 768 × 3072, as in a gradient's norm, 0.25 ms where a product and a sum took 0.77.
 */
const minSummed = { elements: 1 << 15, rows: 64, columns: 8 } as const
const summedOfTask = 1 << 17
/** Columns in which all of a tensor is summed: four vectors, since each addition waits for the one before. */
const columnsOfTotal = 32

export const sumRows: SupportRule<'sumRows'> = ({ elements, columns = columnsOfTotal }, { threads }) => {
  const rows = elements / columns
  const isWorth = elements >= minSummed.elements && rows >= minSummed.rows && columns >= minSummed.columns
  if (!isWorth || !Number.isInteger(rows) || 4 * columns >= reachBytes) return false
  return { rows, columns, parts: tasksFor(elements, summedOfTask, threads) }
}
