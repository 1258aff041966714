import type { ChannelWindowsKernel } from 'typegrad/engine'
import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { ConstantPool, emitMasks, lanes } from '../assembler/constant-pool.ts'
import { clamp, emitFunction, type Loop } from './loop.ts'

/** Vectors of channels that are worked on at once. */
const width = 4
/** Floats that one task of a gathering operation writes. */
const taskElements = 1 << 14

/** Comparisons: equal and ordered; at least one is NaN. */
const [isEqual, isUnordered] = [0, 3]

const at = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })
const local = {
  table: at(0),
  /** The image that windows read, or that they add to. */
  image: at(1),
  /** Row of pixels at which the window begins; may be outside. */
  row: at(2),
  line: at(3),
  lastLine: at(4),
  /** Chunk of channels: its first channel, whole vectors, and 1 where the vector that is no whole one follows. */
  firstChannel: at(5),
  vectors: at(6),
  hasRest: at(7),
  /** From an element of the images to that of their cotangent (`maxGradient`). */
  toCotangent: at(8),
  weights: at(9),
} as const
const headBytes = 80

/**
 * Registers. `place`: the element of the places' array for channel 0; `left`: the column of pixels at which the window
 * begins; `found`: bytes of entries for elements of the window that lie inside of the image; `channel`: in floats.
 * An entry is two addresses for channel 0: the pixel, and the kernel's element or the pixel's cotangent.
 */
const [place, left, count, channel, found] = [gp.rbp, gp.r13, gp.r12, gp.r11, gp.r15]
/** What else stands at the place: the maximum (`maxGradient`). */
const maximum = gp.rdi

/** Vector registers: `width` of each kind. */
const v = { a: 0, b: width, c: 2 * width, value: 12, other: 13, ones: 14, mask: 15 } as const

/**
 * Each task goes over lines of places (or over an image, where windows add to it and would meet), and a chunk of the
 * channels. At a place the elements inside of the image are listed first, then the list is gone through for each
 * group of channels.
 */
export function emitChannelWindows(assembler: Assembler, kernel: ChannelWindowsKernel): Loop {
  const { images, places, window, strides, dilation, before, operation, parts } = kernel
  const [batch, height, rowPixels, channels] = images as readonly [number, number, number, number]
  const lines = batch * places[0]
  const pixelBytes = 4 * channels
  const lineBytes = places[1] * pixelBytes
  const imageBytes = height * rowPixels * pixelBytes
  const area = window[0] * window[1]
  const allVectors = Math.ceil(channels / lanes)
  const rest = channels % lanes

  const isScattering = operation === 'convInputGradient' || operation === 'maxGradient'
  const isKernelGradient = operation === 'convKernelGradient'
  const hasWeights = operation === 'conv' || operation === 'convInputGradient' || isKernelGradient
  const linesOfTask = isScattering
    ? places[0]
    : isKernelGradient
      ? Math.ceil(lines / parts)
      : Math.max(1, Math.floor(taskElements / (places[1] * channels)))
  const chunks = isScattering ? Math.min(allVectors, Math.ceil(parts / batch)) : 1
  const vectorsOfChunk = Math.ceil(allVectors / chunks)
  const lineTasks = isKernelGradient ? parts : Math.ceil(lines / linesOfTask)
  const taskChunks = Math.ceil(allVectors / vectorsOfChunk)

  const pool = new ConstantPool(assembler)
  const maskEnd = assembler.label('mask')
  const frame = Math.ceil((headBytes + 16 * area) / 16) * 16
  /** Which of the kernel's pointers are what. */
  const pointers = {
    conv: { images: 0, weights: 1, places: 2 },
    convInputGradient: { places: 0, weights: 1, images: 2 },
    convKernelGradient: { images: 0, places: 1, weights: 2 },
    max: { images: 0, places: 1 },
    maxGradient: { images: 0, maxima: 1, places: 2, cotangent: 3 },
  }[operation] as { images: number; places: number; weights?: number; maxima?: number; cotangent?: number }
  const pointer = (register: number, i: number): void => {
    assembler.load(register, local.table)
    assembler.load(register, { base: register, displacement: 8 * i })
  }

  const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
  const pixel = (i: number): Operand => here(gp.rax, i)
  const other = (i: number): Operand => here(gp.rcx, i)
  /** target += a · what stands in memory. */
  const addProduct = (target: number, a: number, from: Operand, isRest: boolean): void => {
    if (isRest) {
      load(v.other, from, true)
      assembler.vector(vector.addProduct, target, a, v.other)
    } else {
      assembler.vectorMemory(vector.addProduct, target, a, from)
    }
  }
  /** What is done for so many vectors of channels at a place, whose list stands ready. */
  const bodies: Readonly<Record<typeof operation, (vectors: number, isRest: boolean) => void>> = {
    conv(n, isRest) {
      for (const i of range(n)) assembler.vector(vector.xor, v.a + i, v.a + i, v.a + i)
      forEachEntry(() => {
        for (const i of range(n)) {
          load(v.value, pixel(i), isRest)
          addProduct(v.a + i, v.value, other(i), isRest)
        }
      })
      for (const i of range(n)) store(v.a + i, here(place, i), isRest)
    },
    convInputGradient(n, isRest) {
      for (const i of range(n)) load(v.a + i, here(place, i), isRest)
      forEachEntry(() => {
        for (const i of range(n)) {
          load(v.value, pixel(i), isRest)
          addProduct(v.value, v.a + i, other(i), isRest)
          store(v.value, pixel(i), isRest)
        }
      })
    },
    convKernelGradient(n, isRest) {
      for (const i of range(n)) load(v.a + i, here(place, i), isRest)
      forEachEntry(() => {
        for (const i of range(n)) {
          load(v.value, other(i), isRest)
          addProduct(v.value, v.a + i, pixel(i), isRest)
          store(v.value, other(i), isRest)
        }
      })
    },
    max(n, isRest) {
      for (const i of range(n)) assembler.vectorMemory(vector.load, v.a + i, 0, pool.float(-Infinity))
      forEachEntry(() => {
        for (const i of range(n)) {
          load(v.value, pixel(i), isRest)
          // The instruction gives its second operand where one of the two is NaN: a NaN so far is put back.
          assembler.vector(vector.compare, v.other, v.a + i, v.a + i, isUnordered)
          assembler.vector(vector.max, v.a + i, v.a + i, v.value)
          assembler.vector(vector.or, v.a + i, v.a + i, v.other)
        }
      })
      for (const i of range(n)) store(v.a + i, here(place, i), isRest)
    },
    maxGradient(n, isRest) {
      for (const i of range(n)) {
        load(v.a + i, here(maximum, i), isRest)
        load(v.b + i, here(place, i), isRest)
        assembler.vector(vector.or, v.c + i, v.ones, v.ones) // where the maximum has not been met yet
      }
      forEachEntry(() => {
        for (const i of range(n)) {
          load(v.value, pixel(i), isRest)
          assembler.vector(vector.compare, v.other, v.value, v.a + i, isEqual)
          // A NaN among the elements is what the maximum is.
          assembler.vector(vector.compare, v.value, v.value, v.value, isUnordered)
          assembler.vector(vector.or, v.other, v.other, v.value)
          assembler.vector(vector.and, v.other, v.other, v.c + i)
          assembler.vector(vector.xor, v.c + i, v.c + i, v.other)
          assembler.vector(vector.and, v.other, v.other, v.b + i)
          load(v.value, other(i), isRest)
          assembler.vector(vector.add, v.value, v.value, v.other)
          store(v.value, other(i), isRest)
        }
      })
    },
  }

  const entry = emitFunction(assembler, frame, () => {
    assembler.store(local.table, gp.rdi)
    emitTask()
    if (rest > 0) {
      assembler.address(gp.rax, { label: maskEnd })
      assembler.vectorMemory(vector.load, v.mask, 0, { base: gp.rax, displacement: -4 * rest })
    }
    if (operation === 'maxGradient') assembler.vectorMemory(vector.load, v.ones, 0, pool.word(0xffffffff))
    if (isScattering) emitZeros(pointers.cotangent ?? pointers.images)
    if (isKernelGradient) emitOwnWeights()
    const [nextLine, ended] = [assembler.label('line'), assembler.label('ended')]
    assembler.place(nextLine)
    assembler.load(gp.rax, local.line)
    assembler.compareMemory(gp.rax, local.lastLine)
    assembler.jumpIf(condition.aboveOrEqual, ended)
    emitLine()
    const nextPlace = assembler.label('place')
    assembler.moveSmall(count, places[1])
    assembler.place(nextPlace)
    emitEntries()
    overChannels((vectors, isRest) => bodies[operation](vectors, isRest))
    assembler.addImmediate(place, pixelBytes)
    if (operation === 'maxGradient') assembler.addImmediate(maximum, pixelBytes)
    assembler.addImmediate(left, strides[1])
    assembler.subImmediate(count, 1)
    assembler.jumpIf(condition.notEqual, nextPlace)
    assembler.load(gp.rax, local.line)
    assembler.addImmediate(gp.rax, 1)
    assembler.store(local.line, gp.rax)
    assembler.jump(nextLine)
    assembler.place(ended)
  })
  emitMasks(assembler, maskEnd)
  pool.emit()
  return { entry, tasks: lineTasks * taskChunks }

  /** Which lines and channels the task (rsi) is for. */
  function emitTask(): void {
    assembler.move(gp.rax, gp.rsi)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, taskChunks)
    assembler.divide(gp.rcx)
    assembler.scale(gp.rbx, gp.rax, linesOfTask)
    clamp(assembler, gp.rbx, lines)
    assembler.store(local.line, gp.rbx)
    assembler.addImmediate(gp.rbx, linesOfTask)
    clamp(assembler, gp.rbx, lines)
    assembler.store(local.lastLine, gp.rbx)
    // rdx: the chunk. Whole vectors from its first one on, and whether the last one of all is its own.
    assembler.scale(gp.rcx, gp.rdx, vectorsOfChunk)
    assembler.scale(gp.rbx, gp.rcx, lanes)
    assembler.store(local.firstChannel, gp.rbx)
    assembler.move(gp.rbx, gp.rcx)
    assembler.addImmediate(gp.rbx, vectorsOfChunk)
    clamp(assembler, gp.rbx, allVectors)
    assembler.move(gp.rdx, gp.rbx)
    clamp(assembler, gp.rdx, Math.floor(channels / lanes))
    assembler.sub(gp.rbx, gp.rdx)
    assembler.store(local.hasRest, gp.rbx)
    assembler.sub(gp.rdx, gp.rcx)
    assembler.store(local.vectors, gp.rdx)
  }

  /** Zeros where windows will add: the image of the task's lines, its chunk of channels. */
  function emitZeros(of: number): void {
    assembler.vector(vector.xor, v.value, v.value, v.value)
    emitImageOfLine(of)
    assembler.load(place, local.image)
    assembler.moveSmall(count, height * rowPixels)
    const next = assembler.label('zeros')
    assembler.place(next)
    overChannels((vectors, isRest) => {
      for (let i = 0; i < vectors; i++) store(v.value, here(place, i), isRest)
    })
    assembler.addImmediate(place, pixelBytes)
    assembler.subImmediate(count, 1)
    assembler.jumpIf(condition.notEqual, next)
  }

  /** The part's own sums: zeros now, and from now on what `weights` says. */
  function emitOwnWeights(): void {
    assembler.scale(gp.rsi, gp.rsi, area * pixelBytes)
    pointer(place, pointers.weights as number)
    assembler.add(place, gp.rsi)
    assembler.store(local.weights, place)
    assembler.vector(vector.xor, v.value, v.value, v.value)
    assembler.moveSmall(count, area)
    const next = assembler.label('zeros')
    assembler.place(next)
    overChannels((vectors, isRest) => {
      for (let i = 0; i < vectors; i++) store(v.value, here(place, i), isRest)
    })
    assembler.addImmediate(place, pixelBytes)
    assembler.subImmediate(count, 1)
    assembler.jumpIf(condition.notEqual, next)
  }

  /** image = where the image of the line begins in an array of images; rdx = the line's number within it. */
  function emitImageOfLine(of: number): void {
    assembler.load(gp.rax, local.line)
    assembler.moveSmall(gp.rdx, 0)
    assembler.moveSmall(gp.rcx, places[0])
    assembler.divide(gp.rcx)
    assembler.scale(gp.rax, gp.rax, imageBytes)
    pointer(gp.rcx, of)
    assembler.add(gp.rax, gp.rcx)
    assembler.store(local.image, gp.rax)
  }

  function emitLine(): void {
    emitImageOfLine(pointers.images)
    assembler.scale(gp.rdx, gp.rdx, strides[0])
    if (before[0] > 0) assembler.subImmediate(gp.rdx, before[0])
    assembler.store(local.row, gp.rdx)
    assembler.load(gp.rax, local.line)
    assembler.scale(gp.rax, gp.rax, lineBytes)
    pointer(place, pointers.places)
    assembler.add(place, gp.rax)
    assembler.moveSmall(left, 0)
    if (before[1] > 0) assembler.subImmediate(left, before[1])
    if (operation === 'maxGradient') {
      pointer(maximum, pointers.maxima as number)
      assembler.add(maximum, gp.rax)
      pointer(gp.rax, pointers.cotangent as number)
      pointer(gp.rcx, pointers.images)
      assembler.sub(gp.rax, gp.rcx)
      assembler.store(local.toCotangent, gp.rax)
    }
    if (hasWeights && !isKernelGradient) {
      pointer(gp.rax, pointers.weights as number)
      assembler.store(local.weights, gp.rax)
    }
  }

  function emitEntries(): void {
    assembler.moveSmall(found, 0)
    for (let row = 0; row < window[0]; row++) {
      const nextRow = assembler.label('next row')
      assembler.load(gp.rax, local.row)
      if (row > 0) assembler.addImmediate(gp.rax, row * dilation[0])
      // Compared without a sign, so that what is below 0 is too large as well.
      assembler.compareImmediate(gp.rax, height)
      assembler.jumpIf(condition.aboveOrEqual, nextRow)
      assembler.scale(gp.rbx, gp.rax, rowPixels * pixelBytes)
      assembler.load(gp.rax, local.image)
      assembler.add(gp.rbx, gp.rax)
      for (let column = 0; column < window[1]; column++) {
        const nextColumn = assembler.label('next column')
        assembler.move(gp.rax, left)
        if (column > 0) assembler.addImmediate(gp.rax, column * dilation[1])
        assembler.compareImmediate(gp.rax, rowPixels)
        assembler.jumpIf(condition.aboveOrEqual, nextColumn)
        assembler.scale(gp.rax, gp.rax, pixelBytes)
        assembler.add(gp.rax, gp.rbx)
        const first = { base: gp.rsp, index: found, scale: 1, displacement: headBytes } as const
        assembler.store(first, gp.rax)
        if (hasWeights) {
          assembler.load(gp.rax, local.weights)
          assembler.addImmediate(gp.rax, (row * window[1] + column) * pixelBytes)
        } else if (operation === 'maxGradient') {
          assembler.load(gp.rcx, local.toCotangent)
          assembler.add(gp.rax, gp.rcx)
        }
        if (operation !== 'max') assembler.store({ ...first, displacement: headBytes + 8 }, gp.rax)
        assembler.addImmediate(found, 16)
        assembler.place(nextColumn)
      }
      assembler.place(nextRow)
    }
  }

  /** The task's channels: `width` vectors at once, one at once, and the one that is no whole vector. */
  function overChannels(body: (vectors: number, isRest: boolean) => void): void {
    const [four, one, last, done] = [
      assembler.label('four'),
      assembler.label('one'),
      assembler.label('last'),
      assembler.label('done'),
    ]
    assembler.load(channel, local.firstChannel)
    assembler.load(gp.r14, local.vectors)
    if (vectorsOfChunk >= width) {
      assembler.place(four)
      assembler.compareImmediate(gp.r14, width)
      assembler.jumpIf(condition.below, one)
      body(width, false)
      assembler.addImmediate(channel, width * lanes)
      assembler.subImmediate(gp.r14, width)
      assembler.jump(four)
    }
    assembler.place(one)
    assembler.test(gp.r14)
    assembler.jumpIf(condition.equal, last)
    body(1, false)
    assembler.addImmediate(channel, lanes)
    assembler.subImmediate(gp.r14, 1)
    assembler.jump(one)
    assembler.place(last)
    if (rest > 0) {
      assembler.load(gp.rax, local.hasRest)
      assembler.test(gp.rax)
      assembler.jumpIf(condition.equal, done)
      body(1, true)
    }
    assembler.place(done)
  }

  function here(base: number, i: number): Operand {
    return { base, index: channel, scale: 4, displacement: 4 * lanes * i }
  }
  function load(register: number, from: Operand, isRest: boolean): void {
    if (isRest) assembler.vectorMemory(vector.maskLoad, register, v.mask, from)
    else assembler.vectorMemory(vector.load, register, 0, from)
  }
  function store(register: number, to: Operand, isRest: boolean): void {
    if (isRest) assembler.vectorMemory(vector.maskStore, register, v.mask, to)
    else assembler.vectorMemory(vector.store, register, 0, to)
  }
  /** The list in its order: rax = the pixel, rcx = the other address. */
  function forEachEntry(body: () => void): void {
    const [next, none] = [assembler.label('entry'), assembler.label('none')]
    assembler.test(found)
    assembler.jumpIf(condition.equal, none)
    assembler.moveSmall(gp.rdx, 0)
    assembler.place(next)
    const entryAt = { base: gp.rsp, index: gp.rdx, scale: 1, displacement: headBytes } as const
    assembler.load(gp.rax, entryAt)
    if (operation !== 'max') assembler.load(gp.rcx, { ...entryAt, displacement: headBytes + 8 })
    body()
    assembler.addImmediate(gp.rdx, 16)
    assembler.compare(gp.rdx, found)
    assembler.jumpIf(condition.below, next)
    assembler.place(none)
  }
}
