/**
 * What the loops of winogradConv and winogradGradient share: sizes, a task's part of the scratch memory, its squares and their
 * blocks, and the loop over the panels of a product. All of it changes rax, some rcx.
 */
import {
  blocksOf,
  gridOf,
  panelColumns,
  type WinogradConvKernel,
  type WinogradGradientKernel,
} from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand } from '../assembler/assembler.ts'
import { clamp, tablePointer } from './loop.ts'
import type { Grid } from './winograd-squares.ts'

/** What the code of a loop over squares is emitted for. */
export interface SquaresContext<K> {
  readonly assembler: Assembler
  readonly kernel: K
  readonly maskEnd: Label
  readonly grid: Grid & { readonly total: number }
  /** The largest numbers of squares. */
  readonly ofTask: number
  readonly ofBlock: number
  readonly inputs: number
  readonly outputs: number
  /** Of an image of the input, and of the output or its cotangent. */
  readonly inputBytes: number
  readonly outputBytes: number
  /** From one point to the next, in squares with the channels of the input, and in those with the output's. */
  readonly inputPointBytes: number
  readonly outputPointBytes: number
}

export function squaresContext<K extends WinogradConvKernel | WinogradGradientKernel>(
  assembler: Assembler,
  kernel: K,
): SquaresContext<K> {
  const [, height, width, inputs] = kernel.input as readonly [number, number, number, number]
  const [, rows, columns, outputs] = kernel.output as readonly [number, number, number, number]
  const { ofTask, ofBlock } = blocksOf(kernel)
  return {
    assembler,
    kernel,
    maskEnd: assembler.label('mask'),
    grid: gridOf(kernel),
    ofTask,
    ofBlock,
    inputs,
    outputs,
    inputBytes: 4 * height * width * inputs,
    outputBytes: 4 * rows * columns * outputs,
    inputPointBytes: 4 * ofBlock * inputs,
    outputPointBytes: 4 * ofBlock * outputs,
  }
}

/** Stores the addresses of places in the part of the scratch memory that the task in rsi has, one behind the other. */
export function emitScratch(
  assembler: Assembler,
  pointer: number,
  bytesOfTask: number,
  places: readonly (readonly [place: Operand, bytes: number])[],
): void {
  assembler.load(gp.rax, tablePointer(pointer))
  assembler.scale(gp.rcx, gp.rsi, bytesOfTask)
  assembler.add(gp.rax, gp.rcx)
  for (const [place, bytes] of places) {
    assembler.store(place, gp.rax)
    assembler.addImmediate(gp.rax, bytes)
  }
}

/** The task's squares that are left, on the stack: the first one, and the one behind the last. */
export interface Squares {
  readonly first: Operand
  readonly last: Operand
}

/** The squares of the task in rsi; then it has some if `condition.below` holds. */
export function emitTaskStart(
  assembler: Assembler,
  { first, last }: Squares,
  total: number,
  ofTask: number,
): void {
  assembler.scale(gp.rax, gp.rsi, ofTask)
  assembler.store(first, gp.rax)
  assembler.addImmediate(gp.rax, ofTask)
  clamp(assembler, gp.rax, total)
  assembler.store(last, gp.rax)
  assembler.load(gp.rcx, first)
  assembler.compare(gp.rcx, gp.rax)
}

/** Runs `body` for blocks of the task's squares, of which there is one; `count` = how many squares the block has. */
export function forEachBlock(
  assembler: Assembler,
  { first, last, count }: Squares & { readonly count: Operand },
  ofBlock: number,
  body: () => void,
): void {
  const next = assembler.label('block')
  assembler.place(next)
  assembler.load(gp.rax, last)
  assembler.load(gp.rcx, first)
  assembler.sub(gp.rax, gp.rcx)
  clamp(assembler, gp.rax, ofBlock)
  assembler.store(count, gp.rax)
  assembler.add(gp.rcx, gp.rax)
  assembler.store(first, gp.rcx)
  body()
  assembler.load(gp.rax, first)
  assembler.compareMemory(gp.rax, last)
  assembler.jumpIf(condition.below, next)
}

/** Runs `body` for each panel of so many columns; the code of the last one differs where it has fewer than 16. */
export function forEachPanel(
  assembler: Assembler,
  columns: number,
  panelsLeft: Operand,
  body: (width: number) => void,
): void {
  const whole = Math.floor(columns / panelColumns)
  if (whole > 0) {
    const next = assembler.label('panel')
    assembler.moveSmall(gp.rax, whole)
    assembler.store(panelsLeft, gp.rax)
    assembler.place(next)
    body(panelColumns)
    assembler.load(gp.rax, panelsLeft)
    assembler.subImmediate(gp.rax, 1)
    assembler.store(panelsLeft, gp.rax)
    assembler.test(gp.rax)
    assembler.jumpIf(condition.notEqual, next)
  }
  if (columns % panelColumns > 0) body(columns % panelColumns)
}

/** to = from, for words on the stack. */
export function copySlot(assembler: Assembler, to: Operand, from: Operand): void {
  assembler.load(gp.rax, from)
  assembler.store(to, gp.rax)
}

/** slot += value, for a word on the stack. */
export function addToSlot(assembler: Assembler, slot: Operand, value: number): void {
  assembler.load(gp.rax, slot)
  assembler.addImmediate(gp.rax, value)
  assembler.store(slot, gp.rax)
}
