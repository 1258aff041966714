import { type PatchesKernel, patchesShape } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, countDown, emitFunction, type Loop } from './loop.ts'

/** Floats that one task writes. */
const taskElements = 1 << 15
/** Vectors that are copied without a loop. */
const unrolled = 8

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = { image: at(0), row: at(1), lastLine: at(2), images: at(3) } as const

/** Registers: where the patch goes, the line of places, the column of pixels that the window begins at. */
const [to, line, left, place] = [gp.rbp, gp.r12, gp.r13, gp.r14]
/** Where a row of pixels is, and the row's number, which may be outside. */
const [pixels, y, x] = [gp.rsi, gp.r15, gp.rdi]

/** A task is some lines of places, each of which copies rows of its windows. */
export function emitPatches(assembler: Assembler, kernel: PatchesKernel): Loop {
  const { images, places, window, strides, dilation, before, first, count } = kernel
  const [, height, width, channels] = images as readonly [number, number, number, number]
  const lines = count * places[0]
  const lineElements = (patchesShape(kernel, 1)[1] as number) * places[1]
  const linesOfTask = Math.max(1, Math.floor(taskElements / lineElements))
  const rowElements = window[1] * channels
  /** Columns from a window's first pixel to its last. */
  const span = (window[1] - 1) * dilation[1] + 1
  const maskEnd = assembler.label('mask')

  const entry = emitFunction(assembler, 32, () => {
    assembler.load(gp.rax, { base: gp.rdi, displacement: 0 })
    // May be more than what the field of an addition holds.
    assembler.moveImmediate(gp.rcx, BigInt(4 * first * height * width * channels))
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.images, gp.rax)
    assembler.load(to, { base: gp.rdi, displacement: 8 })
    assembler.scale(line, gp.rsi, linesOfTask)
    assembler.scale(gp.rax, line, 4 * lineElements)
    assembler.add(to, gp.rax)
    assembler.move(gp.rax, line)
    assembler.addImmediate(gp.rax, linesOfTask)
    clamp(assembler, gp.rax, lines)
    assembler.store(local.lastLine, gp.rax)

    const nextLine = assembler.label('line')
    assembler.place(nextLine)
    assembler.move(gp.rax, line)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, places[0])
    assembler.divide(gp.rcx)
    assembler.scale(gp.rax, gp.rax, 4 * height * width * channels)
    assembler.load(gp.rcx, local.images)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.image, gp.rax)
    assembler.scale(gp.rdx, gp.rdx, strides[0])
    if (before[0] > 0) assembler.subImmediate(gp.rdx, before[0])
    assembler.store(local.row, gp.rdx)
    assembler.moveSmall(left, 0)
    if (before[1] > 0) assembler.subImmediate(left, before[1])
    assembler.moveSmall(place, places[1])
    const nextPlace = assembler.label('place')
    assembler.place(nextPlace)
    emitPatch()
    assembler.addImmediate(left, strides[1])
    assembler.subImmediate(place, 1)
    assembler.jumpIf(condition.notEqual, nextPlace)
    assembler.addImmediate(line, 1)
    assembler.compareMemory(line, local.lastLine)
    assembler.jumpIf(condition.below, nextLine)
  })
  emitMasks(assembler, maskEnd)
  return { entry, tasks: Math.ceil(lines / linesOfTask) }

  function emitPatch(): void {
    const nextRow = assembler.label('row')
    const [outside, edge, done] = [
      assembler.label('outside'),
      assembler.label('edge'),
      assembler.label('done'),
    ]
    assembler.load(y, local.row)
    assembler.moveSmall(gp.rbx, window[0])
    assembler.place(nextRow)
    // Compared without a sign, so that what is below 0 is too large as well.
    assembler.compareImmediate(y, height)
    assembler.jumpIf(condition.aboveOrEqual, outside)
    assembler.scale(pixels, y, 4 * width * channels)
    assembler.load(gp.rax, local.image)
    assembler.add(pixels, gp.rax)
    assembler.scale(gp.rax, left, 4 * channels)
    assembler.add(pixels, gp.rax)
    if (width < span || span > window[1]) {
      assembler.jump(edge)
    } else {
      assembler.compareImmediate(left, width - span + 1)
      assembler.jumpIf(condition.aboveOrEqual, edge)
      copy(assembler, pixels, rowElements, maskEnd)
      assembler.jump(done)
    }
    assembler.place(edge)
    // Pixel by pixel.
    assembler.move(x, left)
    assembler.moveSmall(gp.r8, window[1])
    const [nextPixel, beyond, copied] = [
      assembler.label('pixel'),
      assembler.label('beyond'),
      assembler.label('copied'),
    ]
    assembler.place(nextPixel)
    assembler.compareImmediate(x, width)
    assembler.jumpIf(condition.aboveOrEqual, beyond)
    copy(assembler, pixels, channels, maskEnd)
    assembler.jump(copied)
    assembler.place(beyond)
    copy(assembler, undefined, channels, maskEnd)
    assembler.place(copied)
    assembler.addImmediate(pixels, 4 * channels * dilation[1])
    assembler.addImmediate(x, dilation[1])
    assembler.subImmediate(gp.r8, 1)
    assembler.jumpIf(condition.notEqual, nextPixel)
    assembler.jump(done)
    assembler.place(outside)
    copy(assembler, undefined, rowElements, maskEnd)
    assembler.place(done)
    assembler.addImmediate(y, dilation[0])
    assembler.subImmediate(gp.rbx, 1)
    assembler.jumpIf(condition.notEqual, nextRow)
  }
}

/** Copies floats to where `to` says, or zeros where there is nothing to copy; `to` moves on behind them. */
function copy(assembler: Assembler, from: number | undefined, elements: number, maskEnd: Label): void {
  const [value, mask, source] = [0, 15, gp.r10]
  if (from === undefined) assembler.vector(vector.xor, value, value, value)
  else assembler.move(source, from)
  const vectors = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const displacement = 4 * lanes * i
      if (from !== undefined) assembler.vectorMemory(vector.load, value, 0, { base: source, displacement })
      assembler.vectorMemory(vector.store, value, 0, { base: to, displacement })
    }
    if (from !== undefined) assembler.addImmediate(source, 4 * lanes * count)
    assembler.addImmediate(to, 4 * lanes * count)
  }
  const whole = Math.floor(elements / lanes)
  const steps = whole <= unrolled ? 0 : Math.floor(whole / unrolled)
  if (steps > 0) {
    assembler.moveSmall(gp.rax, steps)
    countDown(assembler, gp.rax, () => vectors(unrolled))
  }
  vectors(whole - steps * unrolled)
  const rest = elements % lanes
  if (rest === 0) return
  assembler.address(gp.rax, { label: maskEnd })
  assembler.vectorMemory(vector.load, mask, 0, { base: gp.rax, displacement: -4 * rest })
  if (from !== undefined) assembler.vectorMemory(vector.maskLoad, value, mask, { base: source })
  assembler.vectorMemory(vector.maskStore, value, mask, { base: to })
  assembler.addImmediate(to, 4 * rest)
}
