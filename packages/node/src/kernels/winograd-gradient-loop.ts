import {
  blocksOf,
  gridOf,
  panelColumns,
  points,
  scratchOf,
  type WinogradGradientKernel,
} from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand } from '../assembler/assembler.ts'
import { emitMasks } from '../assembler/constant-pool.ts'
import { countDown, emitFunction, type Loop } from './loop.ts'
import { emitTile, emitTileEnd, tile, tileRows } from './product-tile.ts'
import { emitBlockStart, emitScratch, emitTaskStart, emitZeros } from './winograd-conv-loop.ts'
import {
  emitCotangentTransform,
  emitInputTransform,
  emitPixels,
  startWalk,
  stepWalk,
  type Walk,
} from './winograd-squares.ts'

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = {
  images: at(0),
  cotangents: at(1),
  gradient: at(2),
  first: at(3),
  last: at(4),
  count: at(5),
  transformed: at(6),
  spread: at(7),
  zeros: at(8),
  isFirst: at(9),
  pointA: at(10),
  pointB: at(11),
  panelsLeft: at(12),
  column: at(13),
} as const
const input: Walk = { image: at(14), row: at(15), column: at(16) }
const output: Walk = { image: at(17), row: at(18), column: at(19) }
const addresses = Array.from({ length: 16 }, (_, i) => at(20 + i))
const localBytes = 8 * 36

/** A task adds up Σ (transformed square)ᵀ · (transformed cotangent), for each of the points, over its squares. */
export function emitWinogradGradient(assembler: Assembler, kernel: WinogradGradientKernel): Loop {
  const { before, tasks } = kernel
  const [, height, width, inputs] = kernel.input as readonly [number, number, number, number]
  const [, rows, columns, outputs] = kernel.output as readonly [number, number, number, number]
  const grid = gridOf(kernel)
  const { ofTask, ofBlock } = blocksOf(kernel)
  const [imageBytes, cotangentBytes] = [4 * height * width * inputs, 4 * rows * columns * outputs]
  const [pointBytes, spreadBytes] = [4 * ofBlock * inputs, 4 * ofBlock * outputs]
  const gradientBytes = 4 * points * inputs * outputs
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, localBytes, () => {
    ;[local.images, local.cotangents, local.gradient].forEach((place, i) => {
      assembler.load(gp.rax, { base: gp.rdi, displacement: 8 * i })
      assembler.store(place, gp.rax)
    })
    // Each task has a gradient of its own.
    assembler.scale(gp.rcx, gp.rsi, gradientBytes)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.gradient, gp.rax)
    emitScratch(assembler, 3, 4 * scratchOf(kernel), [
      [local.transformed, points * pointBytes],
      [local.spread, points * spreadBytes],
      [local.zeros, 0],
    ])
    assembler.load(gp.rdx, local.zeros)
    emitZeros(assembler, gp.rdx, Math.max(inputs, outputs))
    const [work, finished] = [assembler.label('work'), assembler.label('finished')]
    emitTaskStart(assembler, local, grid.total, ofTask)
    assembler.jumpIf(condition.below, work)
    // A task without squares has a gradient of zeros.
    assembler.load(gp.rdx, local.gradient)
    emitZeros(assembler, gp.rdx, points * inputs * outputs)
    assembler.jump(finished)
    assembler.place(work)
    assembler.moveSmall(gp.rax, 1)
    assembler.store(local.isFirst, gp.rax)
    startWalk(assembler, input, grid, local.first, local.images, imageBytes)
    startWalk(assembler, output, grid, local.first, local.cotangents, cotangentBytes)

    const nextBlock = assembler.label('block')
    assembler.place(nextBlock)
    emitBlockStart(assembler, local, ofBlock)
    assembler.load(gp.rbx, local.transformed)
    assembler.load(gp.rbp, local.spread)
    assembler.load(gp.r14, local.count)
    countDown(assembler, gp.r14, () => {
      const pixels = { height, width, channels: inputs, size: 4, before }
      emitPixels(assembler, pixels, input, local.zeros, addresses)
      emitInputTransform(assembler, inputs, addresses, gp.rbx, pointBytes)
      const cotangents = { height: rows, width: columns, channels: outputs, size: 2, before: [0, 0] } as const
      emitPixels(assembler, cotangents, output, local.zeros, addresses)
      emitCotangentTransform(assembler, outputs, addresses, gp.rbp, spreadBytes)
      assembler.addImmediate(gp.rbx, 4 * inputs)
      assembler.addImmediate(gp.rbp, 4 * outputs)
      stepWalk(assembler, input, grid, imageBytes)
      stepWalk(assembler, output, grid, cotangentBytes)
    })
    emitProducts()
    assembler.moveSmall(gp.rax, 0)
    assembler.store(local.isFirst, gp.rax)
    assembler.load(gp.rax, local.first)
    assembler.compareMemory(gp.rax, local.last)
    assembler.jumpIf(condition.below, nextBlock)
    assembler.place(finished)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks }

  function emitProducts(): void {
    for (const [from, to] of [
      [local.transformed, local.pointA],
      [local.spread, local.pointB],
    ] as const) {
      assembler.load(gp.rax, from)
      assembler.store(to, gp.rax)
    }
    // r13: the gradient at this point.
    assembler.load(gp.r13, local.gradient)
    assembler.moveSmall(gp.r15, points)
    countDown(assembler, gp.r15, () => {
      // rbp: b's panel, and the column at which it begins.
      assembler.load(gp.rbp, local.pointB)
      assembler.move(gp.rax, gp.r13)
      assembler.store(local.column, gp.rax)
      const panel = (wide: number): void => {
        assembler.load(gp.rbx, local.pointA)
        assembler.load(gp.r12, local.column)
        const one = (ofRows: number): void => {
          const shape = {
            rows: ofRows,
            columns: wide,
            aRow: 4,
            aInner: 4 * inputs,
            bInner: 4 * outputs,
          }
          assembler.move(tile.a, gp.rbx)
          assembler.move(tile.b, gp.rbp)
          assembler.load(tile.fours, local.count)
          assembler.move(tile.ones, tile.fours)
          assembler.shiftRight(tile.fours, 2)
          assembler.andImmediate(tile.ones, 3)
          emitTile(assembler, shape)
          assembler.move(tile.c, gp.r12)
          const [first, done] = [assembler.label('first'), assembler.label('done')]
          assembler.load(gp.rax, local.isFirst)
          assembler.test(gp.rax)
          assembler.jumpIf(condition.notEqual, first)
          emitTileEnd(assembler, shape, { cRow: 4 * outputs, adds: 'c', maskEnd })
          assembler.jump(done)
          assembler.place(first)
          emitTileEnd(assembler, shape, { cRow: 4 * outputs, maskEnd })
          assembler.place(done)
        }
        const whole = Math.floor(inputs / tileRows)
        if (whole > 0) {
          assembler.moveSmall(gp.r14, whole)
          countDown(assembler, gp.r14, () => {
            one(tileRows)
            assembler.addImmediate(gp.rbx, 4 * tileRows)
            assembler.addImmediate(gp.r12, 4 * tileRows * outputs)
          })
        }
        if (inputs % tileRows > 0) one(inputs % tileRows)
        assembler.addImmediate(gp.rbp, 4 * panelColumns)
        assembler.load(gp.rax, local.column)
        assembler.addImmediate(gp.rax, 4 * panelColumns)
        assembler.store(local.column, gp.rax)
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
      if (outputs % panelColumns > 0) panel(outputs % panelColumns)
      assembler.addImmediate(gp.r13, 4 * inputs * outputs)
      for (const [place, bytes] of [
        [local.pointA, pointBytes],
        [local.pointB, spreadBytes],
      ] as const) {
        assembler.load(gp.rax, place)
        assembler.addImmediate(gp.rax, bytes)
        assembler.store(place, gp.rax)
      }
    })
  }
}
