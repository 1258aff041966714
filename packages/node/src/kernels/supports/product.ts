import {
  maxThinRows,
  type ProductPlan,
  type ProductRequest,
  type ProductTile,
  panelsOf,
  tilesOf,
} from 'typegrad/engine'
import { lanes } from '../../assembler/constant-pool.ts'
import type { Cores, SupportRule } from './rule.ts'
import { multiplicationsOfTask, tasksFor } from './tasks.ts'

type Sizes = Readonly<Record<'multiplications' | 'rows' | 'inner' | 'columns', number>>

/**
 * Below, the runtime is as fast: packing does not pay, or registers are empty. Narrow tiles are no better than the
 * runtime's own on a processor without AVX-512, and gain by panels and blocks alone: 24 × 256 · 256 × 1024 would take 1.2
 * times as long. 1024 × 768 · 768 × 3072 takes 24 ms on 2 cores with AVX-512 where the runtime takes 31; 4096 × 256 ·
 * 256 × 128 without 1.59 where it takes 1.75.
 */
const minSizes: Readonly<Record<ProductTile, Sizes>> = {
  narrow: { multiplications: 1 << 23, rows: 64, inner: 64, columns: 32 },
  wide: { multiplications: 1 << 20, rows: 12, inner: 16, columns: 32 },
}
/** Of a batch, whose matrices the runtime multiplies one by one: for both tiles. */
const minSizesOfBatch: Sizes = { multiplications: 1 << 20, rows: 12, inner: 16, columns: 32 }
/** Elements that are worth a thread of their own to pack. */
const packedOfTask = 1 << 14

const reaches = (min: Sizes, { matrices, rows, inner, columns }: ProductRequest): boolean =>
  matrices * rows * inner * columns >= min.multiplications &&
  rows >= min.rows &&
  inner >= min.inner &&
  columns >= min.columns

export const product: SupportRule<'product'> = (request, cores) => {
  const { matrices, inner, columns, isTransposed } = request
  const tile = cores.hasAvx512 ? 'wide' : 'narrow'
  if (!reaches(matrices > 1 ? minSizesOfBatch : minSizes[tile], request)) return false
  // Squares of eight are turned around while they are packed.
  if (isTransposed && (inner % lanes > 0 || columns % lanes > 0)) return false
  return matrices > 1 ? planOfBatch(tile, request, cores) : planOfOne(tile, request, cores)
}

function planOfOne(
  tile: ProductTile,
  { rows, inner, columns }: ProductRequest,
  { threads }: Cores,
): ProductPlan {
  return {
    tile,
    packTasks: Math.min(panelsOf(tile, columns), tasksFor(inner * columns, packedOfTask, threads)),
    parts: partsOf(tile, rows, columns, tasksFor(rows * inner * columns, multiplicationsOfTask, threads)),
  }
}

/** Matrices are tasks; they are cut where there are fewer of them than threads. */
const planOfBatch = (
  tile: ProductTile,
  { matrices, columns }: ProductRequest,
  { threads }: Cores,
): ProductPlan => ({
  tile,
  packTasks: 1,
  parts: [1, matrices < threads ? Math.min(threads, panelsOf(tile, columns)) : 1],
})

/** The most even cut of rows and columns into so many parts, across the rows where that is as good. */
function partsOf(tile: ProductTile, rows: number, columns: number, tasks: number): readonly [number, number] {
  const [tiles, panels] = [tilesOf(tile, rows).count, panelsOf(tile, columns)]
  let best: readonly [number, number] = [tasks, 1]
  let minLongest = Number.POSITIVE_INFINITY
  for (let ofColumns = 1; ofColumns <= tasks; ofColumns++) {
    if (tasks % ofColumns !== 0) continue
    const ofRows = tasks / ofColumns
    const longest = Math.ceil(tiles / ofRows) * Math.ceil(panels / ofColumns)
    if (longest < minLongest) [best, minLongest] = [[ofRows, ofColumns], longest]
  }
  return best
}

/** Elements of the second matrix from which reading it is what takes the time. */
const minThinElements = 1 << 18

/**
 * The runtime packs a second matrix that is no constant before it multiplies, which takes longer than few rows' products:
 * with this all time is memory's. A row through 40 matrices of 1600 × 1600 takes 24 ms on 2 cores with AVX2, 20 where they
 * are transposed, at the 17 to 20 GB/s that reading takes there; packed constants take 23, and are there twice.
 */
export const thinProduct: SupportRule<'thinProduct'> = (
  { rows, inner, columns, isTransposed },
  { threads },
) => {
  if (rows > maxThinRows || inner * columns < minThinElements) return false
  if ((isTransposed ? inner : columns) % lanes > 0) return false
  return { tasks: tasksFor(inner * columns, multiplicationsOfTask / 4, threads) }
}

/** Where a product takes longer, packing does not show; where it is shorter, the runtime's is as good. */
const [maxRowsInLoop, minInnerInLoop] = [128, 16]
/** Steps of a loop that make up for packing. */
const minSteps = 16

/**
 * The runtime packs the second matrix anew at each step, which here is packed once, before the loop. A step of an LSTM of
 * 128 units takes 31.6 ms on 2 cores where it took 33.0.
 */
export const loopProduct: SupportRule<'loopProduct'> = ({ steps, rows, inner, columns }, { threads }) => {
  if (steps < minSteps || rows > maxRowsInLoop || inner < minInnerInLoop) return false
  const maxTasks = Math.min(threads, panelsOf('narrow', columns))
  return { tasks: tasksFor(rows * inner * columns, multiplicationsOfTask, maxTasks) }
}
