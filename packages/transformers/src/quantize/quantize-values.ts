import type { Work } from 'typegrad/core'

export interface QuantizeValuesOptions {
  readonly bits: 4 | 8
  readonly blockSize: number
  readonly isSymmetric: boolean
}

/** A matrix (rows, columns) as it lies in memory: distances in elements. */
export interface MatrixView {
  readonly values: Float32Array
  readonly rows: number
  readonly columns: number
  readonly rowStride: number
  readonly columnStride: number
}

/** What `ops.quantize` makes, in its shapes. */
export interface QuantizedValues {
  readonly packed: Uint8Array
  readonly scales: Float32Array
  readonly zeros: Uint8Array | undefined
}

/** Rows that are gone through beside each other: where they are columns in memory, each line of the cache is read once. */
const rowsOfTile = 64

/**
 * The numbers of `ops.quantize`, bit for bit, in one pass over memory: as a graph, each of its dozen operations makes a matrix
 * of its own. The arithmetic is that of float32, operation by operation.
 */
export function* quantizeValuesWork(
  matrix: MatrixView,
  { bits, blockSize, isSymmetric }: QuantizeValuesOptions,
): Work<QuantizedValues> {
  const { rows, columns } = matrix
  const blocks = Math.ceil(columns / blockSize)
  const made = {
    packed: new Uint8Array((rows * blocks * blockSize * bits) / 8),
    scales: new Float32Array(rows * blocks),
    zeros: isSymmetric ? undefined : new Uint8Array(rows * Math.ceil((blocks * bits) / 8)),
  }
  const block = new Block(bits, blockSize, isSymmetric)
  for (let first = 0; first < rows; first += rowsOfTile) {
    const end = Math.min(first + rowsOfTile, rows)
    for (let k = 0; k < blocks; k++) quantizeRows(matrix, made, block, first, end, k)
    yield
  }
  return made
}

/** The block with number `k` of some rows. */
function quantizeRows(
  { values, columns, rowStride, columnStride }: MatrixView,
  { packed, scales, zeros }: QuantizedValues,
  block: Block,
  first: number,
  end: number,
  k: number,
): void {
  const { bits, elements, numbers } = block
  const size = elements.length
  const blocks = Math.ceil(columns / size)
  const count = Math.min(size, columns - k * size)
  // Zeros behind the last column fill its block up.
  elements.fill(0, count)
  for (let row = first; row < end; row++) {
    let from = row * rowStride + k * size * columnStride
    for (let i = 0; i < count; i++, from += columnStride) elements[i] = values[from] as number
    block.quantize()
    scales[row * blocks + k] = block.scale
    if (zeros !== undefined) put(zeros, row * Math.ceil((blocks * bits) / 8), k, block.zero, bits)
    const to = ((row * blocks + k) * size * bits) / 8
    if (bits === 8) packed.set(numbers, to)
    else
      for (let i = 0; i < size / 2; i++)
        packed[to + i] = (numbers[2 * i] as number) | ((numbers[2 * i + 1] as number) << 4)
  }
}

/** A number of 4 or 8 bits at this place behind a byte; of 4 bits the first of two is in the lower half. */
function put(bytes: Uint8Array, from: number, place: number, number: number, bits: 4 | 8): void {
  if (bits === 8) bytes[from + place] = number
  else bytes[from + (place >> 1)] = (bytes[from + (place >> 1)] as number) | (number << (4 * (place & 1)))
}

/** Added to and taken from a float64, it leaves the nearest whole number, of two the even one. */
const shift = 1.5 * 2 ** 52

/** Numbers of one block, and what they become. */
class Block {
  readonly bits: 4 | 8
  readonly elements: Float32Array
  readonly numbers: Uint8Array
  readonly #isSymmetric: boolean
  /** Scale and zero point: an array, since engines make an object of a number that a field gets again and again. */
  readonly #told = new Float64Array(2)

  constructor(bits: 4 | 8, size: number, isSymmetric: boolean) {
    this.bits = bits
    this.elements = new Float32Array(size)
    this.numbers = new Uint8Array(size)
    this.#isSymmetric = isSymmetric
  }

  get scale(): number {
    return this.#told[0] as number
  }

  get zero(): number {
    return this.#told[1] as number
  }

  quantize(): void {
    const { bits, elements, numbers } = this
    const most = 2 ** bits - 1
    let low = elements[0] as number
    let high = low
    for (let i = 1; i < elements.length; i++) {
      const x = elements[i] as number
      if (x < low) low = x
      if (x > high) high = x
    }
    let zero = 2 ** (bits - 1)
    let scale = Math.fround((high >= -low ? high : low) / -zero)
    if (!this.#isSymmetric) {
      const from = Math.min(low, 0)
      scale = Math.fround(Math.fround(Math.max(high, 0) - from) / most)
      zero = Math.max(0, Math.min(most, -Math.fround(from * inverseOf(scale)) + shift - shift))
    }
    this.#told[0] = scale
    this.#told[1] = zero
    const inverse = inverseOf(scale)
    for (let i = 0; i < elements.length; i++) {
      const number = Math.fround((elements[i] as number) * inverse) + shift - shift + zero
      numbers[i] = number < 0 ? 0 : number > most ? most : number
    }
  }
}

/** 1 / scale in float32, and 0 for a block of zeros. */
const inverseOf = (scale: number): number => (scale === 0 ? 0 : Math.fround(1 / scale))
