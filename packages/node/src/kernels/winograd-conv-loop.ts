/**
 * A convolution with windows of 3 × 3 as Winograd's F(2×2, 3×3): images (N, H, W, I), a transformed kernel (16 points,
 * panels of O, I, 16) and perhaps a bias (O) → (N, H', W', O), with relu. For each 2 × 2 pixels of the output (a square):
 * Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·d·B)]·A, summed over the input's channels; A. Lavin and S. Gray, arXiv:1509.09308.
 *
 * A task is ⌈squares / tasks⌉ squares, of all images in one row. It goes over them in blocks of `blocksOf` squares:
 *
 * 1. transforms of the block's squares, into scratch memory: transformed (16 points, squares, I)
 * 2. for each point: products (squares, O) = transformed (squares, I) · kernel (I, O). Loops: points, panels of 16
 *    columns of the kernel, tiles of six squares (product-tile.ts)
 * 3. the products are transformed back, with bias and relu, into the output
 *
 * Tails: a last block has fewer squares; its last tile multiplies rows behind the last square, which nothing reads. The
 * last panel may have eight columns (channels are multiples of eight). Pixels of the input outside of the image are read
 * from a row of zeros. A last row or column of the output that is half a square has code of its own (`emitOutput`).
 *
 * | register | transforms | products |
 * | --- | --- | --- |
 * | rbx | the square's transform, or its products | the tile's first square |
 * | r14 | squares that are left | tiles that are left |
 * | r15 | | points that are left |
 * | rbp | | the kernel's panel |
 * | r12, r13 | | the products of the tile, of the first tile |
 * | rax, rcx, rdx, r8–r11, all vectors | of winograd-squares.ts and winograd-transforms.ts | of product-tile.ts |
 *
 * The stack has `local`, the two walks over squares, and the addresses of 16 pixels. Scratch memory is a second output:
 * for each task transformed, products, and a row of zeros.
 */
import { panelColumns, points, scratchOf, type WinogradConvKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import { countDown, divideBy, emitFunction, type Loop, stackSlot, tablePointer } from './loop.ts'
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
import { emitInputTransform, emitOutputTransform, emitZeros } from './winograd-transforms.ts'

const local = {
  images: stackSlot(0),
  weights: stackSlot(1),
  bias: stackSlot(2),
  output: stackSlot(3),
  /** The task's squares behind this block, and how many the block has. */
  first: stackSlot(4),
  last: stackSlot(5),
  count: stackSlot(6),
  /** Places in the scratch memory. */
  transformed: stackSlot(7),
  products: stackSlot(8),
  zeros: stackSlot(9),
  /** The point's squares and products. */
  pointA: stackSlot(12),
  pointC: stackSlot(13),
  panelsLeft: stackSlot(14),
  /** Tiles of the block. */
  tiles: stackSlot(15),
} as const
const read: Walk = { image: stackSlot(16), row: stackSlot(17), column: stackSlot(18) }
const write: Walk = { image: stackSlot(19), row: stackSlot(20), column: stackSlot(21) }
const addresses = Array.from({ length: 16 }, (_, i) => stackSlot(22 + i))
const localBytes = 8 * 38

const [square, squaresLeft] = [gp.rbx, gp.r14]
const [tileA, tileC, tilesLeft] = [gp.rbx, gp.r12, gp.r14]
const [panel, panelC, pointsLeft] = [gp.rbp, gp.r13, gp.r15]

type Context = SquaresContext<WinogradConvKernel>

export function emitWinogradConv(assembler: Assembler, kernel: WinogradConvKernel): Loop {
  const context = squaresContext(assembler, kernel)
  const { grid, ofTask, ofBlock, inputBytes, outputBytes, maskEnd } = context
  const entry = emitFunction(assembler, localBytes, () => {
    const finished = assembler.label('finished')
    emitPointers(context)
    emitTaskStart(assembler, local, grid.total, ofTask)
    assembler.jumpIf(condition.aboveOrEqual, finished)
    startWalk(assembler, read, grid, local.first, local.images, inputBytes)
    startWalk(assembler, write, grid, local.first, local.output, outputBytes)
    forEachBlock(assembler, local, ofBlock, () => {
      emitTransforms(context)
      emitProducts(context)
      emitOutputs(context)
    })
    assembler.place(finished)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: kernel.tasks }
}

/** Pointers from the table in rdi, places in the scratch memory of the task in rsi, and its row of zeros. */
function emitPointers({ assembler, kernel, inputs, inputPointBytes, outputPointBytes }: Context): void {
  const from = [local.images, local.weights, ...(kernel.hasBias ? [local.bias] : []), local.output]
  from.forEach((place, i) => {
    copySlot(assembler, place, tablePointer(i))
  })
  emitScratch(assembler, from.length, 4 * scratchOf(kernel), [
    [local.transformed, points * inputPointBytes],
    [local.products, points * outputPointBytes],
    [local.zeros, 0],
  ])
  assembler.load(gp.rdx, local.zeros)
  emitZeros(assembler, gp.rdx, inputs)
}

/** The block's squares → transformed. */
function emitTransforms({ assembler, kernel, grid, inputs, inputBytes, inputPointBytes }: Context): void {
  const [, height, width] = kernel.input as readonly [number, number, number, number]
  const pixels = { height, width, channels: inputs, size: 4, before: kernel.before }
  assembler.load(square, local.transformed)
  assembler.load(squaresLeft, local.count)
  countDown(assembler, squaresLeft, () => {
    emitPixels(assembler, pixels, read, local.zeros, addresses)
    emitInputTransform(assembler, inputs, addresses, { register: square, pointBytes: inputPointBytes })
    assembler.addImmediate(square, 4 * inputs)
    stepWalk(assembler, read, grid, inputBytes)
  })
}

/** transformed → products, point by point. */
function emitProducts(context: Context): void {
  const { assembler, inputs, outputs, inputPointBytes, outputPointBytes } = context
  assembler.load(gp.rax, local.count)
  assembler.addImmediate(gp.rax, tileRows - 1)
  divideBy(assembler, tileRows)
  assembler.store(local.tiles, gp.rax)
  assembler.load(panel, local.weights)
  copySlot(assembler, local.pointA, local.transformed)
  copySlot(assembler, local.pointC, local.products)
  assembler.moveSmall(pointsLeft, points)
  countDown(assembler, pointsLeft, () => {
    assembler.load(panelC, local.pointC)
    forEachPanel(assembler, outputs, local.panelsLeft, (width) => {
      emitPanel(context, width)
      assembler.addImmediate(panel, 4 * panelColumns * inputs)
      assembler.addImmediate(panelC, 4 * panelColumns)
    })
    addToSlot(assembler, local.pointA, inputPointBytes)
    addToSlot(assembler, local.pointC, outputPointBytes)
  })
}

/** All tiles of the block's squares with one panel. */
function emitPanel({ assembler, inputs, outputs, maskEnd }: Context, width: number): void {
  const shape = {
    rows: tileRows,
    columns: width,
    aRow: 4 * inputs,
    aInner: 4,
    bInner: 4 * panelColumns,
  }
  assembler.load(tileA, local.pointA)
  assembler.move(tileC, panelC)
  assembler.load(tilesLeft, local.tiles)
  countDown(assembler, tilesLeft, () => {
    assembler.move(tile.a, tileA)
    assembler.move(tile.b, panel)
    assembler.moveSmall(tile.fours, Math.floor(inputs / 4))
    assembler.moveSmall(tile.ones, inputs % 4)
    emitTile(assembler, shape)
    assembler.move(tile.c, tileC)
    emitTileEnd(assembler, shape, { cRow: 4 * outputs, maskEnd })
    assembler.addImmediate(tileA, tileRows * 4 * inputs)
    assembler.addImmediate(tileC, tileRows * 4 * outputs)
  })
}

/** products → the output's pixels. */
function emitOutputs(context: Context): void {
  const { assembler, grid, outputs, outputBytes } = context
  assembler.load(square, local.products)
  assembler.load(squaresLeft, local.count)
  countDown(assembler, squaresLeft, () => {
    emitOutput(context)
    assembler.addImmediate(square, 4 * outputs)
    stepWalk(assembler, write, grid, outputBytes)
  })
}

/** The square's pixels: 2 × 2, or those inside of an output of odd height or width. */
function emitOutput(context: Context): void {
  const { assembler, kernel, grid, outputs, outputPointBytes } = context
  const { hasBias, hasRelu } = kernel
  const [, rows, columns] = kernel.output as readonly [number, number, number, number]
  const [top, bottom, bias] = [gp.rcx, gp.rdx, gp.r9]
  assembler.load(gp.rax, write.row)
  assembler.scale(top, gp.rax, 2 * 4 * columns * outputs)
  assembler.load(gp.r8, write.column)
  assembler.scale(gp.rax, gp.r8, 2 * 4 * outputs)
  assembler.add(top, gp.rax)
  assembler.load(gp.rax, write.image)
  assembler.add(top, gp.rax)
  assembler.address(bottom, { base: top, displacement: 4 * columns * outputs })
  if (hasBias) assembler.load(bias, local.bias)
  const done = assembler.label('done')
  const atRow = { slot: write.row, last: grid.rows - 1, isOdd: rows % 2 === 1, done }
  const atColumn = { slot: write.column, last: grid.columns - 1, isOdd: columns % 2 === 1, done }
  byEdge(assembler, atRow, (hasBottom) =>
    byEdge(assembler, atColumn, (hasRight) =>
      emitOutputTransform(
        assembler,
        { register: square, pointBytes: outputPointBytes },
        {
          channels: outputs,
          to: hasBottom ? [top, bottom] : [top],
          isWide: hasRight,
          bias: hasBias ? bias : undefined,
          hasRelu,
        },
      ),
    ),
  )
  assembler.place(done)
}

/** Emits `body` for whole squares, and again for a last row or column of squares that is half outside of the output. */
function byEdge(
  assembler: Assembler,
  at: { readonly slot: Operand; readonly last: number; readonly isOdd: boolean; readonly done: Label },
  body: (isWhole: boolean) => void,
): void {
  if (!at.isOdd) {
    body(true)
    return
  }
  const edge = assembler.label('edge')
  assembler.load(gp.rax, at.slot)
  assembler.compareImmediate(gp.rax, at.last)
  assembler.jumpIf(condition.equal, edge)
  body(true)
  assembler.jump(at.done)
  assembler.place(edge)
  body(false)
  assembler.jump(at.done)
}
