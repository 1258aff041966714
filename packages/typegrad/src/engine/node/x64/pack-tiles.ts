import { tilePadding } from '../../../kernel/product.ts'
import { type Assembler, condition, gp, type Label, type Operand, vector } from './assembler.ts'
import { lanes } from './constant-pool.ts'
import { countDown } from './loop.ts'
import { forEachTile } from './product-walk.ts'
import { emitTranspose } from './transpose.ts'

/** A block of a product's first matrix that becomes tiles. Strides are in bytes, one of both is a float's. */
export interface PackedBlock {
  readonly aRow: number
  readonly aInner: number
  /** All tiles of the product: the first `higher` have a row more than `height`. */
  readonly tiles: { readonly height: number; readonly higher: number }
  /** Floats that each row of a tile has at most. */
  readonly inner: number
  /** The end of a row of ones and zeros. */
  readonly maskEnd: Label
  /** Where the block begins in the matrix, and the number of its first tile: registers that stay. */
  readonly from: number
  readonly firstTile: number
  /** Where it goes, the number behind its last tile's, and how many elements its rows have. */
  readonly to: Operand
  readonly endTile: Operand
  readonly innerOf: Operand
}

/** Bytes from one tile of so many rows to the next. */
export const tileBytes = (height: number, inner: number): number => 4 * (height * inner + tilePadding)

/** Each tile (height, inner) becomes (inner, height), in a place of its own. Changes what is not said to stay. */
export function emitPackTiles(assembler: Assembler, block: PackedBlock): void {
  if (block.aInner === 4) emitRows(assembler, block)
  else emitColumns(assembler, block)
}

/** Of rows that stand in memory, eight elements of each are turned around at once. */
function emitRows(assembler: Assembler, block: PackedBlock): void {
  const { aRow, tiles, inner, from, firstTile, to, endTile, innerOf } = block
  const [row, target, tile] = [gp.r8, gp.r9, gp.r10]
  const [source, next, left] = [gp.rsi, gp.rdi, gp.rcx]
  const some = (mask: () => void, each: () => void): void => {
    const none = assembler.label('none')
    assembler.load(left, innerOf)
    mask()
    assembler.test(left)
    assembler.jumpIf(condition.equal, none)
    countDown(assembler, left, each)
    assembler.place(none)
  }
  const pack = (height: number): void => {
    assembler.move(source, row)
    assembler.move(next, target)
    some(
      () => assembler.shiftRight(left, Math.log2(lanes)),
      () => {
        for (let i = 0; i < height; i++)
          assembler.vectorMemory(vector.load, i, 0, { base: source, displacement: i * aRow })
        // Of the rows that are not there come elements that the next vector overwrites.
        emitTranspose(assembler).forEach((register, i) => {
          assembler.vectorMemory(vector.store, register, 0, { base: next, displacement: 4 * height * i })
        })
        assembler.addImmediate(source, 4 * lanes)
        assembler.addImmediate(next, 4 * height * lanes)
      },
    )
    some(
      () => assembler.andImmediate(left, lanes - 1),
      () => {
        for (let i = 0; i < height; i++) {
          assembler.loadSmall(gp.rax, { base: source, displacement: i * aRow })
          assembler.storeSmall({ base: next, displacement: 4 * i }, gp.rax)
        }
        assembler.addImmediate(source, 4)
        assembler.addImmediate(next, 4 * height)
      },
    )
    assembler.addImmediate(row, height * aRow)
    assembler.addImmediate(target, tileBytes(height, inner))
  }
  assembler.move(row, from)
  assembler.load(target, to)
  assembler.move(tile, firstTile)
  forEachTile(assembler, tile, endTile, tiles, pack)
}

/** Of columns that stand in memory, each is handed out to the tiles. */
function emitColumns(assembler: Assembler, block: PackedBlock): void {
  const { aInner, tiles, inner, maskEnd, from, firstTile, to, endTile, innerOf } = block
  const [column, left] = [gp.r8, gp.r10]
  const [source, target, tilesLeft] = [gp.rsi, gp.rdi, gp.rcx]
  const kinds = [
    { height: tiles.height + 1, count: gp.r9, done: gp.r14, mask: 1 },
    { height: tiles.height, count: gp.r11, done: gp.r15, mask: 2 },
  ].filter(({ height }) => height === tiles.height || tiles.higher > 0)
  // rax = behind the last tile that is higher.
  assembler.moveSmall(gp.rax, tiles.higher)
  const [begun, ended] = [assembler.label('begun'), assembler.label('ended')]
  assembler.compare(gp.rax, firstTile)
  assembler.jumpIf(condition.aboveOrEqual, begun)
  assembler.move(gp.rax, firstTile)
  assembler.place(begun)
  assembler.compareMemory(gp.rax, endTile)
  assembler.jumpIf(condition.below, ended)
  assembler.load(gp.rax, endTile)
  assembler.place(ended)
  assembler.move(gp.r9, gp.rax)
  assembler.sub(gp.r9, firstTile)
  assembler.load(gp.r11, endTile)
  assembler.sub(gp.r11, gp.rax)
  assembler.address(gp.rax, { label: maskEnd })
  for (const { height, done, mask } of kinds) {
    assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * height })
    assembler.moveSmall(done, 0)
  }
  assembler.move(column, from)
  assembler.load(left, innerOf)
  countDown(assembler, left, () => {
    assembler.move(source, column)
    assembler.load(target, to)
    for (const { height, count, done, mask } of kinds) {
      const none = assembler.label('none')
      assembler.move(tilesLeft, count)
      assembler.test(tilesLeft)
      assembler.jumpIf(condition.equal, none)
      countDown(assembler, tilesLeft, () => {
        assembler.vectorMemory(vector.maskLoad, 0, mask, { base: source })
        assembler.vectorMemory(vector.store, 0, 0, { base: target, index: done, scale: 1 })
        assembler.addImmediate(source, 4 * height)
        assembler.addImmediate(target, tileBytes(height, inner))
      })
      assembler.place(none)
      assembler.addImmediate(done, 4 * height)
    }
    assembler.addImmediate(column, aInner)
  })
}
