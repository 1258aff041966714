import { productTiles } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'
import { lanes } from '../assembler/constant-pool.ts'

/** Rows of a tile at most: with two registers of columns, twelve registers of sums, two of columns of b, two of elements of a. */
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

/**
 * Registers of a tile. `a` and `b` are where it begins in both; `fours` and `ones` say how many elements the sums have,
 * by fours and what is left. All but `c` and `added` are changed.
 */
export const tile = {
  a: gp.r8,
  b: gp.r9,
  fours: gp.rcx,
  ones: gp.rdx,
  c: gp.r11,
  added: gp.rsi,
} as const
const [stride, aFourth] = [gp.rax, gp.r10]
const [b0, mask] = [12, 14] as const

const unrolled = 4
/** A displacement of one byte reaches so far. */
const reach = 128

export const sumOf = (row: number, half: number): number => 2 * row + half

export const halvesOf = ({ columns }: Pick<Tile, 'columns'>): readonly number[] =>
  columns > lanes ? [0, 1] : [0]

/** sums[row][half] = Σ a[row][i] · b[i][half], over all elements. */
export function emitTile(assembler: Assembler, shape: Tile): void {
  const { rows, aRow, aInner, bInner } = shape
  const halves = halvesOf(shape)
  for (let row = 0; row < rows; row++)
    for (const half of halves) {
      const sum = sumOf(row, half)
      assembler.vector(vector.xor, sum, sum, sum)
    }
  // Where one stride of a is large, it stands in a register: short instructions are what the processor reads fast.
  const large = Math.max(aRow, aInner)
  const isNear = (rows - 1) * aRow + (unrolled - 1) * aInner < reach
  const aAt = (row: number, step: number): Operand => {
    if (isNear) return { base: tile.a, displacement: row * aRow + step * aInner }
    const [far, near] = aRow === large ? [row, step * aInner] : [step, row * aRow]
    const base = far < 3 ? tile.a : aFourth
    if (far % 3 === 0) return { base, displacement: near }
    return { base, index: stride, scale: far % 3 === 1 ? 1 : 2, displacement: near }
  }
  if (!isNear) {
    assembler.moveSmall(stride, large)
    assembler.address(aFourth, { base: tile.a, index: stride, scale: 2 })
    assembler.add(aFourth, stride)
  }
  // From the middle of four rows of b, displacements of one byte reach all of them.
  const middle = bInner === 64 ? reach : 0
  if (middle > 0) assembler.addImmediate(tile.b, middle)
  const step = (i: number): void => {
    for (const half of halves)
      assembler.vectorMemory(vector.load, b0 + half, 0, {
        base: tile.b,
        displacement: i * bInner + 32 * half - middle,
      })
    for (let row = 0; row < rows; row++) {
      const element = 14 + (row % 2)
      assembler.vectorMemory(vector.broadcast, element, 0, aAt(row, i))
      for (const half of halves) assembler.vector(vector.addProduct, sumOf(row, half), element, b0 + half)
    }
  }
  const advance = (steps: number): void => {
    assembler.addImmediate(tile.a, steps * aInner)
    if (!isNear) assembler.addImmediate(aFourth, steps * aInner)
    assembler.addImmediate(tile.b, steps * bInner)
  }
  const [fours, ones, one, done] = ['fours', 'ones', 'one', 'done'].map((name) => assembler.label(name)) as [
    Label,
    Label,
    Label,
    Label,
  ]
  assembler.test(tile.fours)
  assembler.jumpIf(condition.equal, ones)
  assembler.place(fours)
  for (let i = 0; i < unrolled; i++) step(i)
  advance(unrolled)
  assembler.subImmediate(tile.fours, 1)
  assembler.jumpIf(condition.notEqual, fours)
  assembler.place(ones)
  assembler.test(tile.ones)
  assembler.jumpIf(condition.equal, done)
  assembler.place(one)
  step(0)
  advance(1)
  assembler.subImmediate(tile.ones, 1)
  assembler.jumpIf(condition.notEqual, one)
  assembler.place(done)
}

/** What happens to a tile's sums before they are stored. */
export interface TileEnd {
  /** From one row of c to the next, in bytes. */
  readonly cRow: number
  /** Whether what c holds is added, or what `added` does: rows as c's, or one for all. */
  readonly adds?: 'c' | 'matrix' | 'row' | undefined
  readonly hasRelu?: boolean
  /** The end of a row of ones and zeros, for what is no whole vector. */
  readonly maskEnd: Label
}

/** c = sums, and what comes before that. */
export function emitTileEnd(
  assembler: Assembler,
  shape: Pick<Tile, 'rows' | 'columns'>,
  { cRow, adds, hasRelu = false, maskEnd }: TileEnd,
): void {
  const halves = halvesOf(shape)
  const rest = shape.columns % lanes
  const isMasked = (half: number) => rest > 0 && half === halves.length - 1
  const at = (base: number, row: number, half: number): Operand => ({
    base,
    displacement: row * cRow + 32 * half,
  })
  if (rest > 0) {
    assembler.address(stride, { label: maskEnd })
    assembler.vectorMemory(vector.load, mask, 0, { base: stride, displacement: -4 * rest })
  }
  const load = (register: number, from: Operand, half: number): void => {
    if (isMasked(half)) assembler.vectorMemory(vector.maskLoad, register, mask, from)
    else assembler.vectorMemory(vector.load, register, 0, from)
  }
  if (adds === 'row') for (const half of halves) load(b0 + half, at(tile.added, 0, half), half)
  const zero = 15
  for (let row = 0; row < shape.rows; row++) {
    for (const half of halves) {
      const sum = sumOf(row, half)
      if (adds === 'c' || adds === 'matrix')
        load(b0 + half, at(adds === 'c' ? tile.c : tile.added, row, half), half)
      if (adds !== undefined) assembler.vector(vector.add, sum, sum, b0 + half)
      if (hasRelu) {
        if (row === 0 && half === 0) assembler.vector(vector.xor, zero, zero, zero)
        // NaN passes, as it does through the runtime's Relu: the second operand wins.
        assembler.vector(vector.max, sum, zero, sum)
      }
      const to = at(tile.c, row, half)
      if (isMasked(half)) assembler.vectorMemory(vector.maskStore, sum, mask, to)
      else assembler.vectorMemory(vector.store, sum, 0, to)
    }
  }
}
