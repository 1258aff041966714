import type { BatchSizes, Kernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand } from '../assembler/assembler.ts'
import { emitChannelWindows } from './channel-windows-loop.ts'
import { emitElementwise } from './elementwise-loop.ts'
import { emitMaxPoolGradientLast } from './max-pool-gradient-last-loop.ts'
import { emitMaxPoolGradient } from './max-pool-gradient-loop.ts'
import { emitPackPanels } from './pack-panels-loop.ts'
import { emitPanelProduct } from './panel-product-loop.ts'
import { emitPatches } from './patches-loop.ts'
import { emitProduct } from './product-loop.ts'
import { emitScatterAdd } from './scatter-add-loop.ts'
import { emitSumPatches } from './sum-patches-loop.ts'
import { emitSumRows } from './sum-rows-loop.ts'
import { emitWinogradConv } from './winograd-conv-loop.ts'
import { emitWinogradGradient } from './winograd-gradient-loop.ts'
import { emitWinogradGradientSum } from './winograd-gradient-sum-loop.ts'
import { emitWinogradWeights } from './winograd-weights-loop.ts'

/** A kernel's loop, and how many tasks it has. */
export interface Loop {
  readonly entry: Label
  readonly tasks: number
}

/**
 * A kernel's loop, as a C function `void loop(void *pointers[], size_t task)`: pointers to the inputs' elements, then
 * to the outputs'. The calling convention is that of System V.
 */
export function emitLoop(assembler: Assembler, kernel: Kernel): Loop {
  switch (kernel.kind) {
    case 'elementwise':
      return emitElementwise(assembler, kernel)
    case 'channelWindows':
      return emitChannelWindows(assembler, kernel)
    case 'maxPoolGradient':
      return kernel.isChannelsLast
        ? emitMaxPoolGradientLast(assembler, kernel)
        : emitMaxPoolGradient(assembler, kernel)
    case 'packPanels':
      return emitPackPanels(assembler, kernel)
    case 'product':
      return emitProduct(assembler, kernel)
    case 'panelProduct':
      return emitPanelProduct(assembler, kernel)
    case 'patches':
      return emitPatches(assembler, kernel)
    case 'sumRows':
      return emitSumRows(assembler, kernel)
    case 'sumPatches':
      return emitSumPatches(assembler, kernel)
    case 'winogradConv':
      return emitWinogradConv(assembler, kernel)
    case 'winogradGradient':
      return emitWinogradGradient(assembler, kernel)
    case 'winogradGradientSum':
      return emitWinogradGradientSum(assembler, kernel)
    case 'winogradWeights':
      return emitWinogradWeights(assembler, kernel)
    case 'scatterAdd':
      return emitScatterAdd(assembler, kernel)
  }
}

/** A function that may use all registers, with `bytes` of the stack for itself. */
export function emitFunction(assembler: Assembler, bytes: number, body: () => void): Label {
  const saved = [gp.rbx, gp.rbp, gp.r12, gp.r13, gp.r14, gp.r15]
  const entry = assembler.label('loop')
  assembler.align(16)
  assembler.place(entry)
  for (const register of saved) assembler.push(register)
  assembler.subImmediate(gp.rsp, bytes)
  body()
  assembler.zeroUpper()
  assembler.addImmediate(gp.rsp, bytes)
  for (const register of saved.toReversed()) assembler.pop(register)
  assembler.ret()
  return entry
}

/**
 * Which matrix of a batch a task is for, and which of the tasks of each matrix it is: rsi = the latter, and the place of
 * the former in the batch goes to `index`. rax, rcx and rdx are changed.
 */
export function emitMatrixOfTask(assembler: Assembler, index: number, tasksOfMatrix: number): void {
  assembler.move(gp.rax, gp.rsi)
  assembler.moveSmall(gp.rdx, 0)
  assembler.moveSmall(gp.rcx, tasksOfMatrix)
  assembler.divide(gp.rcx)
  assembler.move(index, gp.rax)
  assembler.move(gp.rsi, gp.rdx)
}

/** pointer += where the matrix of that index begins, by floats along the batch's two axes. As above. */
export function emitMatrix(
  assembler: Assembler,
  pointer: number,
  index: number,
  [, along]: BatchSizes,
  [first, second]: readonly [number, number],
): void {
  assembler.move(gp.rax, index)
  assembler.moveSmall(gp.rdx, 0)
  assembler.moveSmall(gp.rcx, along)
  assembler.divide(gp.rcx)
  assembler.scale(gp.rax, gp.rax, 4 * first)
  assembler.add(pointer, gp.rax)
  assembler.scale(gp.rdx, gp.rdx, 4 * second)
  assembler.add(pointer, gp.rdx)
}

/** register = min(register, most) */
export function clamp(assembler: Assembler, register: number, most: number): void {
  const fits = assembler.label('fits')
  assembler.compareImmediate(register, most)
  assembler.jumpIf(condition.below, fits)
  assembler.moveSmall(register, most)
  assembler.place(fits)
}

/** A loop `register` times, which is not 0; `register` counts down. */
export function countDown(assembler: Assembler, register: number, body: () => void): void {
  const loop = assembler.label('loop')
  assembler.place(loop)
  body()
  assembler.subImmediate(register, 1)
  assembler.jumpIf(condition.notEqual, loop)
}

/**
 * The tiles of a product from the number in `tile` up to one in memory, at least one: the first `higher` of all have a row
 * more than `height`.
 */
export function forEachTile(
  assembler: Assembler,
  tile: number,
  end: Operand,
  { height, higher }: { readonly height: number; readonly higher: number },
  each: (height: number) => void,
): void {
  const next = assembler.label('tile')
  const [low, ended] = [assembler.label('low'), assembler.label('ended')]
  assembler.place(next)
  if (higher > 0) {
    assembler.compareImmediate(tile, higher)
    assembler.jumpIf(condition.aboveOrEqual, low)
    each(height + 1)
    assembler.jump(ended)
    assembler.place(low)
  }
  each(height)
  assembler.place(ended)
  assembler.addImmediate(tile, 1)
  assembler.compareMemory(tile, end)
  assembler.jumpIf(condition.below, next)
}
