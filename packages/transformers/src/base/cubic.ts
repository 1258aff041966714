/**
 * The kernel of cubic convolution at a distance; 0 from 2 on. PyTorch's has a = −0.75, Pillow's a = −0.5.
 *
 * Keys 1981, "Cubic convolution interpolation for digital image processing",
 * https://doi.org/10.1109/TASSP.1981.1163711
 */
export function cubic(distance: number, a: number): number {
  const x = Math.abs(distance)
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
}
