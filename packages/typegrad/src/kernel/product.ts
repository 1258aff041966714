import type { Shape } from '../base/shape.ts'

/** Which piece of a product is summed in registers at once: what the processor's registers hold. */
export type ProductTile = 'narrow' | 'wide'

interface TileSizes {
  /** Rows at most. */
  readonly rows: number
  /** Columns, which are as many as a panel of the second matrix has. */
  readonly columns: number
  /** Rows of the second matrix that are gone through at a time. */
  readonly blockInner: number
  /** Floats of the first matrix at a time: what a core's second cache holds. */
  readonly blockFloats: number
}

/**
 * The more rows of the second matrix at a time, the more rarely sums that are not complete go to memory and back:
 * 512 × 768 · 768 × 3072 takes 11.3 ms on 2 cores with wide tiles and these sizes, 12.0 with half as many rows.
 */
export const productTiles: Readonly<Record<ProductTile, TileSizes>> = {
  /** AVX2: twelve registers of eight floats. */
  narrow: { rows: 6, columns: 16, blockInner: 512, blockFloats: 1 << 15 },
  /** AVX-512: 28 registers of sixteen. */
  wide: { rows: 14, columns: 32, blockInner: 768, blockFloats: 1 << 16 },
}

/** Columns of the panels that convolutions and loops have, whose tiles are narrow. */
export const panelColumns = productTiles.narrow.columns

/** Matrices that lie along two axes: how many along each. */
export type BatchSizes = readonly [number, number]

/** Floats from one matrix of a batch to the next along its two axes, and from one row to the next. */
export interface MatrixStrides {
  readonly batch: readonly [number, number]
  readonly row: number
}

/**
 * Where a square matrix of a product is known to be 0, so that nothing is summed there: `lower` is a first matrix that
 * is 0 above its diagonal, `upper` one that is 0 below; of a `result` what is above its diagonal is not read, and
 * becomes 0 by tiles.
 */
export type Triangle = 'lower' | 'upper' | 'result'

/**
 * b (inner, columns), or its transpose, → panels of its columns (columns / width, inner, width), of which the last is
 * filled up with zeros. They are as wide as a tile.
 */
export interface PackPanelsKernel {
  readonly kind: 'packPanels'
  readonly tile: ProductTile
  readonly inner: number
  readonly columns: number
  readonly isTransposed: boolean
  /** Tasks of each matrix. */
  readonly tasks: number
  /** Several such matrices, whose panels follow each other. */
  readonly batch?: { readonly sizes: BatchSizes; readonly strides: MatrixStrides }
}

/**
 * a (rows, inner), or its transpose, · b → `shape`, which is (rows, columns) with the rows in one or several axes; b is
 * given in panels. A bias of one row may be added, as a third input.
 */
export interface ProductKernel {
  readonly kind: 'product'
  readonly tile: ProductTile
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
  /** Several such products, without bias or relu; `isTransposed` says nothing where a has strides of its own. */
  readonly batch?: {
    readonly sizes: BatchSizes
    /** Also floats from one element of a row to the next. */
    readonly a: MatrixStrides & { readonly inner: number }
    readonly c: MatrixStrides
    readonly triangle?: Triangle
  }
}

/** How many matrices there are. */
export const matricesOf = ({ batch }: { readonly batch?: { readonly sizes: BatchSizes } }): number =>
  batch === undefined ? 1 : batch.sizes[0] * batch.sizes[1]

/** Floats from one row of a product's matrices to the next, and from one element of a row of a to the next. */
export const stridesOfProduct = ({
  rows,
  inner,
  columns,
  isTransposed,
  batch,
}: ProductKernel): { readonly aRow: number; readonly aInner: number; readonly cRow: number } => ({
  aRow: batch?.a.row ?? (isTransposed ? 1 : inner),
  aInner: batch?.a.inner ?? (isTransposed ? rows : 1),
  cRow: batch?.c.row ?? columns,
})

/** How many panels of a tile's width hold so many columns. */
export const panelsOf = (tile: ProductTile, columns: number): number =>
  Math.ceil(columns / productTiles[tile].columns)

/** Tiles of a product's rows, as even as may be: the first `higher` have a row more than `height`. */
export function tilesOf(
  tile: ProductTile,
  rows: number,
): {
  readonly count: number
  readonly height: number
  readonly higher: number
} {
  const count = Math.ceil(rows / productTiles[tile].rows)
  return { count, height: Math.floor(rows / count), higher: rows % count }
}

/** How a task's part is cut into blocks. */
export function productBlocksOf(kernel: ProductKernel): {
  readonly tiles: number
  /** Elements of rows of a block, a multiple of eight; the last block may have fewer. */
  readonly inner: number
  /** How a block of the first matrix is copied before it is read; undefined where it is read where it stands. */
  readonly copy: BlockCopy | undefined
} {
  const { tile, inner, rows, parts } = kernel
  const { rows: tileRows, blockInner, blockFloats } = productTiles[tile]
  const ofBlock = Math.ceil(inner / Math.ceil(inner / blockInner) / 8) * 8
  const ofTask = Math.ceil(tilesOf(tile, rows).count / parts[0])
  return {
    tiles: Math.min(ofTask, Math.max(1, Math.floor(blockFloats / (tileRows * ofBlock)))),
    inner: ofBlock,
    copy: copyOf(kernel, ofBlock),
  }
}

/**
 * `rows`: the next row begins so many floats later. `tiles`: the elements that a tile of so many rows meets at once stand
 * together, one element of each row after the other; so many floats for each of a tile's rows, and `tilePadding`.
 */
export interface BlockCopy {
  readonly by: 'rows' | 'tiles'
  readonly row: number
}

/** Floats behind each tile of a copy: its last elements are written as whole vectors, the longest of which has so many. */
export const tilePadding = 16

const pageBytes = 4096
/** Panels that a block meets before copying it into tiles pays: one that is read by rows, and one by columns. */
const minPanels = { rows: 4, columns: 2 } as const

function copyOf(kernel: ProductKernel, ofBlock: number): BlockCopy | undefined {
  const { tile, inner, columns, parts } = kernel
  const { aRow, aInner } = stridesOfProduct(kernel)
  // Rows that are whole pages apart are all in the same few places of the first cache, and drive each other out.
  const isAliased = aInner === 1 && (4 * aRow) % pageBytes === 0
  // Wide tiles read rows where they stand. Columns would be read from a page of their own each, as often as there are
  // panels: aᵀ (3072, 1024) · b (1024, 768) takes 37 ms of one core copied, 80 where it stands.
  if (tile === 'wide' && aRow !== 1)
    return isAliased && inner % 8 === 0 ? { by: 'rows', row: ofBlock + 16 } : undefined
  const panels = Math.ceil(panelsOf(tile, columns) / parts[1])
  const pays = isAliased || panels >= minPanels[aRow === 1 ? 'columns' : 'rows']
  return pays && (aInner === 1 || aRow === 1) ? { by: 'tiles', row: ofBlock } : undefined
}

/** Floats that each task has for a copied block. */
export function productScratchOf(kernel: ProductKernel): number {
  const { tiles, copy } = productBlocksOf(kernel)
  return copy === undefined ? 0 : tiles * (productTiles[kernel.tile].rows * copy.row + tilePadding)
}
