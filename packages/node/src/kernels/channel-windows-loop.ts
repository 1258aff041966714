/**
 * What windows make of images channel by channel: depthwise convolutions, poolings, and their gradients, for images (N, H,
 * W, C) and places (N, H', W', C). With p a place, (i, j) an element of its window and x(p, i, j) the pixel under it:
 *
 * | operation | computes |
 * | --- | --- |
 * | conv | y(p) = Σ x(p, i, j) · w(i, j) |
 * | convInputGradient | dx(p, i, j) += dy(p) · w(i, j) |
 * | convKernelGradient | dw(i, j) += dy(p) · x(p, i, j) |
 * | max | y(p) = max x(p, i, j) |
 * | maxGradient | dx(p, i, j) += dy(p) at the first (i, j) with x(p, i, j) = y(p) |
 *
 * A task of conv and max is some lines of places; of convKernelGradient likewise, with sums of its own. A task of the two
 * that add to images is an image and a chunk of its channels, since windows meet. Loops: lines, places; at a place the
 * window's elements inside of the image are listed once, and the list serves all channels: 32 at a time, then 8, then
 * what is left (channel-windows-bodies.ts).
 *
 * Tails: channels that are no whole vector go through a mask, for the task that has the last ones. Elements of a window
 * outside of the image are not in the list, which may be empty.
 *
 * | register | holds |
 * | --- | --- |
 * | rbp, rdi | the place, and its maximum (maxGradient), for channel 0 |
 * | r12, r13 | places of the line that are left; the column of pixels at which the window begins, may be outside |
 * | r11, r14 | the channel; whole vectors of channels that are left |
 * | r15 | bytes of the list |
 * | rax, rbx, rcx, rdx | temporary |
 * | ymm0–13 | the operation's |
 * | ymm14, ymm15 | ones (maxGradient); the mask of the last channels |
 * | stack | `local` (channel-windows-context.ts), then the list |
 *
 * An entry of the list is two addresses for channel 0: of the pixel, and of the kernel's element or the pixel's cotangent.
 */
import type { ChannelWindowsKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, vector } from '../assembler/assembler.ts'
import { emitMasks, lanes } from '../assembler/constant-pool.ts'
import { bodies } from './channel-windows-bodies.ts'
import {
  type ChannelWindowsContext,
  channel,
  channelsAt,
  channelWindowsContext,
  found,
  groupVectors,
  headBytes,
  left,
  local,
  maximum,
  place,
  placesLeft,
  v,
  vectorsLeft,
} from './channel-windows-context.ts'
import { clamp, countDown, divideBy, emitFunction, type Loop, skipIf, tablePointer } from './loop.ts'
import { loadMask, storeFloats } from './partial-vectors.ts'

export function emitChannelWindows(assembler: Assembler, kernel: ChannelWindowsKernel): Loop {
  const context = channelWindowsContext(assembler, kernel)
  const { window, operation } = kernel
  const { pool, maskEnd, pointers, isScattering, rest } = context
  const frame = Math.ceil((headBytes + 16 * window[0] * window[1]) / 16) * 16
  const entry = emitFunction(assembler, frame, () => {
    assembler.store(local.table, gp.rdi)
    emitTask(context)
    if (rest > 0) loadMask(assembler, v.mask, rest, maskEnd)
    if (operation === 'maxGradient') assembler.vectorMemory(vector.load, v.ones, 0, pool.word(0xffffffff))
    if (isScattering) emitZeroImage(context, pointers.cotangent ?? pointers.images)
    if (operation === 'convKernelGradient') emitOwnWeights(context)
    emitLines(context)
  })
  emitMasks(assembler, maskEnd)
  pool.emit()
  return { entry, tasks: context.lineTasks * context.chunks }
}

/** register = one of the kernel's pointers. */
function loadPointer(assembler: Assembler, register: number, i: number): void {
  assembler.load(register, local.table)
  assembler.load(register, tablePointer(i, register))
}

/** Which lines and channels the task in rsi is for. */
function emitTask(context: ChannelWindowsContext): void {
  const { assembler, kernel, lines, linesOfTask, chunks, vectorsOfChunk, allVectors } = context
  const channels = kernel.images[3] as number
  assembler.move(gp.rax, gp.rsi)
  divideBy(assembler, chunks)
  const [partOfLines, chunk, firstVector] = [gp.rax, gp.rdx, gp.rcx]
  assembler.scale(gp.rbx, partOfLines, linesOfTask)
  clamp(assembler, gp.rbx, lines)
  assembler.store(local.line, gp.rbx)
  assembler.addImmediate(gp.rbx, linesOfTask)
  clamp(assembler, gp.rbx, lines)
  assembler.store(local.lastLine, gp.rbx)
  assembler.scale(firstVector, chunk, vectorsOfChunk)
  assembler.scale(gp.rbx, firstVector, lanes)
  assembler.store(local.firstChannel, gp.rbx)
  // The vector behind the task's last one, and the one behind its last whole one.
  const [end, wholeEnd] = [gp.rbx, gp.rdx]
  assembler.move(end, firstVector)
  assembler.addImmediate(end, vectorsOfChunk)
  clamp(assembler, end, allVectors)
  assembler.move(wholeEnd, end)
  clamp(assembler, wholeEnd, Math.floor(channels / lanes))
  assembler.sub(end, wholeEnd)
  assembler.store(local.hasRest, end)
  assembler.sub(wholeEnd, firstVector)
  assembler.store(local.vectors, wholeEnd)
}

/** Zeros where windows will add: the image of the task's lines, in the task's channels. */
function emitZeroImage(context: ChannelWindowsContext, of: number): void {
  const { assembler, height, rowPixels } = context
  assembler.vector(vector.xor, v.value, v.value, v.value)
  emitImageOfLine(context, of)
  assembler.load(place, local.image)
  emitZeroPixels(context, height * rowPixels)
}

/** The part's own sums: zeros now, and from now on what `weights` says. */
function emitOwnWeights(context: ChannelWindowsContext): void {
  const { assembler, kernel, pointers, pixelBytes } = context
  const area = kernel.window[0] * kernel.window[1]
  assembler.scale(gp.rsi, gp.rsi, area * pixelBytes)
  loadPointer(assembler, place, pointers.weights as number)
  assembler.add(place, gp.rsi)
  assembler.store(local.weights, place)
  assembler.vector(vector.xor, v.value, v.value, v.value)
  emitZeroPixels(context, area)
}

/** So many pixels from `place` on = 0, in the task's channels. */
function emitZeroPixels(context: ChannelWindowsContext, pixels: number): void {
  const { assembler, pixelBytes } = context
  assembler.moveSmall(placesLeft, pixels)
  countDown(assembler, placesLeft, () => {
    overChannels(context, (vectors, masked) => {
      for (let i = 0; i < vectors; i++) storeFloats(assembler, v.value, channelsAt(place, i), masked)
    })
    assembler.addImmediate(place, pixelBytes)
  })
}

/** The task's lines, of which there may be none, and their places. */
function emitLines(context: ChannelWindowsContext): void {
  const { assembler, kernel, pixelBytes } = context
  const { places, strides, operation } = kernel
  const [nextLine, ended] = [assembler.label('line'), assembler.label('ended')]
  assembler.place(nextLine)
  assembler.load(gp.rax, local.line)
  assembler.compareMemory(gp.rax, local.lastLine)
  assembler.jumpIf(condition.aboveOrEqual, ended)
  emitLine(context)
  assembler.moveSmall(placesLeft, places[1])
  countDown(assembler, placesLeft, () => {
    emitList(context)
    overChannels(context, (vectors, masked) => bodies[operation](context, vectors, masked))
    assembler.addImmediate(place, pixelBytes)
    if (operation === 'maxGradient') assembler.addImmediate(maximum, pixelBytes)
    assembler.addImmediate(left, strides[1])
  })
  assembler.load(gp.rax, local.line)
  assembler.addImmediate(gp.rax, 1)
  assembler.store(local.line, gp.rax)
  assembler.jump(nextLine)
  assembler.place(ended)
}

/** image = where the line's image begins in an array of images; rdx = the line's number within it. Changes rax, rcx. */
function emitImageOfLine({ assembler, kernel, imageBytes }: ChannelWindowsContext, of: number): void {
  assembler.load(gp.rax, local.line)
  divideBy(assembler, kernel.places[0])
  assembler.scale(gp.rax, gp.rax, imageBytes)
  loadPointer(assembler, gp.rcx, of)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(local.image, gp.rax)
}

/** Where the line's first place and its window are. */
function emitLine(context: ChannelWindowsContext): void {
  const { assembler, kernel, pointers, pixelBytes } = context
  const { places, strides, before, operation } = kernel
  const [row, lineStart] = [gp.rdx, gp.rax]
  emitImageOfLine(context, pointers.images)
  assembler.scale(row, row, strides[0])
  if (before[0] > 0) assembler.subImmediate(row, before[0])
  assembler.store(local.row, row)
  assembler.load(lineStart, local.line)
  assembler.scale(lineStart, lineStart, places[1] * pixelBytes)
  loadPointer(assembler, place, pointers.places)
  assembler.add(place, lineStart)
  assembler.moveSmall(left, 0)
  if (before[1] > 0) assembler.subImmediate(left, before[1])
  if (operation === 'maxGradient') {
    loadPointer(assembler, maximum, pointers.maxima as number)
    assembler.add(maximum, lineStart)
    loadPointer(assembler, gp.rax, pointers.cotangent as number)
    loadPointer(assembler, gp.rcx, pointers.images)
    assembler.sub(gp.rax, gp.rcx)
    assembler.store(local.toCotangent, gp.rax)
  }
  if (operation === 'conv' || operation === 'convInputGradient') {
    loadPointer(assembler, gp.rax, pointers.weights as number)
    assembler.store(local.weights, gp.rax)
  }
}

/** Lists the window's elements that are inside of the image. Changes rax, rbx and rcx. */
function emitList(context: ChannelWindowsContext): void {
  const { assembler, kernel, height, rowPixels, pixelBytes } = context
  const { window, dilation } = kernel
  const pixelRow = gp.rbx
  assembler.moveSmall(found, 0)
  for (let row = 0; row < window[0]; row++) {
    assembler.load(gp.rax, local.row)
    if (row > 0) assembler.addImmediate(gp.rax, row * dilation[0])
    // Compared without a sign, so that what is below 0 is too large as well.
    assembler.compareImmediate(gp.rax, height)
    skipIf(assembler, condition.aboveOrEqual, () => {
      assembler.scale(pixelRow, gp.rax, rowPixels * pixelBytes)
      assembler.load(gp.rax, local.image)
      assembler.add(pixelRow, gp.rax)
      for (let column = 0; column < window[1]; column++) {
        assembler.move(gp.rax, left)
        if (column > 0) assembler.addImmediate(gp.rax, column * dilation[1])
        assembler.compareImmediate(gp.rax, rowPixels)
        skipIf(assembler, condition.aboveOrEqual, () =>
          emitEntry(context, pixelRow, row * window[1] + column),
        )
      }
    })
  }
}

/** The entry of the window's element with this number, whose column of pixels is in rax. */
function emitEntry(context: ChannelWindowsContext, pixelRow: number, element: number): void {
  const { assembler, kernel, pixelBytes } = context
  const { operation } = kernel
  const entry = { base: gp.rsp, index: found, scale: 1, displacement: headBytes } as const
  assembler.scale(gp.rax, gp.rax, pixelBytes)
  assembler.add(gp.rax, pixelRow)
  assembler.store(entry, gp.rax)
  if (operation === 'maxGradient') {
    assembler.load(gp.rcx, local.toCotangent)
    assembler.add(gp.rax, gp.rcx)
  } else if (operation !== 'max') {
    assembler.load(gp.rax, local.weights)
    assembler.addImmediate(gp.rax, element * pixelBytes)
  }
  if (operation !== 'max') assembler.store({ ...entry, displacement: headBytes + 8 }, gp.rax)
  assembler.addImmediate(found, 16)
}

/** The task's channels: `groupVectors` whole vectors at a time, one at a time, and the partial one. */
function overChannels(
  { assembler, vectorsOfChunk, rest }: ChannelWindowsContext,
  body: (vectors: number, masked: number | undefined) => void,
): void {
  const [four, one, last] = [assembler.label('four'), assembler.label('one'), assembler.label('last')]
  assembler.load(channel, local.firstChannel)
  assembler.load(vectorsLeft, local.vectors)
  if (vectorsOfChunk >= groupVectors) {
    assembler.place(four)
    assembler.compareImmediate(vectorsLeft, groupVectors)
    assembler.jumpIf(condition.below, one)
    body(groupVectors, undefined)
    assembler.addImmediate(channel, groupVectors * lanes)
    assembler.subImmediate(vectorsLeft, groupVectors)
    assembler.jump(four)
  }
  assembler.place(one)
  assembler.test(vectorsLeft)
  assembler.jumpIf(condition.equal, last)
  body(1, undefined)
  assembler.addImmediate(channel, lanes)
  assembler.subImmediate(vectorsLeft, 1)
  assembler.jump(one)
  assembler.place(last)
  if (rest > 0) {
    assembler.load(gp.rax, local.hasRest)
    assembler.test(gp.rax)
    skipIf(assembler, condition.equal, () => body(1, v.mask))
  }
}
