/**
 * A product of large matrices: c (rows, columns) = a (rows, inner) · b (inner, columns), plus a bias row, with relu; a may
 * be transposed, b is given in panels (pack-panels-loop.ts). Of a batch of matrices each has tasks of its own.
 *
 * A task computes a part of the rows and a part of the columns. Loops, from the outermost, as in K. Goto and R. van de
 * Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008:
 *
 * 1. blocks of a row's elements: up to 512 of them, 768 with wide tiles (`productTiles`)
 * 2. blocks of rows: as many tiles as the core's second cache holds of a; copied first where that pays (`emitCopy`)
 * 3. panels of b: each block's part of a panel is read from the third cache once
 * 4. tiles of rows: up to 6, 14 with wide tiles (product-panel.ts)
 * 5. elements of their rows, summed in registers (product-tile.ts, wide-tile.ts)
 *
 * Tails: rows are cut into tiles as even as possible, tiles with one row more first; a task or a block may have fewer
 * tiles, panels or elements than the others; the last panel's columns are product-panel.ts's business.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx | the block's first row of a, or of its copy |
 * | rbp | the panel, from the block's elements on |
 * | r12 | the panel's columns of the block's first row of c |
 * | rdi | the bias of the panel's columns |
 * | r13, r14, r15 | the tile's number, and its rows of a and of c |
 * | rax, rcx, rdx, rsi, r8–r11, all vectors | the tile's; temporary outside of tiles |
 * | stack | what is left of the task (`local` in product-context.ts) |
 *
 * A second output is scratch memory: `productScratchOf` floats for each task, for its copy of a block.
 */
import { matricesOf, type ProductKernel, productScratchOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import {
  clamp,
  countDown,
  countDownSlot,
  divideBy,
  emitFunction,
  type Loop,
  skipIf,
  tablePointer,
} from './loop.ts'
import { emitPackTiles } from './pack-tiles.ts'
import {
  blockA,
  blockC,
  local,
  localBytes,
  type ProductContext,
  panel,
  panelBias,
  productContext,
  tileIndex,
} from './product-context.ts'
import { emitPanel } from './product-panel.ts'
import { emitMatrix, emitMatrixOfTask, emitRowsBefore } from './product-walk.ts'

export function emitProduct(assembler: Assembler, kernel: ProductKernel): Loop {
  const context = productContext(assembler, kernel)
  const entry = emitFunction(assembler, localBytes, () => {
    const finished = assembler.label('finished')
    emitTask(context, finished)
    emitBlocks(context)
    assembler.place(finished)
  })
  if (kernel.tile === 'narrow') emitMasks(assembler, context.maskEnd)
  return { entry, tasks: matricesOf(kernel) * kernel.parts[0] * kernel.parts[1] }
}

/** The task's tiles and panels; jumps to `finished` where it has none. */
function emitTask(context: ProductContext, finished: Label): void {
  const { assembler, kernel } = context
  emitPointers(context)
  const [partOfRows, partOfColumns] = [gp.rax, gp.rdx]
  assembler.move(gp.rax, gp.rsi)
  divideBy(assembler, kernel.parts[1])
  emitTilesOfTask(context, partOfRows, finished)
  emitPanelsOfTask(context, partOfColumns, finished)
}

/** While a task begins: its matrices, and the bias. */
const start = { a: gp.r8, panels: gp.r9, c: gp.r10, bias: gp.r11 } as const

/** The matrices of the task in rsi, which becomes the task's number among those of its matrices. */
function emitPointers({ assembler, kernel, panels, panelBytes }: ProductContext): void {
  const { hasBias, parts, batch } = kernel
  const output = hasBias ? 3 : 2
  assembler.load(start.a, tablePointer(0))
  assembler.load(start.panels, tablePointer(1))
  if (hasBias) assembler.load(start.bias, tablePointer(2))
  assembler.load(start.c, tablePointer(output))
  const scratch = productScratchOf(kernel)
  if (scratch > 0) {
    assembler.load(gp.rax, tablePointer(output + 1))
    assembler.scale(gp.rcx, gp.rsi, 4 * scratch)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.copy, gp.rax)
  }
  if (batch !== undefined) {
    const matrix = gp.rbx
    emitMatrixOfTask(assembler, matrix, parts[0] * parts[1])
    emitMatrix(assembler, start.a, matrix, batch.sizes, batch.a.batch)
    assembler.scale(gp.rax, matrix, panels * panelBytes)
    assembler.add(start.panels, gp.rax)
    emitMatrix(assembler, start.c, matrix, batch.sizes, batch.c.batch)
  }
  assembler.store(local.a, start.a)
}

function emitTilesOfTask(
  { assembler, tiles, tilesOfTask }: ProductContext,
  part: number,
  finished: Label,
): void {
  const end = part
  assembler.scale(part, part, tilesOfTask)
  assembler.store(local.firstTile, part)
  assembler.addImmediate(end, tilesOfTask)
  clamp(assembler, end, tiles.count)
  assembler.store(local.lastTile, end)
  assembler.load(gp.rcx, local.firstTile)
  assembler.compare(gp.rcx, end)
  assembler.jumpIf(condition.aboveOrEqual, finished)
}

function emitPanelsOfTask(context: ProductContext, part: number, finished: Label): void {
  const { assembler, kernel, panels, panelsOfTask, panelRow, panelBytes } = context
  const firstPanel = part
  assembler.scale(firstPanel, part, panelsOfTask)
  clamp(assembler, firstPanel, panels)
  assembler.scale(gp.rax, firstPanel, panelBytes)
  assembler.add(start.panels, gp.rax)
  assembler.store(local.panels, start.panels)
  assembler.scale(gp.rax, firstPanel, panelRow)
  assembler.add(start.c, gp.rax)
  assembler.store(local.c, start.c)
  if (kernel.hasBias) {
    assembler.add(start.bias, gp.rax)
    assembler.store(local.bias, start.bias)
  }
  const [count, after] = [gp.rax, gp.rcx]
  assembler.moveSmall(count, panels)
  assembler.sub(count, firstPanel)
  assembler.move(after, count)
  clamp(assembler, count, panelsOfTask)
  assembler.store(local.panelCount, count)
  assembler.sub(after, count)
  assembler.store(local.panelsAfter, after)
  assembler.test(count)
  assembler.jumpIf(condition.equal, finished)
}

/** The two outer loops: blocks of elements, and of rows. */
function emitBlocks(context: ProductContext): void {
  const { assembler, kernel } = context
  const [nextInner, nextBlock] = [assembler.label('inner'), assembler.label('block')]
  assembler.moveSmall(gp.rax, 0)
  assembler.store(local.innerDone, gp.rax)
  assembler.place(nextInner)
  emitInner(context)
  assembler.load(gp.rax, local.firstTile)
  assembler.store(local.blockTile, gp.rax)
  assembler.place(nextBlock)
  emitBlock(context)
  assembler.load(gp.rax, local.blockEnd)
  assembler.store(local.blockTile, gp.rax)
  assembler.compareMemory(gp.rax, local.lastTile)
  assembler.jumpIf(condition.below, nextBlock)
  assembler.load(gp.rax, local.innerDone)
  assembler.load(gp.rcx, local.innerOf)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(local.innerDone, gp.rax)
  assembler.compareImmediate(gp.rax, kernel.inner)
  assembler.jumpIf(condition.below, nextInner)
}

/** How many elements of rows this block has, and how many come behind it. */
function emitInner({ assembler, kernel, block }: ProductContext): void {
  const [count, after] = [gp.rax, gp.rcx]
  assembler.moveSmall(count, kernel.inner)
  assembler.load(gp.rcx, local.innerDone)
  assembler.sub(count, gp.rcx)
  assembler.move(after, count)
  clamp(assembler, count, block.inner)
  assembler.store(local.innerOf, count)
  assembler.sub(after, count)
  assembler.store(local.innerLeft, after)
}

/** A block: where it is, its copy, and the loop over panels. */
function emitBlock(context: ProductContext): void {
  const { assembler, kernel, block, panelRow, panelBytes } = context
  const { copy } = block
  emitBlockEnd(context)
  emitBlockPlace(context)
  if (copy?.by === 'rows') emitCopy(context, 4 * copy.row)
  if (copy?.by === 'tiles') emitTiled(context, copy.row)
  if (kernel.hasBias) assembler.load(panelBias, local.bias)
  assembler.load(gp.rax, local.panelCount)
  assembler.store(local.panelsLeft, gp.rax)
  countDownSlot(assembler, local.panelsLeft, () => {
    emitPanel(context)
    assembler.addImmediate(panel, panelBytes)
    assembler.addImmediate(blockC, panelRow)
    if (kernel.hasBias) assembler.addImmediate(panelBias, panelRow)
  })
}

/** The block's tiles: from `tileIndex` on, as many as a block has or the task has left. */
function emitBlockEnd({ assembler, block }: ProductContext): void {
  const end = gp.rax
  assembler.load(tileIndex, local.blockTile)
  assembler.move(end, tileIndex)
  assembler.addImmediate(end, block.tiles)
  assembler.load(gp.rcx, local.lastTile)
  assembler.compare(end, gp.rcx)
  skipIf(assembler, condition.below, () => assembler.move(end, gp.rcx))
  assembler.store(local.blockEnd, end)
}

/** Where the block begins in a, in the task's first panel, and in c. */
function emitBlockPlace({ assembler, tiles, aRow, aInner, cRow, panelRow }: ProductContext): void {
  emitRowsBefore(assembler, tiles, blockA, tileIndex, aRow)
  assembler.load(gp.rax, local.a)
  assembler.add(blockA, gp.rax)
  assembler.load(gp.rax, local.innerDone)
  assembler.scale(gp.rcx, gp.rax, aInner)
  assembler.add(blockA, gp.rcx)
  assembler.scale(panel, gp.rax, panelRow)
  assembler.load(gp.rax, local.panels)
  assembler.add(panel, gp.rax)
  emitRowsBefore(assembler, tiles, blockC, tileIndex, cRow)
  assembler.load(gp.rax, local.c)
  assembler.add(blockC, gp.rax)
}

/** Copies the block's rows of a into the task's own memory, from where they are read from then on. */
function emitCopy({ assembler, tiles, aRow }: ProductContext, copiedRow: number): void {
  const [from, to] = [gp.rsi, gp.rdi]
  const [row, rowsLeft, vectorsLeft] = [gp.r8, gp.r9, gp.r10]
  assembler.load(gp.rax, local.blockEnd)
  emitRowsBefore(assembler, tiles, rowsLeft, gp.rax, 1)
  emitRowsBefore(assembler, tiles, gp.rcx, tileIndex, 1)
  assembler.sub(rowsLeft, gp.rcx)
  assembler.load(row, local.copy)
  countDown(assembler, rowsLeft, () => {
    assembler.move(from, blockA)
    assembler.move(to, row)
    // Rows that are whole pages are whole vectors.
    assembler.load(vectorsLeft, local.innerOf)
    assembler.shiftRight(vectorsLeft, Math.log2(lanes))
    countDown(assembler, vectorsLeft, () => {
      assembler.vectorMemory(vector.load, 0, 0, { base: from })
      assembler.vectorMemory(vector.store, 0, 0, { base: to })
      assembler.addImmediate(from, 4 * lanes)
      assembler.addImmediate(to, 4 * lanes)
    })
    assembler.addImmediate(blockA, aRow)
    assembler.addImmediate(row, copiedRow)
  })
  assembler.load(blockA, local.copy)
}

/** Copies the block as tiles, likewise. */
function emitTiled(context: ProductContext, inner: number): void {
  const { assembler, kernel, tiles, aRow, aInner, maskEnd } = context
  const from = { from: blockA, firstTile: tileIndex }
  const [to, endTile, innerOf] = [local.copy, local.blockEnd, local.innerOf]
  emitPackTiles(assembler, {
    tile: kernel.tile,
    aRow,
    aInner,
    tiles,
    inner,
    maskEnd,
    ...from,
    to,
    endTile,
    innerOf,
  })
  assembler.load(blockA, local.copy)
}
