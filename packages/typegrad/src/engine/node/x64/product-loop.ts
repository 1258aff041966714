import {
  matricesOf,
  type ProductKernel,
  panelsOf,
  productBlocksOf,
  productScratchOf,
  productTiles,
  stridesOfProduct,
  type Triangle,
  tilesOf,
} from '../../../kernel/product.ts'
import { type Assembler, condition, gp, type Label, type Operand, vector } from './assembler.ts'
import { emitMasks, lanes } from './constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'
import { bitsOf } from './pack-panels-loop.ts'
import { emitPackTiles, tileBytes } from './pack-tiles.ts'
import { emitTile, emitTileEnd, tile as narrowTile, type TileEnd } from './product-tile.ts'
import { emitMatrix, emitMatrixOfTask, forEachTile } from './product-walk.ts'
import { emitWideTile, halfMasks, wideTile } from './wide-tile.ts'

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = {
  /** a, the panels and c, from the task's first row and panel on. */
  a: at(0),
  panels: at(1),
  c: at(2),
  copy: at(3),
  bias: at(13),
  /** The task's tiles, and those of the block. */
  firstTile: at(4),
  lastTile: at(5),
  blockTile: at(6),
  blockEnd: at(7),
  /** The task's panels, and those that are left. */
  panelCount: at(8),
  panelsLeft: at(9),
  /** How many panels come after the task's. */
  panelsAfter: at(10),
  /** Elements of rows before this block's, and in it. */
  innerDone: at(11),
  innerOf: at(12),
  /** How many come after them. */
  innerLeft: at(14),
} as const
const localBytes = 8 * 16

/** Where the block is: its first row of a and of c, and the panel; the tile. */
const [blockA, panel, blockC, tileIndex] = [gp.rbx, gp.rbp, gp.r12, gp.r13]
/** The bias of the panel. */
const panelBias = wideTile.bias

/**
 * Each task computes some rows and columns, in blocks: a block of a stays in the core's second cache while all panels of
 * b pass by, whose part for the block is read once from the third.
 * K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.
 */
export function emitProduct(assembler: Assembler, kernel: ProductKernel): Loop {
  const { tile: kind, rows, inner, columns, hasBias, hasRelu, parts, batch } = kernel
  const tiles = tilesOf(kind, rows)
  const panels = panelsOf(kind, columns)
  const panelColumns = productTiles[kind].columns
  const panelRow = 4 * panelColumns
  const [tilesOfTask, panelsOfTask] = [Math.ceil(tiles.count / parts[0]), Math.ceil(panels / parts[1])]
  const block = productBlocksOf(kernel)
  const strides = stridesOfProduct(kernel)
  const [aRow, aInner, cRow] = [4 * strides.aRow, 4 * strides.aInner, 4 * strides.cRow]
  const isWhole = inner <= block.inner
  const { copy } = block
  const readRow = copy?.by === 'rows' ? 4 * copy.row : aRow
  const rest = columns % panelColumns
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, localBytes, () => {
    const finished = assembler.label('finished')
    emitTask(finished)
    assembler.moveSmall(gp.rax, 0)
    assembler.store(local.innerDone, gp.rax)
    const nextInner = assembler.label('inner')
    assembler.place(nextInner)
    emitInner()
    assembler.load(gp.rax, local.firstTile)
    assembler.store(local.blockTile, gp.rax)
    const nextBlock = assembler.label('block')
    assembler.place(nextBlock)
    emitBlock()
    assembler.load(gp.rax, local.blockEnd)
    assembler.store(local.blockTile, gp.rax)
    assembler.compareMemory(gp.rax, local.lastTile)
    assembler.jumpIf(condition.below, nextBlock)
    assembler.load(gp.rax, local.innerDone)
    assembler.load(gp.rcx, local.innerOf)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.innerDone, gp.rax)
    assembler.compareImmediate(gp.rax, inner)
    assembler.jumpIf(condition.below, nextInner)
    assembler.place(finished)
  })
  if (kind === 'narrow') emitMasks(assembler, maskEnd)
  return { entry, tasks: matricesOf(kernel) * parts[0] * parts[1] }

  /** Pointers from the table in rdi, and the part of the task in rsi; jumps where it has nothing to do. */
  function emitTask(finished: ReturnType<Assembler['label']>): void {
    const pointer = (i: number): Operand => ({ base: gp.rdi, displacement: 8 * i })
    assembler.load(gp.r8, pointer(0))
    assembler.load(gp.r9, pointer(1))
    if (hasBias) assembler.load(gp.r11, pointer(2))
    assembler.load(gp.r10, pointer(hasBias ? 3 : 2))
    if (copy !== undefined) {
      assembler.load(gp.rax, pointer(hasBias ? 4 : 3))
      assembler.scale(gp.rcx, gp.rsi, 4 * productScratchOf(kernel))
      assembler.add(gp.rax, gp.rcx)
      assembler.store(local.copy, gp.rax)
    }
    if (batch !== undefined) {
      const matrix = gp.rbx
      emitMatrixOfTask(assembler, matrix, parts[0] * parts[1])
      emitMatrix(assembler, gp.r8, matrix, batch.sizes, batch.a.batch)
      assembler.scale(gp.rax, matrix, panels * panelRow * inner)
      assembler.add(gp.r9, gp.rax)
      emitMatrix(assembler, gp.r10, matrix, batch.sizes, batch.c.batch)
    }
    assembler.store(local.a, gp.r8)
    // rax, rdx: the part of the rows and that of the columns.
    assembler.move(gp.rax, gp.rsi)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, parts[1])
    assembler.divide(gp.rcx)
    assembler.scale(gp.rax, gp.rax, tilesOfTask)
    assembler.store(local.firstTile, gp.rax)
    assembler.addImmediate(gp.rax, tilesOfTask)
    clamp(assembler, gp.rax, tiles.count)
    assembler.store(local.lastTile, gp.rax)
    assembler.load(gp.rcx, local.firstTile)
    assembler.compare(gp.rcx, gp.rax)
    assembler.jumpIf(condition.aboveOrEqual, finished)
    assembler.scale(gp.rdx, gp.rdx, panelsOfTask)
    clamp(assembler, gp.rdx, panels)
    assembler.scale(gp.rax, gp.rdx, panelRow * inner)
    assembler.add(gp.r9, gp.rax)
    assembler.store(local.panels, gp.r9)
    assembler.scale(gp.rax, gp.rdx, panelRow)
    assembler.add(gp.r10, gp.rax)
    assembler.store(local.c, gp.r10)
    if (hasBias) {
      assembler.add(gp.r11, gp.rax)
      assembler.store(local.bias, gp.r11)
    }
    assembler.moveSmall(gp.rax, panels)
    assembler.sub(gp.rax, gp.rdx)
    assembler.move(gp.rcx, gp.rax)
    clamp(assembler, gp.rax, panelsOfTask)
    assembler.store(local.panelCount, gp.rax)
    assembler.sub(gp.rcx, gp.rax)
    assembler.store(local.panelsAfter, gp.rcx)
    assembler.test(gp.rax)
    assembler.jumpIf(condition.equal, finished)
  }

  /** innerOf = elements of this block's rows, innerLeft = those after them. */
  function emitInner(): void {
    assembler.moveSmall(gp.rax, inner)
    assembler.load(gp.rcx, local.innerDone)
    assembler.sub(gp.rax, gp.rcx)
    assembler.move(gp.rcx, gp.rax)
    clamp(assembler, gp.rax, block.inner)
    assembler.store(local.innerOf, gp.rax)
    assembler.sub(gp.rcx, gp.rax)
    assembler.store(local.innerLeft, gp.rcx)
  }

  /** register = rows before the tile in another register, times `factor`. */
  function emitRowsBefore(register: number, tile: number, factor: number): void {
    assembler.move(register, tile)
    clamp(assembler, register, tiles.higher)
    assembler.scale(gp.rdx, tile, tiles.height)
    assembler.add(register, gp.rdx)
    assembler.scale(register, register, factor)
  }

  function emitBlock(): void {
    assembler.load(tileIndex, local.blockTile)
    assembler.move(gp.rax, tileIndex)
    assembler.addImmediate(gp.rax, block.tiles)
    assembler.load(gp.rcx, local.lastTile)
    const isWhole = assembler.label('whole')
    assembler.compare(gp.rax, gp.rcx)
    assembler.jumpIf(condition.below, isWhole)
    assembler.move(gp.rax, gp.rcx)
    assembler.place(isWhole)
    assembler.store(local.blockEnd, gp.rax)

    emitRowsBefore(blockA, tileIndex, aRow)
    assembler.load(gp.rax, local.a)
    assembler.add(blockA, gp.rax)
    assembler.load(gp.rax, local.innerDone)
    assembler.scale(gp.rcx, gp.rax, aInner)
    assembler.add(blockA, gp.rcx)
    assembler.scale(panel, gp.rax, panelRow)
    assembler.load(gp.rax, local.panels)
    assembler.add(panel, gp.rax)
    emitRowsBefore(blockC, tileIndex, cRow)
    assembler.load(gp.rax, local.c)
    assembler.add(blockC, gp.rax)
    if (copy?.by === 'rows') emitCopy(4 * copy.row)
    if (copy?.by === 'tiles') emitTiled(copy.row)
    if (hasBias) assembler.load(panelBias, local.bias)

    assembler.load(gp.rax, local.panelCount)
    assembler.store(local.panelsLeft, gp.rax)
    const nextPanel = assembler.label('panel')
    assembler.place(nextPanel)
    emitPanel()
    assembler.addImmediate(panel, panelRow * inner)
    assembler.addImmediate(blockC, panelRow)
    if (hasBias) assembler.addImmediate(panelBias, panelRow)
    assembler.load(gp.rax, local.panelsLeft)
    assembler.subImmediate(gp.rax, 1)
    assembler.store(local.panelsLeft, gp.rax)
    assembler.jumpIf(condition.notEqual, nextPanel)
  }

  /** The block's rows of a, into memory of the task's; from then on they are read there. */
  function emitCopy(copiedRow: number): void {
    const [row, end, left] = [gp.r8, gp.r9, gp.r10]
    assembler.load(gp.rax, local.blockEnd)
    emitRowsBefore(end, gp.rax, 1)
    emitRowsBefore(gp.rcx, tileIndex, 1)
    assembler.sub(end, gp.rcx)
    assembler.load(row, local.copy)
    countDown(assembler, end, () => {
      assembler.move(gp.rsi, blockA)
      assembler.move(gp.rdi, row)
      // Rows that are whole pages are whole vectors.
      assembler.load(left, local.innerOf)
      assembler.shiftRight(left, Math.log2(lanes))
      countDown(assembler, left, () => {
        assembler.vectorMemory(vector.load, 0, 0, { base: gp.rsi })
        assembler.vectorMemory(vector.store, 0, 0, { base: gp.rdi })
        assembler.addImmediate(gp.rsi, 4 * lanes)
        assembler.addImmediate(gp.rdi, 4 * lanes)
      })
      assembler.addImmediate(blockA, aRow)
      assembler.addImmediate(row, copiedRow)
    })
    assembler.load(blockA, local.copy)
  }

  /** The block as tiles, likewise. */
  function emitTiled(inner: number): void {
    const from = { from: blockA, firstTile: tileIndex }
    const [to, endTile, innerOf] = [local.copy, local.blockEnd, local.innerOf]
    emitPackTiles(assembler, { aRow, aInner, tiles, inner, maskEnd, ...from, to, endTile, innerOf })
    assembler.load(blockA, local.copy)
  }

  function emitPanel(): void {
    if (kind === 'wide') {
      setMasks(panelColumns)
      if (rest > 0) forLast(() => setMasks(rest))
      emitTiles(emitWide)
      return
    }
    const done = assembler.label('done')
    if (rest > 0)
      forLast(() => {
        emitTiles((height, a, c) => emitNarrow(height, rest, a, c))
        assembler.jump(done)
      })
    emitTiles((height, a, c) => emitNarrow(height, panelColumns, a, c))
    assembler.place(done)
  }

  /** Which columns of a panel are stored. */
  function setMasks(width: number): void {
    halfMasks.forEach((mask, half) => {
      assembler.moveSmall(gp.rax, bitsOf(width, half))
      assembler.setMask(mask, gp.rax)
    })
  }

  /** What is done for the last of all panels alone. */
  function forLast(body: () => void): void {
    const others = assembler.label('others')
    assembler.load(gp.rax, local.panelsLeft)
    assembler.load(gp.rcx, local.panelsAfter)
    assembler.add(gp.rax, gp.rcx)
    assembler.compareImmediate(gp.rax, 1)
    assembler.jumpIf(condition.notEqual, others)
    body()
    assembler.place(others)
  }

  /** A tile of so many rows, from a place in a and one in c on. */
  function emitWide(height: number, a: number, c: number): void {
    assembler.move(wideTile.a, a)
    assembler.move(wideTile.b, panel)
    assembler.move(wideTile.c, c)
    if (!isWhole) {
      assembler.load(wideTile.before, local.innerDone)
      if (hasRelu) assembler.load(wideTile.after, local.innerLeft)
    }
    emitCounts(height, aInner, wideTile)
    emitWideTile(assembler, { rows: height, aRow: readRow, aInner, cRow, hasBias, hasRelu, isWhole })
  }

  /** The same with so many columns. */
  function emitNarrow(height: number, width: number, a: number, c: number): void {
    const ofA = copy?.by === 'tiles' ? { aRow: 4, aInner: 4 * height } : { aRow: readRow, aInner }
    const shape = { rows: height, columns: width, ...ofA, bInner: panelRow }
    assembler.move(narrowTile.a, a)
    assembler.move(narrowTile.b, panel)
    emitCounts(height, shape.aInner, narrowTile)
    emitTile(assembler, shape)
    assembler.move(narrowTile.c, c)
    const end = (how: Pick<TileEnd, 'adds' | 'hasRelu'>): void => {
      if (how.adds === 'row') assembler.move(narrowTile.added, panelBias)
      emitTileEnd(assembler, shape, { cRow, maskEnd, ...how })
    }
    const first = { adds: hasBias ? 'row' : undefined } as const
    if (isWhole) {
      end({ ...first, hasRelu })
      return
    }
    const [later, middle, stored] = ['later', 'middle', 'stored'].map((name) => assembler.label(name)) as [
      Label,
      Label,
      Label,
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

  /** How many elements a tile sums, by fours and what is left; those at its beginning that are 0 are passed by. */
  function emitCounts(
    height: number,
    aStep: number,
    { a, b, fours, ones }: typeof wideTile | typeof narrowTile,
  ): void {
    if (batch?.triangle === undefined) assembler.load(gp.rax, local.innerOf)
    else emitTriangle(batch.triangle, height, a, aStep, b)
    assembler.move(fours, gp.rax)
    assembler.move(ones, gp.rax)
    assembler.shiftRight(fours, 2)
    assembler.andImmediate(ones, 3)
  }

  /** rax = how many elements of the block a tile sums, of which it knows others to be 0. rcx and rdx are changed. */
  function emitTriangle(triangle: Triangle, height: number, a: number, aStep: number, b: number): void {
    emitRowsBefore(gp.rax, tileIndex, 1)
    if (triangle !== 'upper') assembler.addImmediate(gp.rax, height)
    if (triangle === 'result') {
      const [above, known] = [assembler.label('above'), assembler.label('known')]
      // The panel's first column, behind the tile's last row?
      assembler.moveSmall(gp.rcx, panels)
      for (const register of [local.panelsAfter, local.panelsLeft]) {
        assembler.load(gp.rdx, register)
        assembler.sub(gp.rcx, gp.rdx)
      }
      assembler.scale(gp.rcx, gp.rcx, panelColumns)
      assembler.compare(gp.rcx, gp.rax)
      assembler.jumpIf(condition.aboveOrEqual, above)
      assembler.load(gp.rax, local.innerOf)
      assembler.jump(known)
      assembler.place(above)
      assembler.moveSmall(gp.rax, 0)
      assembler.place(known)
      return
    }
    // How much of the block lies before the row: between nothing and all of it.
    const [begun, fits] = [assembler.label('begun'), assembler.label('fits')]
    assembler.load(gp.rcx, local.innerDone)
    assembler.compare(gp.rax, gp.rcx)
    assembler.jumpIf(condition.aboveOrEqual, begun)
    assembler.move(gp.rax, gp.rcx)
    assembler.place(begun)
    assembler.sub(gp.rax, gp.rcx)
    assembler.compareMemory(gp.rax, local.innerOf)
    assembler.jumpIf(condition.below, fits)
    assembler.load(gp.rax, local.innerOf)
    assembler.place(fits)
    if (triangle === 'lower') return
    assembler.scale(gp.rcx, gp.rax, aStep)
    assembler.add(a, gp.rcx)
    assembler.scale(gp.rcx, gp.rax, panelRow)
    assembler.add(b, gp.rcx)
    assembler.load(gp.rcx, local.innerOf)
    assembler.sub(gp.rcx, gp.rax)
    assembler.move(gp.rax, gp.rcx)
  }

  /** The block's tiles of the panel. */
  function emitTiles(emitOne: (height: number, a: number, c: number) => void): void {
    const [a, c] = [gp.r14, gp.r15]
    assembler.load(tileIndex, local.blockTile)
    assembler.move(a, blockA)
    assembler.move(c, blockC)
    forEachTile(assembler, tileIndex, local.blockEnd, tiles, (height) => {
      emitOne(height, a, c)
      assembler.addImmediate(a, copy?.by === 'tiles' ? tileBytes(height, copy.row) : height * readRow)
      assembler.addImmediate(c, height * cRow)
    })
  }
}
