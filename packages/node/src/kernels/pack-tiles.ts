/**
 * Copies a block of a product's first matrix into tiles: each tile (height, inner) becomes (inner, height) in a place of
 * its own, so that a product's tile reads what it needs at once from one place. Part of the product's loop.
 *
 * - Rows without gaps (`emitRows`): loops over tiles, eight elements of all its rows at a time, which are transposed.
 *   Tails: elements behind the last eight are copied one at a time.
 * - Columns without gaps (`emitColumns`): loops over columns, each of which is handed out to the tiles, the higher ones
 *   first, as one vector through a mask of `height` floats: of eight, or of sixteen with wide tiles.
 *
 * A vector that is stored may reach behind the tile's rows, up to `tilePadding` floats: what comes next overwrites that.
 *
 * | register | `emitRows` | `emitColumns` |
 * | --- | --- | --- |
 * | r8 | the tile's first row | the column |
 * | r9 | where the tile goes | how many higher tiles there are |
 * | r10 | the tile's number | columns that are left |
 * | r11 | | how many lower tiles there are |
 * | r14, r15 | | bytes of a higher and of a lower tile that are written |
 * | rsi, rdi | the next elements; where they go | the same |
 * | rcx | vectors or elements that are left | tiles that are left |
 * | rax | temporary | temporary |
 * | ymm0–15 | eight rows, then their columns | 0: the rows; 1, 2: masks of higher and of lower tiles (k1, k2 with wide tiles) |
 */
import { type ProductTile, tilePadding } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { lanes } from '../assembler/constant-pool.ts'
import { countDown, countDownOrSkip, skipIf } from './loop.ts'
import { forEachTile, type TileRows } from './product-walk.ts'
import { emitTranspose } from './transpose.ts'

/** A block of a product's first matrix that becomes tiles. Strides are in bytes, one of both is a float's. */
export interface PackedBlock {
  /** What the tiles are for; wide ones have columns without gaps. */
  readonly tile: ProductTile
  readonly aRow: number
  readonly aInner: number
  /** All tiles of the product. */
  readonly tiles: TileRows
  /** Floats of the longest row of a tile. */
  readonly inner: number
  /** The label that `emitMasks` places. */
  readonly maskEnd: Label
  /** Where the block begins in the matrix, and the number of its first tile: registers that stay as they are. */
  readonly from: number
  readonly firstTile: number
  /** Where it goes, the number behind its last tile's, and how many elements its rows have. */
  readonly to: Operand
  readonly endTile: Operand
  readonly innerOf: Operand
}

/** Bytes from one tile of so many rows to the next. */
export const tileBytes = (height: number, inner: number): number => 4 * (height * inner + tilePadding)

/** Each tile (height, inner) becomes (inner, height). */
export function emitPackTiles(assembler: Assembler, block: PackedBlock): void {
  if (block.aInner === 4) emitRows(assembler, block)
  else emitColumns(assembler, block)
}

const [source, target, left] = [gp.rsi, gp.rdi, gp.rcx]

function emitRows(assembler: Assembler, block: PackedBlock): void {
  const { aRow, inner } = block
  const [row, place, tile] = [gp.r8, gp.r9, gp.r10]
  assembler.move(row, block.from)
  assembler.load(place, block.to)
  assembler.move(tile, block.firstTile)
  forEachTile(assembler, tile, block.endTile, block.tiles, (height) => {
    assembler.move(source, row)
    assembler.move(target, place)
    assembler.load(left, block.innerOf)
    assembler.shiftRight(left, Math.log2(lanes))
    countDownOrSkip(assembler, left, () => emitEightElements(assembler, aRow, height))
    assembler.load(left, block.innerOf)
    assembler.andImmediate(left, lanes - 1)
    countDownOrSkip(assembler, left, () => emitElement(assembler, aRow, height))
    assembler.addImmediate(row, height * aRow)
    assembler.addImmediate(place, tileBytes(height, inner))
  })
}

/** Eight elements of each row. Rows that do not exist become floats that the next vector overwrites. */
function emitEightElements(assembler: Assembler, aRow: number, height: number): void {
  for (let i = 0; i < height; i++)
    assembler.vectorMemory(vector.load, i, 0, { base: source, displacement: i * aRow })
  emitTranspose(assembler).forEach((register, i) => {
    assembler.vectorMemory(vector.store, register, 0, { base: target, displacement: 4 * height * i })
  })
  assembler.addImmediate(source, 4 * lanes)
  assembler.addImmediate(target, 4 * height * lanes)
}

/** One element of each row. */
function emitElement(assembler: Assembler, aRow: number, height: number): void {
  for (let i = 0; i < height; i++) {
    assembler.loadSmall(gp.rax, { base: source, displacement: i * aRow })
    assembler.storeSmall({ base: target, displacement: 4 * i }, gp.rax)
  }
  assembler.addImmediate(source, 4)
  assembler.addImmediate(target, 4 * height)
}

const higherTiles = { count: gp.r9, written: gp.r14, mask: 1 } as const
const lowerTiles = { count: gp.r11, written: gp.r15, mask: 2 } as const

function emitColumns(assembler: Assembler, block: PackedBlock): void {
  const { aInner, tiles, inner } = block
  const [column, columnsLeft] = [gp.r8, gp.r10]
  const kinds = [
    ...(tiles.higher > 0 ? [{ height: tiles.height + 1, ...higherTiles }] : []),
    { height: tiles.height, ...lowerTiles },
  ]
  emitTileCounts(assembler, block)
  for (const { height, written, mask } of kinds) {
    emitMaskOf(assembler, block, mask, height)
    assembler.moveSmall(written, 0)
  }
  assembler.move(column, block.from)
  assembler.load(columnsLeft, block.innerOf)
  countDown(assembler, columnsLeft, () => {
    assembler.move(source, column)
    assembler.load(target, block.to)
    for (const { height, count, written, mask } of kinds) {
      assembler.move(left, count)
      countDownOrSkip(assembler, left, () => {
        emitRowsOfColumn(assembler, block, mask, { base: target, index: written, scale: 1 })
        assembler.addImmediate(source, 4 * height)
        assembler.addImmediate(target, tileBytes(height, inner))
      })
      assembler.addImmediate(written, 4 * height)
    }
    assembler.addImmediate(column, aInner)
  })
}

/** The mask of the first `height` elements of a vector. */
function emitMaskOf(
  assembler: Assembler,
  { tile, maskEnd }: PackedBlock,
  mask: number,
  height: number,
): void {
  if (tile === 'wide') {
    assembler.moveSmall(gp.rax, (1 << height) - 1)
    assembler.setMask(mask, gp.rax)
    return
  }
  assembler.address(gp.rax, { label: maskEnd })
  assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * height })
}

/** A tile's rows of the column at `source`. */
function emitRowsOfColumn(
  assembler: Assembler,
  { tile }: PackedBlock,
  mask: number,
  to: Exclude<Operand, { label: Label }>,
): void {
  if (tile === 'wide') {
    assembler.wideMemory(vector.load, 0, 0, { base: source }, { mask })
    assembler.wideMemory(vector.store, 0, 0, to)
    return
  }
  assembler.vectorMemory(vector.maskLoad, 0, mask, { base: source })
  assembler.vectorMemory(vector.store, 0, 0, to)
}

/** How many of the block's tiles are higher ones, and how many are not. */
function emitTileCounts(assembler: Assembler, { tiles, firstTile, endTile }: PackedBlock): void {
  // The block's first tile that is no higher one.
  const firstLower = gp.rax
  assembler.moveSmall(firstLower, tiles.higher)
  assembler.compare(firstLower, firstTile)
  skipIf(assembler, condition.aboveOrEqual, () => assembler.move(firstLower, firstTile))
  assembler.compareMemory(firstLower, endTile)
  skipIf(assembler, condition.below, () => assembler.load(firstLower, endTile))
  assembler.move(higherTiles.count, firstLower)
  assembler.sub(higherTiles.count, firstTile)
  assembler.load(lowerTiles.count, endTile)
  assembler.sub(lowerTiles.count, firstLower)
}
