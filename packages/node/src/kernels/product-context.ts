/** What the parts of the product's loop share: sizes, registers and the words on the stack (product-loop.ts). */
import {
  type BlockCopy,
  type ProductKernel,
  panelsOf,
  productBlocksOf,
  productTiles,
  stridesOfProduct,
  tilesOf,
} from 'typegrad/engine'
import { type Assembler, gp, type Label } from '../assembler/assembler.ts'
import { stackSlot } from './loop.ts'
import type { TileRows } from './product-walk.ts'
import { wideTile } from './wide-tile.ts'

export interface ProductContext {
  readonly assembler: Assembler
  readonly kernel: ProductKernel
  readonly maskEnd: Label
  readonly tiles: TileRows & { readonly count: number }
  readonly panels: number
  /** The largest numbers of a task. */
  readonly tilesOfTask: number
  readonly panelsOfTask: number
  /** The largest block: tiles, and elements of their rows. */
  readonly block: { readonly tiles: number; readonly inner: number; readonly copy: BlockCopy | undefined }
  /** Whether rows are one block long. */
  readonly isWhole: boolean
  readonly panelColumns: number
  /** Columns of the last panel, if it has fewer than the others; else 0. */
  readonly rest: number
  /** Bytes from one row of a panel to the next, and from one panel to the next. */
  readonly panelRow: number
  readonly panelBytes: number
  /** Bytes from one row to the next, and from one element of a row to the next. */
  readonly aRow: number
  readonly aInner: number
  readonly cRow: number
  /** As `aRow`, where a block of a is read: in the copy, if one is made by rows. */
  readonly readRow: number
}

export function productContext(assembler: Assembler, kernel: ProductKernel): ProductContext {
  const { tile, rows, inner, columns, parts } = kernel
  const tiles = tilesOf(tile, rows)
  const panels = panelsOf(tile, columns)
  const block = productBlocksOf(kernel)
  const panelColumns = productTiles[tile].columns
  const panelRow = 4 * panelColumns
  const strides = stridesOfProduct(kernel)
  const aRow = 4 * strides.aRow
  return {
    assembler,
    kernel,
    maskEnd: assembler.label('mask'),
    tiles,
    panels,
    tilesOfTask: Math.ceil(tiles.count / parts[0]),
    panelsOfTask: Math.ceil(panels / parts[1]),
    block,
    isWhole: inner <= block.inner,
    panelColumns,
    rest: columns % panelColumns,
    panelRow,
    panelBytes: panelRow * inner,
    aRow,
    aInner: 4 * strides.aInner,
    cRow: 4 * strides.cRow,
    readRow: block.copy?.by === 'rows' ? 4 * block.copy.row : aRow,
  }
}

/** Words on the stack. */
export const local = {
  /** a, from its first row on; the panels, c and the bias, from the task's first panel on. */
  a: stackSlot(0),
  panels: stackSlot(1),
  c: stackSlot(2),
  bias: stackSlot(13),
  /** The task's memory for a copied block. */
  copy: stackSlot(3),
  /** The task's tiles, and those of the block: the first one, and the one behind the last. */
  firstTile: stackSlot(4),
  lastTile: stackSlot(5),
  blockTile: stackSlot(6),
  blockEnd: stackSlot(7),
  /** The task's panels, those that are left, and those behind the task's. */
  panelCount: stackSlot(8),
  panelsLeft: stackSlot(9),
  panelsAfter: stackSlot(10),
  /** Elements of rows before this block, in it, and behind it. */
  innerDone: stackSlot(11),
  innerOf: stackSlot(12),
  innerLeft: stackSlot(14),
} as const
export const localBytes = 8 * 16

/** Where the block is: its first row of a; the panel; the panel's columns of the block's first row of c. */
export const [blockA, panel, blockC] = [gp.rbx, gp.rbp, gp.r12]
/** The number of the tile, and its rows of a and of c. */
export const [tileIndex, tileA, tileC] = [gp.r13, gp.r14, gp.r15]
/** The bias of the panel's columns. */
export const panelBias = wideTile.bias
