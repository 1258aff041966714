/**
 * A walk over the squares of images that Winograd's convolutions are cut into: 2 × 2 pixels of the output, and the 4 × 4
 * pixels of the input under them. Part of the loops of winogradConv and winogradGradient.
 *
 * Where the walk is stands on the stack; its functions change rax, rcx and rdx, `emitPixels` also r8, r9 and r10.
 */
import { type Assembler, condition, gp, type Operand } from '../assembler/assembler.ts'
import { choose, divideBy } from './loop.ts'

/** Where a walk is, on the stack. */
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
  divideBy(assembler, columns)
  assembler.store(column, gp.rdx)
  divideBy(assembler, rows)
  assembler.store(row, gp.rdx)
  assembler.scale(gp.rax, gp.rax, imageBytes)
  assembler.load(gp.rcx, images)
  assembler.add(gp.rax, gp.rcx)
  assembler.store(image, gp.rax)
}

/** Goes on to the next square: along a row, then to the next row, then to the next image. */
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

/** The row and the column of the pixel, and the square's first column; the row of zeros, and the row of pixels. */
const [y, x, left, zeroRow, pixelRow, address] = [gp.rcx, gp.rdx, gp.r8, gp.r9, gp.r10, gp.rax]

/**
 * Stores the addresses of the pixels under the walk's square, row by row; for pixels outside of the image that of a row
 * of zeros. Coordinates are compared without a sign, so that those below 0 are too large as well.
 */
export function emitPixels(
  assembler: Assembler,
  pixels: Pixels,
  walk: Walk,
  zeros: Operand,
  addresses: readonly Operand[],
): void {
  const { height, size, before } = pixels
  assembler.load(zeroRow, zeros)
  assembler.load(y, walk.row)
  assembler.add(y, y)
  assembler.load(left, walk.column)
  assembler.add(left, left)
  if (before[0] > 0) assembler.subImmediate(y, before[0])
  if (before[1] > 0) assembler.subImmediate(left, before[1])
  for (let row = 0; row < size; row++) {
    const ofRow = addresses.slice(row * size, (row + 1) * size)
    assembler.compareImmediate(y, height)
    choose(assembler, condition.aboveOrEqual, {
      fails: () => emitPixelRow(assembler, pixels, walk, ofRow),
      holds: () => {
        for (const place of ofRow) assembler.store(place, zeroRow)
      },
    })
    if (row < size - 1) assembler.addImmediate(y, 1)
  }
}

/** The addresses of one row of pixels, which is inside of the image. */
function emitPixelRow(
  assembler: Assembler,
  { width, channels }: Pixels,
  walk: Walk,
  addresses: readonly Operand[],
): void {
  const pixelBytes = 4 * channels
  assembler.scale(pixelRow, y, width * pixelBytes)
  assembler.load(address, walk.image)
  assembler.add(pixelRow, address)
  assembler.move(x, left)
  addresses.forEach((place, column) => {
    assembler.compareImmediate(x, width)
    choose(assembler, condition.aboveOrEqual, {
      fails: () => {
        assembler.scale(address, x, pixelBytes)
        assembler.add(address, pixelRow)
        assembler.store(place, address)
      },
      holds: () => assembler.store(place, zeroRow),
    })
    if (column < addresses.length - 1) assembler.addImmediate(x, 1)
  })
}
