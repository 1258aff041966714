/**
 * The transforms of F(2×2, 3×3) that convolutions and their gradients make of squares of pixels, for all channels, eight
 * at a time (channels are multiples of eight, so there are no tails):
 *
 * - `emitInputTransform`: 4 × 4 pixels d → 16 points Bᵀ·d·B
 * - `emitOutputTransform`: 16 points m → 2 × 2 pixels Aᵀ·m·A
 * - `emitCotangentTransform`: the cotangents g of 2 × 2 pixels → 16 points A·g·Aᵀ
 *
 * ```
 *      1  0 −1  0           1  1  1  0
 * Bᵀ = 0  1  1  0      Aᵀ = 0  1 −1 −1
 *      0 −1  1  0
 *      0  1  0 −1
 * ```
 *
 * r11 counts channels, rax is temporary; each function names its vector registers. The kernel's own transforms are in
 * winograd-weights-loop.ts and winograd-gradient-sum-loop.ts.
 */
import { type Assembler, gp, type Operand, vector } from '../assembler/assembler.ts'
import { lanes } from '../assembler/constant-pool.ts'
import { countUp } from './loop.ts'

const channel = gp.r11

/** A loop over channels, eight at a time. */
function overChannels(assembler: Assembler, channels: number, body: () => void): void {
  assembler.moveSmall(channel, 0)
  countUp(assembler, channel, { by: lanes, to: { number: channels } }, body)
}

/** Eight channels from the address in a register on. */
const atChannel = (base: number, displacement = 0): Operand => ({
  base,
  index: channel,
  scale: 4,
  displacement,
})

/** Zeros for all channels, from the address in a register on. */
export function emitZeros(assembler: Assembler, register: number, channels: number): void {
  assembler.vector(vector.xor, 0, 0, 0)
  overChannels(assembler, channels, () => assembler.vectorMemory(vector.store, 0, 0, atChannel(register)))
}

/** Where the points of a square are: the first one where a register says, the others `pointBytes` apart. */
export interface Points {
  readonly register: number
  readonly pointBytes: number
}

const pointAt = ({ register, pointBytes }: Points, row: number, column: number): Operand =>
  atChannel(register, (4 * row + column) * pointBytes)

/**
 * Bᵀ·d·B: 4 × 4 pixels → 16 points.
 *
 * ymm0–3 and ymm4–7 hold rows 1 and 2 of d, ymm8–11 their sum, ymm12–15 their difference, which are rows 1 and 2 of Bᵀ·d.
 */
export function emitInputTransform(
  assembler: Assembler,
  channels: number,
  addresses: readonly Operand[],
  to: Points,
): void {
  const v = assembler.vector.bind(assembler)
  const pixel = (row: number, column: number): Operand => {
    assembler.load(gp.rax, addresses[4 * row + column] as Operand)
    return atChannel(gp.rax)
  }
  const columns = [0, 1, 2, 3] as const
  const [d1, d2, sum, difference] = [0, 4, 8, 12] as const
  overChannels(assembler, channels, () => {
    for (const column of columns) {
      assembler.vectorMemory(vector.load, d1 + column, 0, pixel(1, column))
      assembler.vectorMemory(vector.load, d2 + column, 0, pixel(2, column))
      v(vector.add, sum + column, d1 + column, d2 + column)
      v(vector.sub, difference + column, d2 + column, d1 + column)
    }
    emitPointRow(assembler, to, 1, sum)
    emitPointRow(assembler, to, 2, difference)
    for (const column of columns)
      assembler.vectorMemory(vector.sub, d1 + column, d1 + column, pixel(3, column))
    emitPointRow(assembler, to, 3, d1)
    for (const column of columns) {
      assembler.vectorMemory(vector.load, sum + column, 0, pixel(0, column))
      v(vector.sub, sum + column, sum + column, d2 + column)
    }
    emitPointRow(assembler, to, 0, sum)
  })
}

/** One row of points, from that row of Bᵀ·d, which is in four registers from `first` on and changes. */
function emitPointRow(assembler: Assembler, to: Points, row: number, first: number): void {
  const v = assembler.vector.bind(assembler)
  const store = (column: number, register: number): void =>
    assembler.vectorMemory(vector.store, register, 0, pointAt(to, row, column))
  const [r0, r1, r2, r3] = [first, first + 1, first + 2, first + 3]
  v(vector.sub, r0, r0, r2)
  store(0, r0)
  v(vector.sub, r3, r1, r3)
  store(3, r3)
  v(vector.add, r0, r1, r2)
  store(1, r0)
  v(vector.sub, r1, r2, r1)
  store(2, r1)
}

/**
 * A·g·Aᵀ: the cotangents of 2 × 2 pixels → 16 points.
 *
 * ymm0–3 hold g; ymm4 and ymm5 a row of A·g; ymm8–11 a point; ymm15 zero.
 */
export function emitCotangentTransform(
  assembler: Assembler,
  channels: number,
  addresses: readonly Operand[],
  to: Points,
): void {
  const v = assembler.vector.bind(assembler)
  const [g00, g01, g10, g11, left, right, zero] = [0, 1, 2, 3, 4, 5, 15] as const
  /** From two numbers to a row of four: g0, g0 + g1, g0 − g1, −g1. */
  const spread = (row: number, g0: number, g1: number, temporary: number): void => {
    const store = (column: number, register: number): void =>
      assembler.vectorMemory(vector.store, register, 0, pointAt(to, row, column))
    store(0, g0)
    v(vector.add, temporary, g0, g1)
    store(1, temporary)
    v(vector.sub, temporary, g0, g1)
    store(2, temporary)
    v(vector.sub, temporary, zero, g1)
    store(3, temporary)
  }
  v(vector.xor, zero, zero, zero)
  overChannels(assembler, channels, () => {
    for (let i = 0; i < 4; i++) {
      assembler.load(gp.rax, addresses[i] as Operand)
      assembler.vectorMemory(vector.load, i, 0, atChannel(gp.rax))
    }
    spread(0, g00, g01, 8)
    v(vector.add, left, g00, g10)
    v(vector.add, right, g01, g11)
    spread(1, left, right, 9)
    v(vector.sub, left, g00, g10)
    v(vector.sub, right, g01, g11)
    spread(2, left, right, 10)
    v(vector.sub, left, zero, g10)
    v(vector.sub, right, zero, g11)
    spread(3, left, right, 11)
  })
}

/** Which pixels of a square there are, and what is done to them before they are stored. */
export interface OutputPixels {
  readonly channels: number
  /** Registers of the addresses of one or two rows of pixels. */
  readonly to: readonly number[]
  /** Whether there are two pixels in a row. */
  readonly isWide: boolean
  /** The register of the bias' address. */
  readonly bias: number | undefined
  readonly hasRelu: boolean
}

/**
 * Aᵀ·m·A: 16 points → up to 2 × 2 pixels, plus a bias, with relu.
 *
 * ymm0–3 and ymm4–7 hold the two rows of Aᵀ·m; ymm8 and ymm9 a row of pixels (ymm8 a row of m before that); ymm14 the
 * bias; ymm15 zero.
 */
export function emitOutputTransform(assembler: Assembler, from: Points, pixels: OutputPixels): void {
  const { channels, to, bias, hasRelu } = pixels
  const [addend, zero] = [14, 15] as const
  if (hasRelu) assembler.vector(vector.xor, zero, zero, zero)
  overChannels(assembler, channels, () => {
    for (let column = 0; column < 4; column++) emitOutputColumn(assembler, from, column, to.length === 2)
    if (bias !== undefined) assembler.vectorMemory(vector.load, addend, 0, atChannel(bias))
    to.forEach((address, row) => {
      emitOutputRow(assembler, 4 * row, pixels.isWide).forEach((value, column) => {
        if (bias !== undefined) assembler.vector(vector.add, value, value, addend)
        // NaN passes: the second operand wins.
        if (hasRelu) assembler.vector(vector.max, value, zero, value)
        assembler.vectorMemory(vector.store, value, 0, atChannel(address, 4 * column * channels))
      })
    })
  })
}

/** A column of Aᵀ·m: m0 + m1 + m2, and m1 − m2 − m3 where there is a second row. */
function emitOutputColumn(assembler: Assembler, from: Points, column: number, hasBottom: boolean): void {
  const v = assembler.vector.bind(assembler)
  const [sum, difference, m2] = [column, 4 + column, 8]
  assembler.vectorMemory(vector.load, difference, 0, pointAt(from, 1, column))
  assembler.vectorMemory(vector.load, m2, 0, pointAt(from, 2, column))
  v(vector.add, sum, difference, m2)
  assembler.vectorMemory(vector.add, sum, sum, pointAt(from, 0, column))
  if (!hasBottom) return
  v(vector.sub, difference, difference, m2)
  assembler.vectorMemory(vector.sub, difference, difference, pointAt(from, 3, column))
}

/** The pixels of a row, from that row of Aᵀ·m. @returns their registers. */
function emitOutputRow(assembler: Assembler, first: number, isWide: boolean): readonly number[] {
  const v = assembler.vector.bind(assembler)
  const [s0, s1, s2, s3] = [first, first + 1, first + 2, first + 3]
  const [left, right] = [8, 9]
  v(vector.add, left, s1, s2)
  v(vector.add, left, left, s0)
  if (!isWide) return [left]
  v(vector.sub, right, s1, s2)
  v(vector.sub, right, right, s3)
  return [left, right]
}
