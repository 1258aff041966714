import { cubic } from '../base/cubic.ts'

/**
 * The matrix (to, from) that resizes a row by cubic convolution: centres of elements at halves, what lies outside as the
 * nearest edge, nothing smoothed when it shrinks. PyTorch's `interpolate(mode='bicubic')` does the same along each axis.
 */
export function bicubicMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from)
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5
    const first = Math.floor(centre) - 1
    for (let tap = first; tap < first + 4; tap++) {
      const at = i * from + Math.min(Math.max(tap, 0), from - 1)
      matrix[at] = (matrix[at] as number) + cubic(centre - tap, -0.75)
    }
  }
  return matrix
}
