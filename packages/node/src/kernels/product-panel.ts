/**
 * A panel of the product's loop (product-loop.ts): all tiles of the block, multiplied with the panel.
 *
 * Loops: the block's tiles of rows, then the elements of their rows (product-tile.ts, wide-tile.ts). The last of all
 * panels may have fewer columns: with narrow tiles it has code of its own, with wide ones the masks k1 and k2 differ.
 * Where one side of a diagonal is 0, a tile sums fewer elements (`emitTriangle`).
 */
import type { Triangle } from 'typegrad/engine'
import { condition, gp } from '../assembler/assembler.ts'
import { choose, skipIf } from './loop.ts'
import { tileBytes } from './pack-tiles.ts'
import {
  blockA,
  blockC,
  local,
  type ProductContext,
  panel,
  panelBias,
  tileA,
  tileC,
  tileIndex,
} from './product-context.ts'
import { emitTile, emitTileEnd, tile as narrowTile, type Tile, type TileEnd } from './product-tile.ts'
import { emitRowsBefore, forEachTile } from './product-walk.ts'
import { emitWideTile, setHalfMasks, wideTile } from './wide-tile.ts'

/** The block's rows of c, in the panel's columns. */
export function emitPanel(context: ProductContext): void {
  const { assembler, kernel, panelColumns, rest } = context
  if (kernel.tile === 'wide') {
    setHalfMasks(assembler, panelColumns)
    if (rest > 0) forLastPanel(context, () => setHalfMasks(assembler, rest))
    emitTiles(context, (height) => emitWide(context, height))
    return
  }
  const done = assembler.label('done')
  if (rest > 0)
    forLastPanel(context, () => {
      emitTiles(context, (height) => emitNarrow(context, height, rest))
      assembler.jump(done)
    })
  emitTiles(context, (height) => emitNarrow(context, height, panelColumns))
  assembler.place(done)
}

/** Runs `body` for the last of all panels alone. */
function forLastPanel({ assembler }: ProductContext, body: () => void): void {
  assembler.load(gp.rax, local.panelsLeft)
  assembler.load(gp.rcx, local.panelsAfter)
  assembler.add(gp.rax, gp.rcx)
  assembler.compareImmediate(gp.rax, 1)
  skipIf(assembler, condition.notEqual, body)
}

/** The block's tiles, each at `tileA` and `tileC`. */
function emitTiles(context: ProductContext, emitOne: (height: number) => void): void {
  const { assembler, tiles, block, readRow, cRow } = context
  const { copy } = block
  assembler.load(tileIndex, local.blockTile)
  assembler.move(tileA, blockA)
  assembler.move(tileC, blockC)
  forEachTile(assembler, tileIndex, local.blockEnd, tiles, (height) => {
    emitOne(height)
    assembler.addImmediate(tileA, copy?.by === 'tiles' ? tileBytes(height, copy.row) : height * readRow)
    assembler.addImmediate(tileC, height * cRow)
  })
}

/**
 * Where so few tiles meet a panel, reading it takes longer than multiplying with it: the next panel is asked for meanwhile.
 * The 36 products of MiniLM with 23 rows, whose weights no cache holds, take 6.3 to 7.4 ms of one core where they took 8.2 to 9.9.
 * With more tiles what is asked for again and again costs more than it saves.
 */
const maxTilesOfCold = 4

/** Bytes between the rows of a tile's part of a, and between the elements of a row, where it is read. */
const readOf = ({ block, readRow, aInner }: ProductContext, height: number) =>
  block.copy?.by === 'tiles' ? { aRow: 4, aInner: 4 * height } : { aRow: readRow, aInner }

/** A tile of AVX-512. */
function emitWide(context: ProductContext, height: number): void {
  const { assembler, kernel, block, isWhole, cRow, panelBytes } = context
  const ofA = readOf(context, height)
  const { hasBias, hasRelu } = kernel
  assembler.move(wideTile.a, tileA)
  assembler.move(wideTile.b, panel)
  assembler.move(wideTile.c, tileC)
  if (!isWhole) {
    assembler.load(wideTile.before, local.innerDone)
    if (hasRelu) assembler.load(wideTile.after, local.innerLeft)
  }
  emitCounts(context, height, ofA.aInner, wideTile)
  const ahead = kernel.batch === undefined && block.tiles <= maxTilesOfCold ? panelBytes : undefined
  emitWideTile(assembler, { rows: height, ...ofA, cRow, hasBias, hasRelu, isWhole, ahead })
}

/** A tile of AVX2. */
function emitNarrow(context: ProductContext, height: number, width: number): void {
  const { assembler, panelRow } = context
  const shape: Tile = { rows: height, columns: width, ...readOf(context, height), bInner: panelRow }
  assembler.move(narrowTile.a, tileA)
  assembler.move(narrowTile.b, panel)
  emitCounts(context, height, shape.aInner, narrowTile)
  emitTile(assembler, shape)
  assembler.move(narrowTile.c, tileC)
  emitNarrowEnd(context, shape)
}

/**
 * Stores the sums. The first block of rows adds the bias, later ones what c holds; relu comes behind the last, so there
 * is code for a first block, a middle one and a last one, where there are several.
 */
function emitNarrowEnd({ assembler, kernel, isWhole, cRow, maskEnd }: ProductContext, shape: Tile): void {
  const { hasBias, hasRelu } = kernel
  const end = (how: Pick<TileEnd, 'adds' | 'hasRelu'>): void => {
    if (how.adds === 'row') assembler.move(narrowTile.added, panelBias)
    emitTileEnd(assembler, shape, { cRow, maskEnd, ...how })
  }
  const first = { adds: hasBias ? 'row' : undefined } as const
  if (isWhole) {
    end({ ...first, hasRelu })
    return
  }
  const [later, middle, stored] = [
    assembler.label('later'),
    assembler.label('middle'),
    assembler.label('stored'),
  ]
  assembler.load(gp.rax, local.innerDone)
  assembler.test(gp.rax)
  assembler.jumpIf(condition.notEqual, later)
  end(first)
  assembler.jump(stored)
  assembler.place(later)
  if (hasRelu) {
    assembler.load(gp.rax, local.innerLeft)
    assembler.test(gp.rax)
    assembler.jumpIf(condition.notEqual, middle)
    end({ adds: 'c', hasRelu })
    assembler.jump(stored)
  }
  assembler.place(middle)
  end({ adds: 'c' })
  assembler.place(stored)
}

/** How many elements a tile sums, by fours and what is left. Elements at its beginning that are 0 are passed by. */
function emitCounts(
  context: ProductContext,
  height: number,
  aStep: number,
  { a, b, fours, ones }: typeof wideTile | typeof narrowTile,
): void {
  const { assembler, kernel } = context
  const triangle = kernel.batch?.triangle
  if (triangle === undefined) assembler.load(gp.rax, local.innerOf)
  else emitTriangle(context, triangle, height)
  if (triangle === 'upper') emitPassZeros(context, a, aStep, b)
  assembler.move(fours, gp.rax)
  assembler.move(ones, gp.rax)
  assembler.shiftRight(fours, 2)
  assembler.andImmediate(ones, 3)
}

/**
 * rax = for `result`, all elements of the block or none; for `lower`, those before the row behind the tile, since all
 * behind them are 0; for `upper`, those before the tile's first row, which are 0. Changes rcx and rdx.
 */
function emitTriangle(context: ProductContext, triangle: Triangle, height: number): void {
  const { assembler, tiles } = context
  emitRowsBefore(assembler, tiles, gp.rax, tileIndex, 1)
  if (triangle !== 'upper') assembler.addImmediate(gp.rax, height)
  if (triangle === 'result') emitAllOrNone(context)
  else emitWithinBlock(context)
}

/** rax = 0 where the panel's first column is behind the row in rax, all elements of the block elsewhere. */
function emitAllOrNone({ assembler, panels, panelColumns }: ProductContext): void {
  const firstColumn = gp.rcx
  assembler.moveSmall(firstColumn, panels)
  for (const count of [local.panelsAfter, local.panelsLeft]) {
    assembler.load(gp.rdx, count)
    assembler.sub(firstColumn, gp.rdx)
  }
  assembler.scale(firstColumn, firstColumn, panelColumns)
  assembler.compare(firstColumn, gp.rax)
  choose(assembler, condition.aboveOrEqual, {
    fails: () => assembler.load(gp.rax, local.innerOf),
    holds: () => assembler.moveSmall(gp.rax, 0),
  })
}

/** rax = how many elements of the block come before the one whose number is in rax: between none and all of them. */
function emitWithinBlock({ assembler }: ProductContext): void {
  assembler.load(gp.rcx, local.innerDone)
  assembler.compare(gp.rax, gp.rcx)
  skipIf(assembler, condition.aboveOrEqual, () => assembler.move(gp.rax, gp.rcx))
  assembler.sub(gp.rax, gp.rcx)
  assembler.compareMemory(gp.rax, local.innerOf)
  skipIf(assembler, condition.below, () => assembler.load(gp.rax, local.innerOf))
}

/** Moves a and b behind the rax elements that are 0; rax = how many elements follow. */
function emitPassZeros({ assembler, panelRow }: ProductContext, a: number, aStep: number, b: number): void {
  assembler.scale(gp.rcx, gp.rax, aStep)
  assembler.add(a, gp.rcx)
  assembler.scale(gp.rcx, gp.rax, panelRow)
  assembler.add(b, gp.rcx)
  assembler.load(gp.rcx, local.innerOf)
  assembler.sub(gp.rcx, gp.rax)
  assembler.move(gp.rax, gp.rcx)
}
