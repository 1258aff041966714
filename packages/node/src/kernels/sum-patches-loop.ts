import { patchesShape, type SumPatchesKernel, sizeOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'

/** Floats that one task writes. */
const taskElements = 1 << 14

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = { patches: at(0), image: at(1), row: at(2), column: at(3), last: at(4) } as const
const headBytes = 48

/** Registers: the pixel and where its sums go; how many windows see it. */
const [pixel, to, channel, found] = [gp.r12, gp.rbp, gp.r11, gp.r15]

/** For each pixel, the addresses of what windows say of it, and then their sum over all channels. */
export function emitSumPatches(assembler: Assembler, kernel: SumPatchesKernel): Loop {
  const { images, places, window, strides, dilation, before } = kernel
  const [, height, width, channels] = images as readonly [number, number, number, number]
  const pixels = sizeOf(images) / channels
  const pixelsOfTask = Math.max(1, Math.floor(taskElements / channels))
  const patchBytes = 4 * (patchesShape(kernel, 1)[1] as number)
  const maskEnd = assembler.label('mask')
  const rest = channels % lanes
  const [sum, value, mask] = [0, 1, 15]
  const frame = headBytes + 8 * window[0] * window[1]

  const entry = emitFunction(assembler, Math.ceil(frame / 16) * 16, () => {
    assembler.load(gp.rax, { base: gp.rdi, displacement: 0 })
    assembler.store(local.patches, gp.rax)
    assembler.load(to, { base: gp.rdi, displacement: 8 })
    assembler.scale(pixel, gp.rsi, pixelsOfTask)
    assembler.scale(gp.rax, pixel, 4 * channels)
    assembler.add(to, gp.rax)
    assembler.move(gp.rax, pixel)
    assembler.addImmediate(gp.rax, pixelsOfTask)
    clamp(assembler, gp.rax, pixels)
    assembler.store(local.last, gp.rax)
    if (rest > 0) {
      assembler.address(gp.rax, { label: maskEnd })
      assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * rest })
    }
    const next = assembler.label('pixel')
    assembler.place(next)
    emitPlace()
    emitAddresses()
    emitSums()
    assembler.addImmediate(to, 4 * channels)
    assembler.addImmediate(pixel, 1)
    assembler.compareMemory(pixel, local.last)
    assembler.jumpIf(condition.below, next)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(pixels / pixelsOfTask) }

  /** The pixel's row and column as windows count them, and the image's patches. */
  function emitPlace(): void {
    const remainder = (of: number, to: Operand, ahead: number): void => {
      assembler.moveSmall(gp.rdx, 0)
      assembler.moveSmall(gp.rcx, of)
      assembler.divide(gp.rcx)
      if (ahead > 0) assembler.addImmediate(gp.rdx, ahead)
      assembler.store(to, gp.rdx)
    }
    assembler.move(gp.rax, pixel)
    remainder(width, local.column, before[1])
    remainder(height, local.row, before[0])
    assembler.scale(gp.rax, gp.rax, places[0] * places[1] * patchBytes)
    assembler.load(gp.rcx, local.patches)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.image, gp.rax)
  }

  /** rax = (coordinate − offset) / stride, or a jump where no window stands there. */
  function placeOf(coordinate: Operand, offset: number, stride: number, end: number, none: Label): void {
    assembler.load(gp.rax, coordinate)
    if (offset > 0) assembler.subImmediate(gp.rax, offset)
    if (stride > 1) {
      // What is below 0 would be a huge number to divide.
      assembler.test(gp.rax)
      assembler.jumpIf(condition.negative, none)
      assembler.moveSmall(gp.rdx, 0)
      assembler.moveSmall(gp.rcx, stride)
      assembler.divide(gp.rcx)
      assembler.test(gp.rdx)
      assembler.jumpIf(condition.notEqual, none)
    }
    assembler.compareImmediate(gp.rax, end)
    assembler.jumpIf(condition.aboveOrEqual, none)
  }

  function emitAddresses(): void {
    assembler.moveSmall(found, 0)
    for (let row = 0; row < window[0]; row++) {
      const nextRow = assembler.label('next row')
      placeOf(local.row, row * dilation[0], strides[0], places[0], nextRow)
      assembler.scale(gp.rbx, gp.rax, places[1] * patchBytes)
      assembler.load(gp.rax, local.image)
      assembler.add(gp.rbx, gp.rax)
      for (let column = 0; column < window[1]; column++) {
        const nextColumn = assembler.label('next column')
        placeOf(local.column, column * dilation[1], strides[1], places[1], nextColumn)
        assembler.scale(gp.rax, gp.rax, patchBytes)
        assembler.add(gp.rax, gp.rbx)
        assembler.addImmediate(gp.rax, 4 * channels * (row * window[1] + column))
        assembler.store({ base: gp.rsp, index: found, scale: 4, displacement: headBytes }, gp.rax)
        assembler.addImmediate(found, 2)
        assembler.place(nextColumn)
      }
      assembler.place(nextRow)
    }
  }

  function emitSums(): void {
    const eight = (isRest: boolean): void => {
      assembler.vector(vector.xor, sum, sum, sum)
      const none = assembler.label('none')
      assembler.move(gp.rcx, found)
      assembler.test(gp.rcx)
      assembler.jumpIf(condition.equal, none)
      const loop = assembler.label('window')
      assembler.place(loop)
      assembler.load(gp.rax, { base: gp.rsp, index: gp.rcx, scale: 4, displacement: headBytes - 8 })
      const from = { base: gp.rax, index: channel, scale: 4 } as const
      if (isRest) {
        assembler.vectorMemory(vector.maskLoad, value, mask, from)
        assembler.vector(vector.add, sum, sum, value)
      } else {
        assembler.vectorMemory(vector.add, sum, sum, from)
      }
      assembler.subImmediate(gp.rcx, 2)
      assembler.jumpIf(condition.notEqual, loop)
      assembler.place(none)
      const into = { base: to, index: channel, scale: 4 } as const
      if (isRest) assembler.vectorMemory(vector.maskStore, sum, mask, into)
      else assembler.vectorMemory(vector.store, sum, 0, into)
    }
    assembler.moveSmall(channel, 0)
    if (channels >= lanes) {
      assembler.moveSmall(gp.r14, Math.floor(channels / lanes))
      countDown(assembler, gp.r14, () => {
        eight(false)
        assembler.addImmediate(channel, lanes)
      })
    }
    if (rest > 0) eight(true)
  }
}
