/**
 * The gradient of a transformed kernel of Winograd's F(2×2, 3×3): images (N, H, W, I) and the cotangent (N, H', W', O) of
 * their convolution → (tasks, 16 points, I, O), where each task's part is Σ (Bᵀ·d·B)ᵀ · (A·g·Aᵀ) at each point, over its
 * squares; winograd-gradient-sum-loop.ts adds the parts and transforms them back.
 *
 * A task is ⌈squares / tasks⌉ squares, of all images in one row. It goes over them in blocks of `blocksOf` squares:
 *
 * 1. transforms of the block's squares of the input and of the cotangent, into scratch memory: transformed (16 points,
 *    squares, I) and spread (16 points, squares, O)
 * 2. for each point: gradient (I, O) = or += transformedᵀ (I, squares) · spread (squares, O). Loops: points, panels of
 *    16 outputs, tiles of six inputs (product-tile.ts)
 *
 * Tails: a last block has fewer squares. Inputs that are no multiple of six have a last tile of their own, outputs that
 * are no multiple of 16 a last panel. Pixels outside of an image are read from a row of zeros. A task without squares
 * writes zeros.
 *
 * | register | transforms | products |
 * | --- | --- | --- |
 * | rbx, rbp | the square's place in transformed, in spread | the tile's inputs; the panel's outputs |
 * | r12, r13 | | the tile's gradient; the gradient at this point |
 * | r14 | squares that are left | tiles that are left |
 * | r15 | | points that are left |
 * | rax, rcx, rdx, r8–r11, all vectors | of winograd-squares.ts and winograd-transforms.ts | of product-tile.ts |
 *
 * The stack has `local`, the two walks over squares, and the addresses of 16 pixels. Scratch memory is a second output:
 * for each task transformed, spread, and a row of zeros.
 */
import { panelColumns, points, scratchOf, type WinogradGradientKernel } from 'typegrad/engine'
import { type Assembler, condition, gp } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import { choose, countDown, emitFunction, type Loop, stackSlot, tablePointer } from './loop.ts'
import { emitTile, emitTileEnd, tile, tileRows } from './product-tile.ts'
import {
  addToSlot,
  copySlot,
  emitScratch,
  emitTaskStart,
  forEachBlock,
  forEachPanel,
  type SquaresContext,
  squaresContext,
} from './winograd-blocks.ts'
import { emitPixels, startWalk, stepWalk, type Walk } from './winograd-squares.ts'
import { emitCotangentTransform, emitInputTransform, emitZeros } from './winograd-transforms.ts'

const local = {
  images: stackSlot(0),
  cotangents: stackSlot(1),
  /** The task's own gradient. */
  gradient: stackSlot(2),
  /** The task's squares behind this block, and how many the block has. */
  first: stackSlot(3),
  last: stackSlot(4),
  count: stackSlot(5),
  /** Places in the scratch memory. */
  transformed: stackSlot(6),
  spread: stackSlot(7),
  zeros: stackSlot(8),
  /** 1 for the task's first block, which has nothing to add to. */
  isFirst: stackSlot(9),
  /** The point's transformed and spread squares. */
  pointA: stackSlot(10),
  pointB: stackSlot(11),
  panelsLeft: stackSlot(12),
  /** The panel's columns of the gradient at this point. */
  column: stackSlot(13),
} as const
const input: Walk = { image: stackSlot(14), row: stackSlot(15), column: stackSlot(16) }
const output: Walk = { image: stackSlot(17), row: stackSlot(18), column: stackSlot(19) }
const addresses = Array.from({ length: 16 }, (_, i) => stackSlot(20 + i))
const localBytes = 8 * 36

const [transformed, spread, squaresLeft] = [gp.rbx, gp.rbp, gp.r14]
const [tileA, panel, tileC, tilesLeft] = [gp.rbx, gp.rbp, gp.r12, gp.r14]
const [pointGradient, pointsLeft] = [gp.r13, gp.r15]

type Context = SquaresContext<WinogradGradientKernel>

export function emitWinogradGradient(assembler: Assembler, kernel: WinogradGradientKernel): Loop {
  const context = squaresContext(assembler, kernel)
  const { grid, ofTask, inputs, outputs, maskEnd } = context
  const entry = emitFunction(assembler, localBytes, () => {
    emitPointers(context)
    emitTaskStart(assembler, local, grid.total, ofTask)
    choose(assembler, condition.below, {
      fails: () => {
        assembler.load(gp.rdx, local.gradient)
        emitZeros(assembler, gp.rdx, points * inputs * outputs)
      },
      holds: () => emitBlocks(context),
    })
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: kernel.tasks }
}

/** Pointers from the table in rdi, places in the scratch memory of the task in rsi, and its row of zeros. */
function emitPointers({
  assembler,
  kernel,
  inputs,
  outputs,
  inputPointBytes,
  outputPointBytes,
}: Context): void {
  ;[local.images, local.cotangents, local.gradient].forEach((place, i) => {
    copySlot(assembler, place, tablePointer(i))
  })
  // Each task has a gradient of its own: rax is that of the first one.
  assembler.scale(gp.rcx, gp.rsi, 4 * points * inputs * outputs)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(local.gradient, gp.rax)
  emitScratch(assembler, 3, 4 * scratchOf(kernel), [
    [local.transformed, points * inputPointBytes],
    [local.spread, points * outputPointBytes],
    [local.zeros, 0],
  ])
  assembler.load(gp.rdx, local.zeros)
  emitZeros(assembler, gp.rdx, Math.max(inputs, outputs))
}

function emitBlocks(context: Context): void {
  const { assembler, grid, ofBlock, inputBytes, outputBytes } = context
  assembler.moveSmall(gp.rax, 1)
  assembler.store(local.isFirst, gp.rax)
  startWalk(assembler, input, grid, local.first, local.images, inputBytes)
  startWalk(assembler, output, grid, local.first, local.cotangents, outputBytes)
  forEachBlock(assembler, local, ofBlock, () => {
    emitTransforms(context)
    emitProducts(context)
    assembler.moveSmall(gp.rax, 0)
    assembler.store(local.isFirst, gp.rax)
  })
}

/** The block's squares → transformed and spread. */
function emitTransforms(context: Context): void {
  const { assembler, kernel, grid, inputs, outputs, inputPointBytes, outputPointBytes } = context
  const [, height, width] = kernel.input as readonly [number, number, number, number]
  const [, rows, columns] = kernel.output as readonly [number, number, number, number]
  const pixels = { height, width, channels: inputs, size: 4, before: kernel.before }
  const cotangents = { height: rows, width: columns, channels: outputs, size: 2, before: [0, 0] } as const
  assembler.load(transformed, local.transformed)
  assembler.load(spread, local.spread)
  assembler.load(squaresLeft, local.count)
  countDown(assembler, squaresLeft, () => {
    emitPixels(assembler, pixels, input, local.zeros, addresses)
    emitInputTransform(assembler, inputs, addresses, { register: transformed, pointBytes: inputPointBytes })
    emitPixels(assembler, cotangents, output, local.zeros, addresses)
    emitCotangentTransform(assembler, outputs, addresses, { register: spread, pointBytes: outputPointBytes })
    assembler.addImmediate(transformed, 4 * inputs)
    assembler.addImmediate(spread, 4 * outputs)
    stepWalk(assembler, input, grid, context.inputBytes)
    stepWalk(assembler, output, grid, context.outputBytes)
  })
}

/** transformed and spread → the gradient, point by point. */
function emitProducts(context: Context): void {
  const { assembler, inputs, outputs, inputPointBytes, outputPointBytes } = context
  copySlot(assembler, local.pointA, local.transformed)
  copySlot(assembler, local.pointB, local.spread)
  assembler.load(pointGradient, local.gradient)
  assembler.moveSmall(pointsLeft, points)
  countDown(assembler, pointsLeft, () => {
    assembler.load(panel, local.pointB)
    assembler.move(gp.rax, pointGradient)
    assembler.store(local.column, gp.rax)
    forEachPanel(assembler, outputs, local.panelsLeft, (width) => {
      emitPanel(context, width)
      assembler.addImmediate(panel, 4 * panelColumns)
      addToSlot(assembler, local.column, 4 * panelColumns)
    })
    assembler.addImmediate(pointGradient, 4 * inputs * outputs)
    addToSlot(assembler, local.pointA, inputPointBytes)
    addToSlot(assembler, local.pointB, outputPointBytes)
  })
}

/** All tiles of inputs with one panel of outputs. */
function emitPanel(context: Context, width: number): void {
  const { assembler, inputs, outputs } = context
  assembler.load(tileA, local.pointA)
  assembler.load(tileC, local.column)
  const whole = Math.floor(inputs / tileRows)
  if (whole > 0) {
    assembler.moveSmall(tilesLeft, whole)
    countDown(assembler, tilesLeft, () => {
      emitOneTile(context, tileRows, width)
      assembler.addImmediate(tileA, 4 * tileRows)
      assembler.addImmediate(tileC, 4 * tileRows * outputs)
    })
  }
  if (inputs % tileRows > 0) emitOneTile(context, inputs % tileRows, width)
}

/** gradient (rows, width) = or += the tile's sums over the block's squares. */
function emitOneTile({ assembler, inputs, outputs, maskEnd }: Context, rows: number, width: number): void {
  const shape = { rows, columns: width, aRow: 4, aInner: 4 * inputs, bInner: 4 * outputs }
  const end = { cRow: 4 * outputs, maskEnd }
  assembler.move(tile.a, tileA)
  assembler.move(tile.b, panel)
  assembler.load(tile.fours, local.count)
  assembler.move(tile.ones, tile.fours)
  assembler.shiftRight(tile.fours, 2)
  assembler.andImmediate(tile.ones, 3)
  emitTile(assembler, shape)
  assembler.move(tile.c, tileC)
  assembler.load(gp.rax, local.isFirst)
  assembler.test(gp.rax)
  choose(assembler, condition.notEqual, {
    fails: () => emitTileEnd(assembler, shape, { ...end, adds: 'c' }),
    holds: () => emitTileEnd(assembler, shape, end),
  })
}
