/**
 * A loop's product: c (rows, columns) = a (rows, inner) · b (inner, columns), plus a matrix or a row; b is given in
 * panels of 16 columns, (columns / 16, inner, 16).
 *
 * A task multiplies all rows by some panels. Loops, from the outermost: the task's panels, tiles of up to six rows, the
 * elements of a row (product-tile.ts). The panel stays in the first cache while all rows pass by.
 *
 * Tails: the last task may have fewer panels, or none. Rows are cut into tiles as even as possible, since a short tile
 * has to wait for its own sums: tiles of one row more come first. Columns are whole panels.
 *
 * | register | holds |
 * | --- | --- |
 * | r12, r13, r14 | a's first row; the panel's columns of the first row of c, and of what is added |
 * | rbx, rdi, rsi | the same of the tile's first row: a, c, added |
 * | rbp | the panel |
 * | r15, stack | panels that are left; tiles that are left |
 * | rax, rcx, rdx, r8–r11, ymm0–15 | the tile's (product-tile.ts) |
 */
import { type PanelProductKernel, panelColumns } from 'typegrad/engine'
import { type Assembler, gp, type Label } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import {
  clamp,
  countDownOrSkip,
  countDownSlot,
  emitFunction,
  type Loop,
  stackSlot,
  tablePointer,
} from './loop.ts'
import { emitTile, emitTileEnd, tile, tileRows } from './product-tile.ts'

const [firstA, firstC, firstAdded] = [gp.r12, gp.r13, gp.r14]
const [a, c, added] = [gp.rbx, gp.rdi, tile.added]
const [panel, panelsLeft, tilesLeft] = [gp.rbp, gp.r15, stackSlot(0)]

interface Context {
  readonly assembler: Assembler
  readonly kernel: PanelProductKernel
  readonly maskEnd: Label
}

export function emitPanelProduct(assembler: Assembler, kernel: PanelProductKernel): Loop {
  const { rows, inner, added, tasks } = kernel
  const context: Context = { assembler, kernel, maskEnd: assembler.label('mask') }
  const tiles = Math.ceil(rows / tileRows)
  const [height, higher] = [Math.floor(rows / tiles), rows % tiles]

  const entry = emitFunction(assembler, 16, () => {
    emitTask(context)
    countDownOrSkip(assembler, panelsLeft, () => {
      assembler.move(a, firstA)
      assembler.move(c, firstC)
      if (added !== undefined) assembler.move(tile.added, firstAdded)
      emitTiles(context, higher, height + 1)
      emitTiles(context, tiles - higher, height)
      assembler.addImmediate(panel, 4 * panelColumns * inner)
      assembler.addImmediate(firstC, 4 * panelColumns)
      if (added !== undefined) assembler.addImmediate(firstAdded, 4 * panelColumns)
    })
  })
  emitMasks(assembler, context.maskEnd)
  return { entry, tasks }
}

/** The task's panels, where its columns begin, and how many panels there are. */
function emitTask({ assembler, kernel }: Context): void {
  const { inner, columns, tasks } = kernel
  const panels = columns / panelColumns
  const panelsOfTask = Math.ceil(panels / tasks)
  const hasAdded = kernel.added !== undefined
  const [panelBytes, columnBytes] = [gp.rcx, gp.rdx]
  assembler.scale(gp.rax, gp.rsi, panelsOfTask)
  clamp(assembler, gp.rax, panels)
  assembler.moveSmall(panelsLeft, panels)
  assembler.sub(panelsLeft, gp.rax)
  clamp(assembler, panelsLeft, panelsOfTask)
  assembler.scale(panelBytes, gp.rax, 4 * panelColumns * inner)
  assembler.scale(columnBytes, gp.rax, 4 * panelColumns)
  assembler.load(firstA, tablePointer(0))
  assembler.load(panel, tablePointer(1))
  assembler.add(panel, panelBytes)
  if (hasAdded) {
    assembler.load(firstAdded, tablePointer(2))
    assembler.add(firstAdded, columnBytes)
  }
  assembler.load(firstC, tablePointer(hasAdded ? 3 : 2))
  assembler.add(firstC, columnBytes)
}

/** The next `count` tiles of `height` rows. */
function emitTiles({ assembler, kernel, maskEnd }: Context, count: number, height: number): void {
  if (count === 0) return
  const { inner, columns } = kernel
  const shape = {
    rows: height,
    columns: panelColumns,
    aRow: 4 * inner,
    aInner: 4,
    bInner: 4 * panelColumns,
  }
  assembler.moveSmall(gp.rax, count)
  assembler.store(tilesLeft, gp.rax)
  countDownSlot(assembler, tilesLeft, () => {
    assembler.move(tile.a, a)
    assembler.move(tile.b, panel)
    assembler.moveSmall(tile.fours, Math.floor(inner / 4))
    assembler.moveSmall(tile.ones, inner % 4)
    emitTile(assembler, shape)
    assembler.move(tile.c, c)
    emitTileEnd(assembler, shape, { cRow: 4 * columns, adds: kernel.added, maskEnd })
    assembler.addImmediate(a, height * 4 * inner)
    assembler.addImmediate(c, height * 4 * columns)
    if (kernel.added === 'matrix') assembler.addImmediate(added, height * 4 * columns)
  })
}
