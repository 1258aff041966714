import { type PanelProductKernel, panelColumns } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'
import { emitTile, emitTileEnd, tile, tileRows } from './product-tile.ts'

/** Where the task is: a row of a, the panel of b, the rows of c and of what is added, and their first rows. */
const [a, panel, c, added, panelsLeft] = [gp.rbx, gp.rbp, gp.rdi, tile.added, gp.r15]
const [firstA, firstC, firstAdded] = [gp.r12, gp.r13, gp.r14]
/** Tiles that are left, on the stack. */
const tilesLeft: Operand = { base: gp.rsp, displacement: 0 }

/** Each task multiplies all rows by some panels. */
export function emitPanelProduct(assembler: Assembler, kernel: PanelProductKernel): Loop {
  const { rows, inner, columns, tasks } = kernel
  const panels = columns / panelColumns
  const panelsOfTask = Math.ceil(panels / tasks)
  const rowBytes = 4 * columns
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, 16, () => {
    // The task's panels: the last one may have fewer.
    assembler.scale(gp.rax, gp.rsi, panelsOfTask)
    clamp(assembler, gp.rax, panels)
    assembler.moveSmall(panelsLeft, panels)
    assembler.sub(panelsLeft, gp.rax)
    clamp(assembler, panelsLeft, panelsOfTask)
    assembler.scale(gp.rcx, gp.rax, 4 * panelColumns * inner)
    assembler.scale(gp.rdx, gp.rax, 4 * panelColumns)
    assembler.load(firstA, { base: gp.rdi, displacement: 0 })
    assembler.load(panel, { base: gp.rdi, displacement: 8 })
    assembler.add(panel, gp.rcx)
    if (kernel.added !== undefined) {
      assembler.load(firstAdded, { base: gp.rdi, displacement: 16 })
      assembler.add(firstAdded, gp.rdx)
    }
    assembler.load(firstC, { base: gp.rdi, displacement: kernel.added === undefined ? 16 : 24 })
    assembler.add(firstC, gp.rdx)
    const done = assembler.label('done')
    assembler.test(panelsLeft)
    assembler.jumpIf(condition.equal, done)
    countDown(assembler, panelsLeft, () => {
      assembler.move(a, firstA)
      assembler.move(c, firstC)
      if (kernel.added !== undefined) assembler.move(added, firstAdded)
      // As even as may be: short tiles wait for their own sums.
      const tiles = Math.ceil(rows / tileRows)
      const [height, higher] = [Math.floor(rows / tiles), rows % tiles]
      emitTiles(higher, height + 1)
      emitTiles(tiles - higher, height)
      assembler.addImmediate(panel, 4 * panelColumns * inner)
      assembler.addImmediate(firstC, 4 * panelColumns)
      if (kernel.added !== undefined) assembler.addImmediate(firstAdded, 4 * panelColumns)
    })
    assembler.place(done)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks }

  /** So many tiles of so many rows. */
  function emitTiles(count: number, height: number): void {
    if (count === 0) return
    const next = assembler.label('tile')
    assembler.moveSmall(gp.rax, count)
    assembler.store(tilesLeft, gp.rax)
    assembler.place(next)
    const shape = {
      rows: height,
      columns: panelColumns,
      aRow: 4 * inner,
      aInner: 4,
      bInner: 4 * panelColumns,
    }
    assembler.move(tile.a, a)
    assembler.move(tile.b, panel)
    assembler.moveSmall(tile.fours, Math.floor(inner / 4))
    assembler.moveSmall(tile.ones, inner % 4)
    emitTile(assembler, shape)
    assembler.move(tile.c, c)
    emitTileEnd(assembler, shape, { cRow: rowBytes, adds: kernel.added, maskEnd })
    assembler.addImmediate(a, height * 4 * inner)
    assembler.addImmediate(c, height * rowBytes)
    if (kernel.added === 'matrix') assembler.addImmediate(added, height * rowBytes)
    assembler.load(gp.rax, tilesLeft)
    assembler.subImmediate(gp.rax, 1)
    assembler.store(tilesLeft, gp.rax)
    assembler.jumpIf(condition.notEqual, next)
  }
}
