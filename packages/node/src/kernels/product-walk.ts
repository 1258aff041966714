/** How the loops of products find their matrix of a batch, and walk over its tiles of rows. */
import type { BatchSizes } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand } from '../assembler/assembler.ts'
import { clamp, countUp, divideBy } from './loop.ts'

/**
 * Splits the task's number in rsi: the number of its matrix in the batch goes to `index`, and rsi becomes the task's
 * number among the `tasksOfMatrix` of that matrix. Changes rax, rcx and rdx.
 */
export function emitMatrixOfTask(assembler: Assembler, index: number, tasksOfMatrix: number): void {
  assembler.move(gp.rax, gp.rsi)
  divideBy(assembler, tasksOfMatrix)
  assembler.move(index, gp.rax)
  assembler.move(gp.rsi, gp.rdx)
}

/**
 * Moves `pointer` to the beginning of the matrix whose number is in `index`. Strides are floats along the batch's two
 * axes. Changes rax, rcx and rdx.
 */
export function emitMatrix(
  assembler: Assembler,
  pointer: number,
  index: number,
  [, along]: BatchSizes,
  [first, second]: readonly [number, number],
): void {
  assembler.move(gp.rax, index)
  divideBy(assembler, along)
  assembler.scale(gp.rax, gp.rax, 4 * first)
  assembler.add(pointer, gp.rax)
  assembler.scale(gp.rdx, gp.rdx, 4 * second)
  assembler.add(pointer, gp.rdx)
}

/** How a product's rows are cut into tiles: the first `higher` tiles have `height` + 1 rows, all others `height`. */
export interface TileRows {
  readonly height: number
  readonly higher: number
}

/**
 * Runs `each` for tiles `tile`, `tile` + 1, … up to the one before `end`; at least for one. Its code exists once for each
 * height.
 */
export function forEachTile(
  assembler: Assembler,
  tile: number,
  end: Operand,
  { height, higher }: TileRows,
  each: (height: number) => void,
): void {
  countUp(assembler, tile, { to: end }, () => {
    const [low, ended] = [assembler.label('low'), assembler.label('ended')]
    if (higher > 0) {
      assembler.compareImmediate(tile, higher)
      assembler.jumpIf(condition.aboveOrEqual, low)
      each(height + 1)
      assembler.jump(ended)
      assembler.place(low)
    }
    each(height)
    assembler.place(ended)
  })
}

/** register = how many rows come before the tile whose number is in `tile`, times `factor`. Changes rdx. */
export function emitRowsBefore(
  assembler: Assembler,
  { height, higher }: TileRows,
  register: number,
  tile: number,
  factor: number,
): void {
  assembler.move(register, tile)
  clamp(assembler, register, higher)
  assembler.scale(gp.rdx, tile, height)
  assembler.add(register, gp.rdx)
  assembler.scale(register, register, factor)
}
