/**
 * A tile of a product, with AVX2: sums (rows, columns) = a (rows, inner) · b (inner, columns), for up to 6 rows and 16
 * columns, kept in twelve registers. Part of the loops of products and convolutions, not a loop of its own.
 *
 * `emitTile` goes over the elements of a's rows: four at a time (`fours`), then one at a time (`ones`). For each it loads
 * a row of b, and broadcasts one element of each row of a. `emitTileEnd` then adds what is to be added, applies relu, and
 * stores to c.
 *
 * Tails: rows and columns are fixed when the code is made; a last vector of fewer than eight columns is computed whole,
 * since b's panels are filled up or followed by other floats, and only added to and stored through a mask.
 *
 * | register | holds |
 * | --- | --- |
 * | r8, r9 | the next elements of a and of b |
 * | rcx, rdx | elements that are left, by fours; what is left behind these |
 * | rax, r10 | a's larger stride; the place three such strides on (where displacements of one byte do not reach) |
 * | r11, rsi | c, and what is added (`emitTileEnd`) |
 * | ymm0–11 | the sums: register 2 · row + half |
 * | ymm12, ymm13 | the two halves of a row of b; afterwards, what is added |
 * | ymm14, ymm15 | elements of a, for even and odd rows; afterwards, the mask and zero |
 */
import { productTiles } from 'typegrad/engine'
import { type Assembler, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { lanes } from '../assembler/constant-pool.ts'
import { countDownOrSkip } from './loop.ts'
import { loadFloats, loadMask, storeFloats } from './partial-vectors.ts'

/** The largest number of rows of a tile. */
export const tileRows = productTiles.narrow.rows

/** A piece of a product that is summed in registers. Strides are in bytes. */
export interface Tile {
  readonly rows: number
  readonly columns: number
  /** From one row of a to the next, and from one element of a row to the next; one of both is small. */
  readonly aRow: number
  readonly aInner: number
  /** From one row of b to the next. */
  readonly bInner: number
}

/** The general registers that a tile is given; those of `c` and `added` stay as they are. */
export const tile = {
  a: gp.r8,
  b: gp.r9,
  fours: gp.rcx,
  ones: gp.rdx,
  c: gp.r11,
  added: gp.rsi,
} as const
const [stride, aThird] = [gp.rax, gp.r10]
const [rowOfB, elementOfA] = [12, 14] as const
/** While sums are stored. */
const [addend, mask, zero] = [12, 14, 15] as const

const unrolled = 4
/** A displacement of one byte reaches so far. */
const reach = 128

const sumOf = (row: number, half: number): number => 2 * row + half

const halvesOf = ({ columns }: Pick<Tile, 'columns'>): readonly number[] => (columns > lanes ? [0, 1] : [0])

/** sums[row][half] = Σ a[row][i] · b[i][half], over all elements. */
export function emitTile(assembler: Assembler, shape: Tile): void {
  const { rows, aInner, bInner } = shape
  for (let row = 0; row < rows; row++)
    for (const half of halvesOf(shape)) {
      const sum = sumOf(row, half)
      assembler.vector(vector.xor, sum, sum, sum)
    }
  if (!isNear(shape)) emitFarPlaces(assembler, shape)
  // From the middle of four rows of b, displacements of one byte reach all of them.
  const middle = bInner === 64 ? reach : 0
  if (middle > 0) assembler.addImmediate(tile.b, middle)
  const loop = (count: number, steps: number): void =>
    countDownOrSkip(assembler, count, () => {
      for (let i = 0; i < steps; i++) emitStep(assembler, shape, i, middle)
      assembler.addImmediate(tile.a, steps * aInner)
      if (!isNear(shape)) assembler.addImmediate(aThird, steps * aInner)
      assembler.addImmediate(tile.b, steps * bInner)
    })
  loop(tile.fours, unrolled)
  loop(tile.ones, 1)
}

/** Whether displacements of one byte reach all elements of a that one turn of the loop reads. */
const isNear = ({ rows, aRow, aInner }: Tile): boolean => (rows - 1) * aRow + (unrolled - 1) * aInner < reach

/** A large stride of a goes into a register: the processor decodes short instructions faster. */
function emitFarPlaces(assembler: Assembler, { aRow, aInner }: Tile): void {
  assembler.moveSmall(stride, Math.max(aRow, aInner))
  assembler.address(aThird, { base: tile.a, index: stride, scale: 2 })
  assembler.add(aThird, stride)
}

/** An element of a: of a row, some steps after the next one. */
function elementAt(shape: Tile, row: number, step: number): Operand {
  const { aRow, aInner } = shape
  if (isNear(shape)) return { base: tile.a, displacement: row * aRow + step * aInner }
  const [far, near] = aRow === Math.max(aRow, aInner) ? [row, step * aInner] : [step, row * aRow]
  const base = far < 3 ? tile.a : aThird
  if (far % 3 === 0) return { base, displacement: near }
  return { base, index: stride, scale: far % 3 === 1 ? 1 : 2, displacement: near }
}

/** sums[row][half] += a[row][i] · b[i][half], for the i-th element from here. */
function emitStep(assembler: Assembler, shape: Tile, i: number, middle: number): void {
  const halves = halvesOf(shape)
  for (const half of halves) {
    const displacement = i * shape.bInner + 32 * half - middle
    assembler.vectorMemory(vector.load, rowOfB + half, 0, { base: tile.b, displacement })
  }
  for (let row = 0; row < shape.rows; row++) {
    const element = elementOfA + (row % 2)
    assembler.vectorMemory(vector.broadcast, element, 0, elementAt(shape, row, i))
    for (const half of halves) assembler.vector(vector.addProduct, sumOf(row, half), element, rowOfB + half)
  }
}

/** What happens to a tile's sums before they are stored. */
export interface TileEnd {
  /** From one row of c to the next, in bytes. */
  readonly cRow: number
  /** Whether what c holds is added, or what `added` does: rows as c's, or one for all. */
  readonly adds?: 'c' | 'matrix' | 'row' | undefined
  readonly hasRelu?: boolean
  /** The label that `emitMasks` places. */
  readonly maskEnd: Label
}

/** c = sums, or relu of sums plus what is added. */
export function emitTileEnd(
  assembler: Assembler,
  shape: Pick<Tile, 'rows' | 'columns'>,
  { cRow, adds, hasRelu = false, maskEnd }: TileEnd,
): void {
  const halves = halvesOf(shape)
  const rest = shape.columns % lanes
  const maskOf = (half: number) => (rest > 0 && half === halves.length - 1 ? mask : undefined)
  const at = (base: number, row: number, half: number): Operand => ({
    base,
    displacement: row * cRow + 32 * half,
  })
  if (rest > 0) loadMask(assembler, mask, rest, maskEnd, stride)
  if (adds === 'row')
    for (const half of halves) loadFloats(assembler, addend + half, at(tile.added, 0, half), maskOf(half))
  for (let row = 0; row < shape.rows; row++) {
    for (const half of halves) {
      const sum = sumOf(row, half)
      if (adds === 'c' || adds === 'matrix')
        loadFloats(assembler, addend + half, at(adds === 'c' ? tile.c : tile.added, row, half), maskOf(half))
      if (adds !== undefined) assembler.vector(vector.add, sum, sum, addend + half)
      if (hasRelu) {
        if (row === 0 && half === 0) assembler.vector(vector.xor, zero, zero, zero)
        // NaN passes, as it does through the runtime's Relu: the second operand wins.
        assembler.vector(vector.max, sum, zero, sum)
      }
      storeFloats(assembler, sum, at(tile.c, row, half), maskOf(half))
    }
  }
}
