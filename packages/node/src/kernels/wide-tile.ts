import { type Assembler, condition, gp, type Label, type Operand, vector } from '../assembler/assembler.ts'

/**
 * A piece of a product that is summed in 28 registers of sixteen floats: up to 14 rows of 32 columns. Two more hold
 * columns of b, and two elements of a. Strides are in bytes.
 */
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
}

/**
 * Registers of a tile: where it begins in a, in b's panel and in c; how many elements the sums have, by fours and what
 * is left; how many were summed before and are in c, and how many are summed afterwards; the bias of its columns. The
 * first two are changed, and the counts.
 */
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

/** Masks of a panel's first and second sixteen columns, which say what is stored. */
export const halfMasks = [1, 2] as const

const halves = [0, 1] as const
const sumOf = (row: number, half: number): number => 2 * row + half
const columnsOfB = 28
const elementOfA = 30
const unrolled = 4
const rowOfPanel = 128

/** c = Σ a[row][i] · b[i], with what c held before where there was something, the bias and relu. */
export function emitWideTile(assembler: Assembler, tile: WideTile): void {
  const { rows, aRow, aInner } = tile
  for (let row = 0; row < rows; row++)
    for (const half of halves) {
      const sum = sumOf(row, half)
      assembler.wide(vector.xorIntegers, sum, sum, sum)
    }
  const step = (i: number): void => {
    for (const half of halves)
      assembler.wideMemory(vector.load, columnsOfB + half, 0, {
        base: wideTile.b,
        displacement: i * rowOfPanel + 64 * half,
      })
    for (let row = 0; row < rows; row++) {
      const element = elementOfA + (row % 2)
      const from = { base: wideTile.a, displacement: row * aRow + i * aInner }
      assembler.wideMemory(vector.broadcast, element, 0, from, { bytes: 4 })
      for (const half of halves)
        assembler.wide(vector.addProduct, sumOf(row, half), element, columnsOfB + half)
    }
  }
  const advance = (steps: number): void => {
    assembler.addImmediate(wideTile.a, steps * aInner)
    assembler.addImmediate(wideTile.b, steps * rowOfPanel)
  }
  const loop = (register: number, steps: number): void => {
    const [next, done] = [assembler.label('next'), assembler.label('done')]
    assembler.test(register)
    assembler.jumpIf(condition.equal, done)
    assembler.place(next)
    for (let i = 0; i < steps; i++) step(i)
    advance(steps)
    assembler.subImmediate(register, 1)
    assembler.jumpIf(condition.notEqual, next)
    assembler.place(done)
  }
  loop(wideTile.fours, unrolled)
  loop(wideTile.ones, 1)

  emitEnd(assembler, tile)
}

function emitEnd(assembler: Assembler, { rows, cRow, hasBias, hasRelu, isWhole }: WideTile): void {
  const at = (row: number, half: number): Exclude<Operand, { label: Label }> => ({
    base: wideTile.c,
    displacement: row * cRow + 64 * half,
  })
  const each = (body: (row: number, half: 0 | 1) => void): void => {
    for (let row = 0; row < rows; row++) for (const half of halves) body(row, half)
  }
  const other = (half: number): number => elementOfA + half
  const addBias = (): void => {
    for (const half of halves)
      assembler.wideMemory(
        vector.load,
        other(half),
        0,
        { base: wideTile.bias, displacement: 64 * half },
        { mask: halfMasks[half] },
      )
    each((row, half) => assembler.wide(vector.add, sumOf(row, half), sumOf(row, half), other(half)))
  }
  const addBefore = (): void =>
    each((row, half) => {
      assembler.wideMemory(vector.load, other(half), 0, at(row, half), { mask: halfMasks[half] })
      assembler.wide(vector.add, sumOf(row, half), sumOf(row, half), other(half))
    })
  const relu = (): void => {
    const zero = columnsOfB
    assembler.wide(vector.xorIntegers, zero, zero, zero)
    // NaN passes, as it does through the runtime's Relu: the second operand wins.
    each((row, half) => assembler.wide(vector.max, sumOf(row, half), zero, sumOf(row, half)))
  }
  if (isWhole) {
    if (hasBias) addBias()
    if (hasRelu) relu()
  } else {
    const [first, goesOn] = [assembler.label('first'), assembler.label('goes on')]
    assembler.test(wideTile.before)
    assembler.jumpIf(condition.equal, first)
    addBefore()
    if (hasBias) assembler.jump(goesOn)
    assembler.place(first)
    if (hasBias) addBias()
    assembler.place(goesOn)
    if (hasRelu) {
      const store = assembler.label('store')
      assembler.test(wideTile.after)
      assembler.jumpIf(condition.notEqual, store)
      relu()
      assembler.place(store)
    }
  }
  each((row, half) =>
    assembler.wideMemory(vector.store, sumOf(row, half), 0, at(row, half), { mask: halfMasks[half] }),
  )
}
