import type { Shape } from '../base/shape.ts'

/** Columns of a product's second matrix that stand together: a wide panel. */
export const widePanelColumns = 32
/** Rows of a product that are summed together in registers, at most. */
export const wideTileRows = 14

/**
 * Rows of the second matrix that are gone through at a time, and floats of the first: what a core's second cache holds.
 * The more rows at a time, the more rarely sums that are not complete go to memory and back: 512 × 768 · 768 × 3072 takes
 * 11.3 ms on 2 cores with these, 12.0 with half as many rows.
 */
const blockInner = 768
const blockFloats = 1 << 16

/**
 * b (inner, columns), or its transpose, → wide panels of its columns (columns / 32, inner, 32), of which the last is
 * filled up with zeros.
 */
export interface PackPanelsKernel {
  readonly kind: 'packPanels'
  readonly inner: number
  readonly columns: number
  readonly isTransposed: boolean
  readonly tasks: number
}

/**
 * a (rows, inner), or its transpose, · b → `shape`, which is (rows, columns) with the rows in one or several axes; b is
 * given in wide panels. A bias of one row may be added, as a third input.
 */
export interface ProductKernel {
  readonly kind: 'product'
  readonly shape: Shape
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly isTransposed: boolean
  readonly hasBias: boolean
  /** Whether what is below 0 becomes 0 in the end. */
  readonly hasRelu: boolean
  /** Parts into which the rows and the columns are cut; each pair of parts is a task. */
  readonly parts: readonly [rows: number, columns: number]
}

export const widePanelsOf = (columns: number): number => Math.ceil(columns / widePanelColumns)

/** Tiles of a product's rows, as even as may be: the first `higher` have a row more than `height`. */
export function tilesOf(rows: number): {
  readonly count: number
  readonly height: number
  readonly higher: number
} {
  const count = Math.ceil(rows / wideTileRows)
  return { count, height: Math.floor(rows / count), higher: rows % count }
}

/** How a task's part is cut into blocks. */
export function productBlocksOf({ inner, isTransposed }: ProductKernel): {
  readonly tiles: number
  /** Elements of rows of a block, a multiple of eight; the last block may have fewer. */
  readonly inner: number
  /**
   * Floats from one row to the next where a block of the first matrix is copied before it is read: rows that are whole
   * pages apart are all in the same few places of the first cache, and drive each other out.
   */
  readonly copiedRow: number | undefined
} {
  const ofBlock = Math.ceil(inner / Math.ceil(inner / blockInner) / 8) * 8
  const isAliased = !isTransposed && (4 * inner) % pageBytes === 0
  return {
    tiles: Math.max(1, Math.floor(blockFloats / (wideTileRows * ofBlock))),
    inner: ofBlock,
    copiedRow: isAliased ? ofBlock + 16 : undefined,
  }
}

const pageBytes = 4096

/** Floats that each task has for a copied block. */
export function productScratchOf(kernel: ProductKernel): number {
  const { tiles, copiedRow } = productBlocksOf(kernel)
  return copiedRow === undefined ? 0 : tiles * wideTileRows * copiedRow
}
