/**
 * What each operation of channelWindows does for some vectors of channels at a place (channel-windows-loop.ts), given the
 * list of the window's elements that are inside of the image. `masked` is the mask's register for a partial vector.
 *
 * | register | conv | convInputGradient, convKernelGradient | max | maxGradient |
 * | --- | --- | --- | --- | --- |
 * | ymm0–3 | the sum | the place's cotangent | the maximum so far | the maximum |
 * | ymm4–7 | | | | its cotangent |
 * | ymm8–11 | | | | ones where no element has been the maximum yet |
 * | ymm12, ymm13 | a pixel; a weight | the sum; a factor | a pixel; where the maximum is NaN | temporary |
 */
import type { ChannelWindowsKernel } from 'typegrad/engine'
import { condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import {
  type ChannelWindowsContext,
  channelsAt,
  found,
  headBytes,
  maximum,
  place,
  v,
} from './channel-windows-context.ts'
import { countUp, skipIf } from './loop.ts'
import { loadFloats, storeFloats } from './partial-vectors.ts'

/** Comparisons: equal and ordered; one of both is NaN. */
const [isEqual, isUnordered] = [0, 3]

type Body = (context: ChannelWindowsContext, vectors: number, masked: number | undefined) => void

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

/** An entry's addresses: of the pixel, and of the kernel's element or the pixel's cotangent. */
const [pixelAddress, otherAddress, entry] = [gp.rax, gp.rcx, gp.rdx]
const pixel = (i: number): Operand => channelsAt(pixelAddress, i)
const other = (i: number): Operand => channelsAt(otherAddress, i)

/** Goes through the list in its order: rax = the pixel, rcx = the other address. */
function forEachEntry({ assembler, kernel }: ChannelWindowsContext, body: () => void): void {
  const entryAt = { base: gp.rsp, index: entry, scale: 1, displacement: headBytes } as const
  assembler.test(found)
  skipIf(assembler, condition.equal, () => {
    assembler.moveSmall(entry, 0)
    countUp(assembler, entry, { by: 16, to: { register: found } }, () => {
      assembler.load(pixelAddress, entryAt)
      if (kernel.operation !== 'max')
        assembler.load(otherAddress, { ...entryAt, displacement: headBytes + 8 })
      body()
    })
  })
}

/** target += a · what stands in memory. */
function addProduct(
  { assembler }: ChannelWindowsContext,
  target: number,
  a: number,
  from: Operand,
  masked: number | undefined,
): void {
  if (masked === undefined) {
    assembler.vectorMemory(vector.addProduct, target, a, from)
    return
  }
  loadFloats(assembler, v.other, from, masked)
  assembler.vector(vector.addProduct, target, a, v.other)
}

/** place = Σ pixel · weight */
const emitConv: Body = (context, vectors, masked) => {
  const { assembler } = context
  for (const i of range(vectors)) assembler.vector(vector.xor, v.a + i, v.a + i, v.a + i)
  forEachEntry(context, () => {
    for (const i of range(vectors)) {
      loadFloats(assembler, v.value, pixel(i), masked)
      addProduct(context, v.a + i, v.value, other(i), masked)
    }
  })
  for (const i of range(vectors)) storeFloats(assembler, v.a + i, channelsAt(place, i), masked)
}

/** pixel += place · weight */
const emitConvInputGradient: Body = (context, vectors, masked) => {
  const { assembler } = context
  for (const i of range(vectors)) loadFloats(assembler, v.a + i, channelsAt(place, i), masked)
  forEachEntry(context, () => {
    for (const i of range(vectors)) {
      loadFloats(assembler, v.value, pixel(i), masked)
      addProduct(context, v.value, v.a + i, other(i), masked)
      storeFloats(assembler, v.value, pixel(i), masked)
    }
  })
}

/** weight += place · pixel */
const emitConvKernelGradient: Body = (context, vectors, masked) => {
  const { assembler } = context
  for (const i of range(vectors)) loadFloats(assembler, v.a + i, channelsAt(place, i), masked)
  forEachEntry(context, () => {
    for (const i of range(vectors)) {
      loadFloats(assembler, v.value, other(i), masked)
      addProduct(context, v.value, v.a + i, pixel(i), masked)
      storeFloats(assembler, v.value, other(i), masked)
    }
  })
}

/** place = max pixel; NaN wins. */
const emitMax: Body = (context, vectors, masked) => {
  const { assembler, pool } = context
  for (const i of range(vectors))
    assembler.vectorMemory(vector.load, v.a + i, 0, pool.float(Number.NEGATIVE_INFINITY))
  forEachEntry(context, () => {
    for (const i of range(vectors)) {
      loadFloats(assembler, v.value, pixel(i), masked)
      // The instruction gives its second operand where one of the two is NaN: a NaN so far is put back.
      assembler.vector(vector.compare, v.other, v.a + i, v.a + i, isUnordered)
      assembler.vector(vector.max, v.a + i, v.a + i, v.value)
      assembler.vector(vector.or, v.a + i, v.a + i, v.other)
    }
  })
  for (const i of range(vectors)) storeFloats(assembler, v.a + i, channelsAt(place, i), masked)
}

/** The pixel's cotangent += the place's, for the first pixel that is the maximum. */
const emitMaxGradient: Body = (context, vectors, masked) => {
  const { assembler } = context
  for (const i of range(vectors)) {
    loadFloats(assembler, v.a + i, channelsAt(maximum, i), masked)
    loadFloats(assembler, v.b + i, channelsAt(place, i), masked)
    assembler.vector(vector.or, v.c + i, v.ones, v.ones)
  }
  forEachEntry(context, () => {
    for (const i of range(vectors)) {
      loadFloats(assembler, v.value, pixel(i), masked)
      assembler.vector(vector.compare, v.other, v.value, v.a + i, isEqual)
      // A NaN among the elements is what the maximum is.
      assembler.vector(vector.compare, v.value, v.value, v.value, isUnordered)
      assembler.vector(vector.or, v.other, v.other, v.value)
      assembler.vector(vector.and, v.other, v.other, v.c + i)
      assembler.vector(vector.xor, v.c + i, v.c + i, v.other)
      assembler.vector(vector.and, v.other, v.other, v.b + i)
      loadFloats(assembler, v.value, other(i), masked)
      assembler.vector(vector.add, v.value, v.value, v.other)
      storeFloats(assembler, v.value, other(i), masked)
    }
  })
}

export const bodies: Readonly<Record<ChannelWindowsKernel['operation'], Body>> = {
  conv: emitConv,
  convInputGradient: emitConvInputGradient,
  convKernelGradient: emitConvKernelGradient,
  max: emitMax,
  maxGradient: emitMaxGradient,
}
