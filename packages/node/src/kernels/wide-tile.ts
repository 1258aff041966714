/**
 * A tile of a product, with AVX-512: c (rows, 32) = a (rows, inner) · b (inner, 32), for up to 14 rows, kept in 28
 * registers of sixteen floats. Part of the product's loop; product-tile.ts is the one of AVX2.
 *
 * It goes over the elements of a's rows: four at a time (`fours`), then one at a time (`ones`). For each it loads a row of
 * b's panel, and broadcasts one element of each row of a. Where a product's inner length is cut into blocks (not
 * `isWhole`), c holds the sums of the blocks before: they are added behind the first block, the bias only joins in the
 * first, and relu only comes behind the last.
 *
 * Tails: the panel is filled up with zeros; k1 and k2 say which columns of c exist.
 *
 * | register | holds |
 * | --- | --- |
 * | r8, r9 | the next elements of a and of b's panel; both change |
 * | rcx, rdx | elements that are left, by fours; what is left behind these; both change |
 * | r11, rdi | c; the bias of the tile's columns |
 * | r10, rsi | elements summed by blocks before, and by blocks that follow |
 * | zmm0–27 | the sums: register 2 · row + half |
 * | zmm28, zmm29 | the two halves of a row of b; zmm28 is zero for relu |
 * | zmm30, zmm31 | elements of a, for even and odd rows; afterwards, what is added |
 * | k1, k2 | which of the first and of the last sixteen columns exist (`setHalfMasks`) |
 */
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { countDownOrSkip, skipIf } from './loop.ts'

/** A piece of a product that is summed in registers. Strides are in bytes. */
export interface WideTile {
  readonly rows: number
  /** From one row of a to the next, and from one element of a row to the next. */
  readonly aRow: number
  readonly aInner: number
  /** From one row of c to the next. */
  readonly cRow: number
  readonly hasBias: boolean
  readonly hasRelu: boolean
  /** Whether the elements of a are all that there are, so that these sums are the first and the last. */
  readonly isWhole: boolean
  /** From a row of b to what is asked for while it is read; undefined for nothing. */
  readonly ahead: number | undefined
}

/** The general registers that a tile is given. */
export const wideTile = {
  a: gp.r8,
  b: gp.r9,
  fours: gp.rcx,
  ones: gp.rdx,
  c: gp.r11,
  before: gp.r10,
  after: gp.rsi,
  bias: gp.rdi,
} as const

/** Masks of a panel's first and second sixteen columns. */
export const halfMasks = [1, 2] as const

/** Says which columns of a panel exist: the first `width` of 32. Changes rax. */
export function setHalfMasks(assembler: Assembler, width: number): void {
  halfMasks.forEach((mask, half) => {
    const existing = Math.max(0, Math.min(16, width - 16 * half))
    assembler.moveSmall(gp.rax, (1 << existing) - 1)
    assembler.setMask(mask, gp.rax)
  })
}

const halves = [0, 1] as const
const sumOf = (row: number, half: number): number => 2 * row + half
const [rowOfB, elementOfA] = [28, 30] as const
/** While sums are stored. */
const [zero, addend] = [28, 30] as const
const unrolled = 4
const rowOfPanel = 128

/** c = Σ a[row][i] · b[i], plus what blocks before left in c, the bias and relu. */
export function emitWideTile(assembler: Assembler, tile: WideTile): void {
  forEachSum(tile, (sum) => assembler.wide(vector.xorIntegers, sum, sum, sum))
  const loop = (count: number, steps: number): void =>
    countDownOrSkip(assembler, count, () => {
      for (let i = 0; i < steps; i++) emitStep(assembler, tile, i)
      assembler.addImmediate(wideTile.a, steps * tile.aInner)
      assembler.addImmediate(wideTile.b, steps * rowOfPanel)
    })
  loop(wideTile.fours, unrolled)
  loop(wideTile.ones, 1)
  emitEnd(assembler, tile)
}

/** sums[row][half] += a[row][i] · b[i][half], for the i-th element from here. */
function emitStep(assembler: Assembler, { rows, aRow, aInner, ahead }: WideTile, i: number): void {
  for (const half of halves) {
    const displacement = i * rowOfPanel + 64 * half
    assembler.wideMemory(vector.load, rowOfB + half, 0, { base: wideTile.b, displacement })
    if (ahead !== undefined) assembler.prefetch({ base: wideTile.b, displacement: displacement + ahead })
  }
  for (let row = 0; row < rows; row++) {
    const element = elementOfA + (row % 2)
    const from = { base: wideTile.a, displacement: row * aRow + i * aInner }
    assembler.wideMemory(vector.broadcast, element, 0, from, { bytes: 4 })
    for (const half of halves) assembler.wide(vector.addProduct, sumOf(row, half), element, rowOfB + half)
  }
}

function forEachSum({ rows }: WideTile, each: (sum: number, row: number, half: 0 | 1) => void): void {
  for (let row = 0; row < rows; row++) for (const half of halves) each(sumOf(row, half), row, half)
}

function emitEnd(assembler: Assembler, tile: WideTile): void {
  const { hasBias, hasRelu, isWhole } = tile
  if (isWhole) {
    if (hasBias) addBias(assembler, tile)
    if (hasRelu) emitRelu(assembler, tile)
  } else {
    const [first, goesOn] = [assembler.label('first'), assembler.label('goes on')]
    assembler.test(wideTile.before)
    assembler.jumpIf(condition.equal, first)
    addBefore(assembler, tile)
    if (hasBias) assembler.jump(goesOn)
    assembler.place(first)
    if (hasBias) addBias(assembler, tile)
    assembler.place(goesOn)
    if (hasRelu) {
      assembler.test(wideTile.after)
      skipIf(assembler, condition.notEqual, () => emitRelu(assembler, tile))
    }
  }
  forEachSum(tile, (sum, row, half) =>
    assembler.wideMemory(vector.store, sum, 0, inC(tile, row, half), { mask: halfMasks[half] }),
  )
}

const inC = ({ cRow }: WideTile, row: number, half: number): Exclude<Operand, { label: Label }> => ({
  base: wideTile.c,
  displacement: row * cRow + 64 * half,
})

function addBias(assembler: Assembler, tile: WideTile): void {
  for (const half of halves) {
    const from = { base: wideTile.bias, displacement: 64 * half }
    assembler.wideMemory(vector.load, addend + half, 0, from, { mask: halfMasks[half] })
  }
  forEachSum(tile, (sum, _, half) => assembler.wide(vector.add, sum, sum, addend + half))
}

/** Adds the sums of the blocks before. */
function addBefore(assembler: Assembler, tile: WideTile): void {
  forEachSum(tile, (sum, row, half) => {
    assembler.wideMemory(vector.load, addend + half, 0, inC(tile, row, half), { mask: halfMasks[half] })
    assembler.wide(vector.add, sum, sum, addend + half)
  })
}

function emitRelu(assembler: Assembler, tile: WideTile): void {
  assembler.wide(vector.xorIntegers, zero, zero, zero)
  // NaN passes, as it does through the runtime's Relu: the second operand wins.
  forEachSum(tile, (sum) => assembler.wide(vector.max, sum, zero, sum))
}
