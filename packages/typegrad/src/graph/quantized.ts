import type { DType } from '../base/dtype.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'

/** How a matrix (rows, columns) of few bits a number is kept. */
export interface QuantizedParams {
  /** Of each number. */
  readonly bits: 4 | 8
  /** So many numbers of a row have a scale in common: a power of two from 16. */
  readonly blockSize: number
  /** Numbers of a row; the last block is filled up. */
  readonly columns: number
  /**
   * What products with it do with what they multiply it with: it is rounded to 8 bits in blocks as well, which is two to four
   * times faster and what llama.cpp does, or stays as it is.
   */
  readonly activations: 'int8' | 'float32'
}

/** Shapes of what a matrix of so many rows is kept in: whole bytes. */
export function quantizedShapes(rows: number, { bits, blockSize, columns }: QuantizedParams) {
  const blocks = Math.ceil(columns / blockSize)
  return {
    /** Two numbers of 4 bits a byte, the first in the lower half. */
    packed: [rows, blocks, (blockSize * bits) / 8] as const,
    scales: [rows, blocks] as const,
    /** Packed as the numbers are, along the blocks of a row. */
    zeros: [rows, Math.ceil((blocks * bits) / 8)] as const,
  }
}

interface Typed {
  readonly dtype: DType
  readonly shape: Shape
}

/** @throws DTypeError or ShapeError for inputs (packed, scales, perhaps zero points) that do not fit. */
export function checkQuantized(where: string, inputs: readonly Typed[], params: QuantizedParams): number {
  const rows = inputs[0]?.shape[0] ?? 0
  const { packed, scales, zeros } = quantizedShapes(rows, params)
  const wanted: readonly (readonly [DType, Shape])[] = [
    ['uint8', packed],
    ['float32', scales],
    ['uint8', zeros],
  ]
  for (const [i, { dtype, shape }] of inputs.entries()) {
    const [wantedDType, wantedShape] = wanted[i] as readonly [DType, Shape]
    if (dtype !== wantedDType) throw new DTypeError({ where, expected: wantedDType, received: dtype })
    if (!sameShape(shape, wantedShape))
      throw new ShapeError({ where, expected: formatShape(wantedShape), received: formatShape(shape) })
  }
  return rows
}
