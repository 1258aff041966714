import { ShapeError } from '../base/errors.ts'
import { boolean, checked, count, needed, oneOf, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import type { QuantizedParams } from '../graph/quantized.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast } from './apply.ts'
import { add, div, maximum, minimum, mul, sub } from './arithmetic.ts'
import { clip, equal, greaterEqual, where } from './comparison.ts'
import { neg, round } from './elementwise.ts'
import { max, min } from './reduce.ts'
import { pad, reshape, stridedSlice } from './shape.ts'

export interface QuantizeOptions {
  /** Bits of each number. */
  readonly bits: 4 | 8
  /** So many numbers of a row have a scale in common: 16, 32, 64, 128 or 256. Default 32. */
  readonly blockSize?: BlockSize
  /**
   * Whether zero is in the middle of the range. Default true; false gives each block a zero point of its own, which is better
   * where numbers of a block have one sign.
   */
  readonly isSymmetric?: boolean
}

export type BlockSize = (typeof blockSizes)[number]

const blockSizes = [16, 32, 64, 128, 256] as const

export const quantizeChecks = optionsOf<QuantizeOptions>()({
  bits: needed(oneOf(4, 8)),
  blockSize: oneOf(...blockSizes),
  isSymmetric: boolean,
})

/** A matrix of few bits a number, in the form that ONNX Runtime's `MatMulNBits` reads. */
export interface Quantized {
  /** uint8 (rows, blocks, blockSize · bits / 8): two numbers of 4 bits a byte, the first in the lower half. */
  readonly packed: Tensor
  /** float32 (rows, blocks) */
  readonly scales: Tensor
  /** uint8 (rows, ⌈blocks · bits / 8⌉), packed as the numbers are. Default: zero is half of the range. */
  readonly zeros?: Tensor
}

/**
 * Rounds the numbers of a matrix to 4 or 8 bits, in blocks along its rows that have a scale each:
 * x ≈ (number − zero) · scale. Symmetric ones have the number of the largest magnitude at the end of the range, exactly.
 *
 * These are llama.cpp's Q4_0, Q4_1 and Q8_0 but for their order of bytes (https://github.com/ggml-org/ggml, quants).
 *
 * @param matrix (rows, columns), floating.
 * @throws ShapeError for what is no matrix; ArgumentError for options that are none.
 * @example
 * const { packed, scales } = ops.quantize(random.normal([64, 128]), { bits: 4 }) // uint8 [64, 4, 16], float32 [64, 4]
 */
export function quantize(matrix: TensorLike, options: QuantizeOptions): Quantized {
  const { bits, blockSize = 32, isSymmetric = true } = checked('quantize', options, quantizeChecks)
  const t = cast(asTensor(matrix), 'float32')
  if (t.rank !== 2)
    throw new ShapeError({ where: 'quantize', expected: 'a matrix', received: formatShape(t.shape) })
  const [rows, columns] = t.shape as readonly [number, number]
  const blocks = Math.ceil(columns / blockSize)
  const filled =
    blocks * blockSize === columns
      ? t
      : pad(t, [
          [0, 0],
          [0, blocks * blockSize - columns],
        ])
  const x = reshape(filled, [rows, blocks, blockSize])
  const [low, high] = [min(x, -1, { keepDims: true }), max(x, -1, { keepDims: true })]
  const most = 2 ** bits - 1
  const half = 2 ** (bits - 1)
  if (isSymmetric) {
    const largest = where(greaterEqual(high, neg(low)), high, low)
    const scales = div(largest, -half)
    return {
      packed: halves(inRange(add(round(mul(x, inverse(scales))), half), most), bits),
      scales: reshape(scales, [rows, blocks]),
    }
  }
  // Zero is a number of the range, so that padding and what is pruned stays 0.
  const [from, to] = [minimum(low, 0), maximum(high, 0)]
  const scales = div(sub(to, from), most)
  const zeros = inRange(round(neg(mul(from, inverse(scales)))), most)
  const numbers = inRange(add(round(mul(x, inverse(scales))), zeros), most)
  const inRow = reshape(zeros, [rows, blocks])
  const even =
    bits === 8 || blocks % 2 === 0
      ? inRow
      : pad(inRow, [
          [0, 0],
          [0, 1],
        ])
  return { packed: halves(numbers, bits), scales: reshape(scales, [rows, blocks]), zeros: halves(even, bits) }
}

const inRange = (x: Tensor, most: number): Tensor => clip(x, { min: 0, max: most })

/** 1 / x, and 0 for the scale of a block of zeros. */
const inverse = (scales: Tensor): Tensor =>
  where(equal(scales, 0), 0, div(1, where(equal(scales, 0), 1, scales)))

/** Whole numbers as bytes, two of 4 bits in one. */
function halves(numbers: Tensor, bits: 4 | 8): Tensor {
  if (bits === 8) return cast(numbers, 'uint8')
  const [lower, upper] = [stridedSlice(numbers, -1, 0, null, 2), stridedSlice(numbers, -1, 1, null, 2)]
  return cast(add(lower, mul(upper, 16)), 'uint8')
}

export interface DequantizeOptions extends Pick<QuantizeOptions, 'bits' | 'blockSize'> {
  /** Columns of the matrix. Default: all that the blocks hold. */
  readonly columns?: number
  /**
   * What a product with the matrix does with its other operand: `'int8'` rounds it in blocks as well, as llama.cpp does, with
   * an error of some thousandths and two to four times the speed; `'float32'` leaves it. Default `'int8'`.
   */
  readonly activations?: QuantizedParams['activations']
}

const dequantizeChecks = optionsOf<DequantizeOptions>()({
  bits: needed(oneOf(4, 8)),
  blockSize: oneOf(...blockSizes),
  columns: count,
  activations: oneOf('int8', 'float32'),
})

/**
 * The matrix (rows, columns) that `quantize` has rounded. A product `x.matmul(dequantize(…).transpose())` reads the bytes as
 * they are, and `gather` makes floats of the rows alone that are looked up; the matrix itself is never made then.
 *
 * @throws ShapeError or DTypeError for parts that do not fit; ArgumentError for options that are none.
 * @example
 * const q = ops.quantize(w, { bits: 4 })
 * const y = x.matmul(ops.dequantize(q, { bits: 4 }).transpose())
 */
export function dequantize({ packed, scales, zeros }: Quantized, options: DequantizeOptions): Tensor {
  const {
    bits,
    blockSize = 32,
    columns,
    activations = 'int8',
  } = checked('dequantize', options, dequantizeChecks)
  const held = (packed.shape[1] ?? 0) * blockSize
  const inputs = zeros === undefined ? [packed, scales] : [packed, scales, zeros]
  return apply('dequantize', inputs, { bits, blockSize, columns: columns ?? held, activations })
}
