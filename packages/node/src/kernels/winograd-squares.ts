import { type Assembler, condition, gp, type Operand, vector } from '../assembler/assembler.ts'
import { lanes } from '../assembler/constant-pool.ts'

/** Where in images a walk over squares is, on the stack. */
export interface Walk {
  /** Address of the image. */
  readonly image: Operand
  /** The square's row and column. */
  readonly row: Operand
  readonly column: Operand
}

export interface Grid {
  readonly rows: number
  readonly columns: number
}

/** Begins a walk at the square whose number is in memory. */
export function startWalk(
  assembler: Assembler,
  { image, row, column }: Walk,
  { rows, columns }: Grid,
  first: Operand,
  images: Operand,
  imageBytes: number,
): void {
  assembler.load(gp.rax, first)
  assembler.moveSmall(gp.rdx, 0)
  assembler.moveSmall(gp.rcx, columns)
  assembler.divide(gp.rcx)
  assembler.store(column, gp.rdx)
  assembler.moveSmall(gp.rdx, 0)
  assembler.moveSmall(gp.rcx, rows)
  assembler.divide(gp.rcx)
  assembler.store(row, gp.rdx)
  assembler.scale(gp.rax, gp.rax, imageBytes)
  assembler.load(gp.rcx, images)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(image, gp.rax)
}

/** To the next square. */
export function stepWalk(
  assembler: Assembler,
  { image, row, column }: Walk,
  { rows, columns }: Grid,
  imageBytes: number,
): void {
  const done = assembler.label('done')
  const increment = (place: Operand, end: number): void => {
    assembler.load(gp.rax, place)
    assembler.addImmediate(gp.rax, 1)
    assembler.store(place, gp.rax)
    assembler.compareImmediate(gp.rax, end)
    assembler.jumpIf(condition.below, done)
    assembler.moveSmall(gp.rax, 0)
    assembler.store(place, gp.rax)
  }
  increment(column, columns)
  increment(row, rows)
  assembler.load(gp.rax, image)
  assembler.addImmediate(gp.rax, imageBytes)
  assembler.store(image, gp.rax)
  assembler.place(done)
}

/** Pixels under a square: `size` × `size` of them, from `before` rows above and columns left of it. */
export interface Pixels {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly size: number
  readonly before: readonly [number, number]
}

/** Addresses of the pixels under the walk's square, row by row; those outside of the image lie in a row of zeros. */
export function emitPixels(
  assembler: Assembler,
  { height, width, channels, size, before }: Pixels,
  walk: Walk,
  zeros: Operand,
  addresses: readonly Operand[],
): void {
  const pixelBytes = 4 * channels
  const [y, x, ahead, address] = [gp.rcx, gp.rdx, gp.r8, gp.rax]
  const nothing = gp.r9
  assembler.load(nothing, zeros)
  assembler.load(y, walk.row)
  assembler.add(y, y)
  assembler.load(ahead, walk.column)
  assembler.add(ahead, ahead)
  if (before[0] > 0) assembler.subImmediate(y, before[0])
  if (before[1] > 0) assembler.subImmediate(ahead, before[1])
  for (let row = 0; row < size; row++) {
    const [outside, done] = [assembler.label('outside'), assembler.label('done')]
    // Compared without a sign, so that what is below 0 is too large as well.
    assembler.compareImmediate(y, height)
    assembler.jumpIf(condition.aboveOrEqual, outside)
    assembler.scale(gp.r10, y, width * pixelBytes)
    assembler.load(address, walk.image)
    assembler.add(gp.r10, address)
    assembler.move(x, ahead)
    for (let column = 0; column < size; column++) {
      const [beyond, known] = [assembler.label('beyond'), assembler.label('known')]
      const place = addresses[row * size + column] as Operand
      assembler.compareImmediate(x, width)
      assembler.jumpIf(condition.aboveOrEqual, beyond)
      assembler.scale(address, x, pixelBytes)
      assembler.add(address, gp.r10)
      assembler.store(place, address)
      assembler.jump(known)
      assembler.place(beyond)
      assembler.store(place, nothing)
      assembler.place(known)
      if (column < size - 1) assembler.addImmediate(x, 1)
    }
    assembler.jump(done)
    assembler.place(outside)
    for (let column = 0; column < size; column++)
      assembler.store(addresses[row * size + column] as Operand, nothing)
    assembler.place(done)
    if (row < size - 1) assembler.addImmediate(y, 1)
  }
}

const channel = gp.r11

/** A loop over channels, eight at a time. */
export function overChannels(assembler: Assembler, channels: number, body: () => void): void {
  const loop = assembler.label('channels')
  assembler.moveSmall(channel, 0)
  assembler.place(loop)
  body()
  assembler.addImmediate(channel, lanes)
  assembler.compareImmediate(channel, channels)
  assembler.jumpIf(condition.below, loop)
}

/** Eight channels from the address in a register on. */
export const atChannel = (base: number, displacement = 0): Operand => ({
  base,
  index: channel,
  scale: 4,
  displacement,
})

/**
 * Bᵀ·d·B: 4 × 4 pixels → 16 points, for all channels. The first goes to where the register says, the others
 * `pointBytes` apart.
 */
export function emitInputTransform(
  assembler: Assembler,
  channels: number,
  addresses: readonly Operand[],
  to: number,
  pointBytes: number,
): void {
  const v = assembler.vector.bind(assembler)
  const pixel = (row: number, column: number): Operand => {
    assembler.load(gp.rax, addresses[4 * row + column] as Operand)
    return atChannel(gp.rax)
  }
  /** The points of one row, from four registers on, which change. */
  const points = (row: number, first: number): void => {
    const store = (column: number, register: number): void =>
      assembler.vectorMemory(vector.store, register, 0, atChannel(to, (4 * row + column) * pointBytes))
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
  const [d1, d2, sum, difference] = [0, 4, 8, 12]
  overChannels(assembler, channels, () => {
    for (let column = 0; column < 4; column++) {
      assembler.vectorMemory(vector.load, d1 + column, 0, pixel(1, column))
      assembler.vectorMemory(vector.load, d2 + column, 0, pixel(2, column))
      v(vector.add, sum + column, d1 + column, d2 + column)
      v(vector.sub, difference + column, d2 + column, d1 + column)
    }
    points(1, sum)
    points(2, difference)
    for (let column = 0; column < 4; column++)
      assembler.vectorMemory(vector.sub, d1 + column, d1 + column, pixel(3, column))
    points(3, d1)
    for (let column = 0; column < 4; column++) {
      assembler.vectorMemory(vector.load, sum + column, 0, pixel(0, column))
      v(vector.sub, sum + column, sum + column, d2 + column)
    }
    points(0, sum)
  })
}

/** A·g·Aᵀ: the cotangents of 2 × 2 pixels → 16 points, as above. */
export function emitCotangentTransform(
  assembler: Assembler,
  channels: number,
  addresses: readonly Operand[],
  to: number,
  pointBytes: number,
): void {
  const v = assembler.vector.bind(assembler)
  const zero = 15
  /** From two numbers to four: g0, g0 + g1, g0 − g1, −g1. */
  const spread = (row: number, g0: number, g1: number, temporary: number): void => {
    const store = (column: number, register: number): void =>
      assembler.vectorMemory(vector.store, register, 0, atChannel(to, (4 * row + column) * pointBytes))
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
    const [g00, g01, g10, g11] = [0, 1, 2, 3] as const
    spread(0, g00, g01, 8)
    v(vector.add, 4, g00, g10)
    v(vector.add, 5, g01, g11)
    spread(1, 4, 5, 9)
    v(vector.sub, 4, g00, g10)
    v(vector.sub, 5, g01, g11)
    spread(2, 4, 5, 10)
    v(vector.sub, 4, zero, g10)
    v(vector.sub, 5, zero, g11)
    spread(3, 4, 5, 11)
  })
}
