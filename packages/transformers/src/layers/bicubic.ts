import { arange, ops, type Tensor } from 'typegrad'

/** a of PyTorch's kernel; Pillow's is −0.5. */
const a = -0.75

/** What {@link cubic} is of each distance from 0 to 2. */
function cubicOf(distance: Tensor): Tensor {
  const x = distance.abs()
  const near = x
    .mul(a + 2)
    .sub(a + 3)
    .mul(x)
    .mul(x)
    .add(1)
  const far = x.sub(5).mul(x).add(8).mul(x).sub(4).mul(a)
  return ops.where(x.less(1), near, far)
}

/**
 * The matrix (to, from) that resizes a row by cubic convolution: centres of elements at halves, what lies outside as the
 * nearest edge, nothing smoothed when it shrinks. PyTorch's `interpolate(mode='bicubic')` does the same along each axis.
 * It is made of operations, so that exported files make it for pictures of any size.
 */
export function bicubicMatrix(from: number, to: number): Tensor {
  // Where the centre of each element lies in the row, and the first of the four that it is made of: (to) each.
  const centres = arange(0, to, 1, { dtype: 'float32' })
    .add(0.5)
    .mul(from / to)
    .sub(0.5)
  const first = ops.floor(centres).sub(1)
  const columns = arange(0, from, 1, { dtype: 'float32' })
  const taps = [0, 1, 2, 3].map((i) => {
    const tap = first.add(i)
    const isHere = tap
      .clip({ min: 0, max: from - 1 })
      .expandDims(-1)
      .equal(columns) // (to, from)
    return ops.where(isHere, cubicOf(centres.sub(tap)).expandDims(-1), 0)
  })
  return taps.reduce((sum, tap) => sum.add(tap))
}
