/**
 * The matrix (to, from) that resizes a row by cubic convolution: centres of elements at halves, what lies outside as the
 * nearest edge, nothing smoothed when it shrinks. It is what PyTorch's `interpolate(mode='bicubic')` multiplies with, whose
 * kernel has a = −0.75.
 *
 * Keys 1981, "Cubic convolution interpolation for digital image processing",
 * https://doi.org/10.1109/TASSP.1981.1163711
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

/** Keys's kernel at a distance; 0 from 2 on. */
export function cubic(distance: number, a: number): number {
  const x = Math.abs(distance)
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0
}
