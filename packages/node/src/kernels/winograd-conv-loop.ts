import {
  blocksOf,
  gridOf,
  panelColumns,
  panelsOf,
  points,
  scratchOf,
  type WinogradConvKernel,
} from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'
import { emitTile, emitTileEnd, tile, tileRows } from './product-tile.ts'
import {
  atChannel,
  emitInputTransform,
  emitPixels,
  overChannels,
  startWalk,
  stepWalk,
  type Walk,
} from './winograd-squares.ts'

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = {
  images: at(0),
  weights: at(1),
  bias: at(2),
  output: at(3),
  first: at(4),
  last: at(5),
  count: at(6),
  transformed: at(7),
  products: at(8),
  zeros: at(9),
  left: at(10),
  pointsLeft: at(11),
  pointA: at(12),
  pointC: at(13),
  panelsLeft: at(14),
  tiles: at(15),
} as const
const read: Walk = { image: at(16), row: at(17), column: at(18) }
const write: Walk = { image: at(19), row: at(20), column: at(21) }
const addresses = Array.from({ length: 16 }, (_, i) => at(22 + i))
const localBytes = 8 * 38

/** A task walks over its squares in blocks: transforms of the input, their products with the kernel's, and back. */
export function emitWinogradConv(assembler: Assembler, kernel: WinogradConvKernel): Loop {
  const { input, output, before, hasBias, tasks } = kernel
  const [, height, width, inputs] = input as readonly [number, number, number, number]
  const [, rows, columns, outputs] = output as readonly [number, number, number, number]
  const grid = gridOf(kernel)
  const { ofTask, ofBlock } = blocksOf(kernel)
  const [imageBytes, outputBytes] = [4 * height * width * inputs, 4 * rows * columns * outputs]
  /** From one point of transformed squares to the next, in the input's and in the products'. */
  const [pointBytes, productBytes] = [4 * ofBlock * inputs, 4 * ofBlock * outputs]
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, localBytes, () => {
    emitPointers(assembler, kernel)
    emitTaskStart(assembler, local, grid.total, ofTask)
    const finished = assembler.label('finished')
    assembler.jumpIf(condition.aboveOrEqual, finished)
    startWalk(assembler, read, grid, local.first, local.images, imageBytes)
    startWalk(assembler, write, grid, local.first, local.output, outputBytes)

    const nextBlock = assembler.label('block')
    assembler.place(nextBlock)
    emitBlockStart(assembler, local, ofBlock)

    assembler.load(gp.rbx, local.transformed)
    assembler.load(gp.r14, local.count)
    countDown(assembler, gp.r14, () => {
      emitPixels(
        assembler,
        { height, width, channels: inputs, size: 4, before },
        read,
        local.zeros,
        addresses,
      )
      emitInputTransform(assembler, inputs, addresses, gp.rbx, pointBytes)
      assembler.addImmediate(gp.rbx, 4 * inputs)
      stepWalk(assembler, read, grid, imageBytes)
    })

    emitProducts()

    assembler.load(gp.rbx, local.products)
    assembler.load(gp.r14, local.count)
    countDown(assembler, gp.r14, () => {
      emitOutput()
      assembler.addImmediate(gp.rbx, 4 * outputs)
      stepWalk(assembler, write, grid, outputBytes)
    })

    assembler.load(gp.rax, local.first)
    assembler.compareMemory(gp.rax, local.last)
    assembler.jumpIf(condition.below, nextBlock)
    assembler.place(finished)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks }

  /** For each point: squares (count, I) · kernel (I, O). Rows behind the last square are multiplied and never read. */
  function emitProducts(): void {
    const panels = panelsOf('narrow', outputs)
    // Tiles of six rows.
    assembler.load(gp.rax, local.count)
    assembler.addImmediate(gp.rax, tileRows - 1)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, tileRows)
    assembler.divide(gp.rcx)
    assembler.store(local.tiles, gp.rax)
    assembler.load(gp.rbp, local.weights)
    for (const [from, to] of [
      [local.transformed, local.pointA],
      [local.products, local.pointC],
    ] as const) {
      assembler.load(gp.rax, from)
      assembler.store(to, gp.rax)
    }
    assembler.moveSmall(gp.r15, points)
    countDown(assembler, gp.r15, () => {
      assembler.load(gp.r13, local.pointC)
      const panel = (wide: number): void => {
        assembler.load(gp.rbx, local.pointA)
        assembler.move(gp.r12, gp.r13)
        assembler.load(gp.r14, local.tiles)
        countDown(assembler, gp.r14, () => {
          const shape = {
            rows: tileRows,
            columns: wide,
            aRow: 4 * inputs,
            aInner: 4,
            bInner: 4 * panelColumns,
          }
          assembler.move(tile.a, gp.rbx)
          assembler.move(tile.b, gp.rbp)
          assembler.moveSmall(tile.fours, Math.floor(inputs / 4))
          assembler.moveSmall(tile.ones, inputs % 4)
          emitTile(assembler, shape)
          assembler.move(tile.c, gp.r12)
          emitTileEnd(assembler, shape, { cRow: 4 * outputs, maskEnd })
          assembler.addImmediate(gp.rbx, tileRows * 4 * inputs)
          assembler.addImmediate(gp.r12, tileRows * 4 * outputs)
        })
        assembler.addImmediate(gp.rbp, 4 * panelColumns * inputs)
        assembler.addImmediate(gp.r13, 4 * panelColumns)
      }
      const whole = Math.floor(outputs / panelColumns)
      if (whole > 0) {
        assembler.moveSmall(gp.rax, whole)
        assembler.store(local.panelsLeft, gp.rax)
        const loop = assembler.label('panel')
        assembler.place(loop)
        panel(panelColumns)
        assembler.load(gp.rax, local.panelsLeft)
        assembler.subImmediate(gp.rax, 1)
        assembler.store(local.panelsLeft, gp.rax)
        assembler.test(gp.rax)
        assembler.jumpIf(condition.notEqual, loop)
      }
      if (panels > whole) panel(outputs % panelColumns)
      for (const [place, bytes] of [
        [local.pointA, pointBytes],
        [local.pointC, productBytes],
      ] as const) {
        assembler.load(gp.rax, place)
        assembler.addImmediate(gp.rax, bytes)
        assembler.store(place, gp.rax)
      }
    })
  }

  /** Aᵀ·m·A: 16 points of the products → up to 2 × 2 pixels of the output. */
  function emitOutput(): void {
    const [top, bottom] = [gp.rcx, gp.rdx]
    assembler.load(gp.rax, write.row)
    assembler.scale(top, gp.rax, 2 * 4 * columns * outputs)
    assembler.load(gp.r8, write.column)
    assembler.scale(gp.rax, gp.r8, 2 * 4 * outputs)
    assembler.add(top, gp.rax)
    assembler.load(gp.rax, write.image)
    assembler.add(top, gp.rax)
    assembler.address(bottom, { base: top, displacement: 4 * columns * outputs })
    if (hasBias) assembler.load(gp.r9, local.bias)
    const pixels = (hasBottom: boolean, hasRight: boolean): void =>
      emitOutputTransform(assembler, {
        channels: outputs,
        from: gp.rbx,
        pointBytes: productBytes,
        to: hasBottom ? [top, bottom] : [top],
        isWide: hasRight,
        bias: hasBias ? gp.r9 : undefined,
        hasRelu: kernel.hasRelu,
      })
    const done = assembler.label('done')
    /** Runs `edge` for a last row or column that is half outside of the output, `body` otherwise. */
    const byEdge = (isOdd: boolean, place: Operand, last: number, body: (isWhole: boolean) => void): void => {
      if (!isOdd) {
        body(true)
        return
      }
      const edge = assembler.label('edge')
      assembler.load(gp.rax, place)
      assembler.compareImmediate(gp.rax, last)
      assembler.jumpIf(condition.equal, edge)
      body(true)
      assembler.jump(done)
      assembler.place(edge)
      body(false)
      assembler.jump(done)
    }
    byEdge(rows % 2 === 1, write.row, grid.rows - 1, (hasBottom) =>
      byEdge(columns % 2 === 1, write.column, grid.columns - 1, (hasRight) => pixels(hasBottom, hasRight)),
    )
    assembler.place(done)
  }
}

/** Pointers from the table in rdi, the task's number from rsi; scratch memory is the last output. */
function emitPointers(assembler: Assembler, kernel: WinogradConvKernel): void {
  const { hasBias } = kernel
  const [inputs, outputs] = [kernel.input[3] as number, kernel.output[3] as number]
  const { ofBlock } = blocksOf(kernel)
  const from = [local.images, local.weights, ...(hasBias ? [local.bias] : []), local.output]
  from.forEach((place, i) => {
    assembler.load(gp.rax, { base: gp.rdi, displacement: 8 * i })
    assembler.store(place, gp.rax)
  })
  emitScratch(assembler, from.length, 4 * scratchOf(kernel), [
    [local.transformed, 4 * points * ofBlock * inputs],
    [local.products, 4 * points * ofBlock * outputs],
    [local.zeros, 0],
  ])
  assembler.load(gp.rdx, local.zeros)
  emitZeros(assembler, gp.rdx, inputs)
}

/** Places in a task's part of the scratch memory, one after the other. */
export function emitScratch(
  assembler: Assembler,
  pointer: number,
  bytesOfTask: number,
  places: readonly (readonly [place: Operand, bytes: number])[],
): void {
  assembler.load(gp.rax, { base: gp.rdi, displacement: 8 * pointer })
  assembler.scale(gp.rcx, gp.rsi, bytesOfTask)
  assembler.add(gp.rax, gp.rcx)
  for (const [place, bytes] of places) {
    assembler.store(place, gp.rax)
    assembler.addImmediate(gp.rax, bytes)
  }
}

/** Zeros for all channels, from the address in a register on. */
export function emitZeros(assembler: Assembler, register: number, channels: number): void {
  assembler.vector(vector.xor, 0, 0, 0)
  overChannels(assembler, channels, () => assembler.vectorMemory(vector.store, 0, 0, atChannel(register)))
}

/** First and last square of the task in rsi; flags say whether there is one (below). */
export function emitTaskStart(
  assembler: Assembler,
  { first, last }: { readonly first: Operand; readonly last: Operand },
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

/** count = squares of the next block; first moves on. */
export function emitBlockStart(
  assembler: Assembler,
  { first, last, count }: { readonly first: Operand; readonly last: Operand; readonly count: Operand },
  ofBlock: number,
): void {
  assembler.load(gp.rax, last)
  assembler.load(gp.rcx, first)
  assembler.sub(gp.rax, gp.rcx)
  clamp(assembler, gp.rax, ofBlock)
  assembler.store(count, gp.rax)
  assembler.add(gp.rcx, gp.rax)
  assembler.store(first, gp.rcx)
}

function emitOutputTransform(
  assembler: Assembler,
  {
    channels,
    from,
    pointBytes,
    to,
    isWide,
    bias,
    hasRelu,
  }: {
    readonly channels: number
    readonly from: number
    readonly pointBytes: number
    /** Addresses of one or two rows of pixels. */
    readonly to: readonly number[]
    /** Whether there are two pixels in a row. */
    readonly isWide: boolean
    readonly bias: number | undefined
    readonly hasRelu: boolean
  },
): void {
  const v = assembler.vector.bind(assembler)
  const point = (row: number, column: number): Operand => atChannel(from, (4 * row + column) * pointBytes)
  const zero = 15
  if (hasRelu) v(vector.xor, zero, zero, zero)
  overChannels(assembler, channels, () => {
    // Four columns: m0 + m1 + m2, and m1 − m2 − m3.
    for (let column = 0; column < 4; column++) {
      const [sum, difference, m2] = [column, 4 + column, 8]
      assembler.vectorMemory(vector.load, difference, 0, point(1, column))
      assembler.vectorMemory(vector.load, m2, 0, point(2, column))
      v(vector.add, sum, difference, m2)
      assembler.vectorMemory(vector.add, sum, sum, point(0, column))
      if (to.length < 2) continue
      v(vector.sub, difference, difference, m2)
      assembler.vectorMemory(vector.sub, difference, difference, point(3, column))
    }
    if (bias !== undefined) assembler.vectorMemory(vector.load, 14, 0, atChannel(bias))
    to.forEach((row, i) => {
      const [s0, s1, s2, s3] = [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3]
      const [left, right] = [8, 9]
      v(vector.add, left, s1, s2)
      v(vector.add, left, left, s0)
      if (isWide) {
        v(vector.sub, right, s1, s2)
        v(vector.sub, right, right, s3)
      }
      ;(isWide ? [left, right] : [left]).forEach((value, column) => {
        if (bias !== undefined) v(vector.add, value, value, 14)
        // NaN passes: the second operand wins.
        if (hasRelu) v(vector.max, value, zero, value)
        assembler.vectorMemory(vector.store, value, 0, atChannel(row, 4 * column * channels))
      })
    })
  })
}
