import { ShapeError } from '../../base/errors.ts'
import { anything, checked, finite, oneOf, optionsOf } from '../../base/options.ts'
import { formatShape, sameShape } from '../../base/shape.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { add, div, mul, sub } from '../arithmetic.ts'
import { at, expandDims, reshape, stack } from '../shape.ts'
import { type ImageLayout, onImages } from './layout.ts'
import { pixelGrid, type SamplingOptions, sampleImages } from './map-coordinates.ts'

export interface PerspectiveTransformOptions extends Omit<SamplingOptions, 'fillMode'>, ImageLayout {}

const perspectiveChecks = optionsOf<PerspectiveTransformOptions>()({
  interpolation: oneOf('nearest', 'bilinear'),
  fillValue: finite,
  dataFormat: anything,
})

/** A 3 × 3 matrix, each entry of which is a tensor of one number an image. */
type Matrix = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]

/** a·b − c·d. */
const cross = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor => sub(mul(a, b), mul(c, d))

/**
 * The map of the unit square onto four points, in the order (0, 0), (1, 0), (0, 1), (1, 1): Heckbert, Fundamentals of Texture
 * Mapping and Image Warping (1989), section 2.2.3.
 */
function fromSquare(points: Tensor): Matrix {
  const coordinate = (i: number, axis: number): Tensor => at(at(points, i, 1), axis, 1)
  const [x0, x1, x3, x2] = [0, 1, 2, 3].map((i) => coordinate(i, 0)) as [Tensor, Tensor, Tensor, Tensor]
  const [y0, y1, y3, y2] = [0, 1, 2, 3].map((i) => coordinate(i, 1)) as [Tensor, Tensor, Tensor, Tensor]
  const [dx1, dx2, sx] = [sub(x1, x2), sub(x3, x2), add(sub(x0, x1), sub(x2, x3))]
  const [dy1, dy2, sy] = [sub(y1, y2), sub(y3, y2), add(sub(y0, y1), sub(y2, y3))]
  const whole = cross(dx1, dy2, dx2, dy1)
  const g = div(cross(sx, dy2, dx2, sy), whole)
  const h = div(cross(dx1, sy, sx, dy1), whole)
  const one = add(mul(x0, 0), 1)
  return [
    add(sub(x1, x0), mul(g, x1)),
    add(sub(x3, x0), mul(h, x3)),
    x0,
    add(sub(y1, y0), mul(g, y1)),
    add(sub(y3, y0), mul(h, y3)),
    y0,
    g,
    h,
    one,
  ]
}

/** The inverse up to a factor, which perspective does not know. */
const adjugate = ([a, b, c, d, e, f, g, h, i]: Matrix): Matrix => [
  cross(e, i, f, h),
  cross(c, h, b, i),
  cross(b, f, c, e),
  cross(f, g, d, i),
  cross(a, i, c, g),
  cross(c, d, a, f),
  cross(d, h, e, g),
  cross(b, g, a, h),
  cross(a, e, b, d),
]

function product(a: Matrix, b: Matrix): Matrix {
  const entry = (row: number, column: number): Tensor =>
    [0, 1, 2]
      .map((k) => mul(a[3 * row + k] as Tensor, b[3 * k + column] as Tensor))
      .reduce((x, y) => add(x, y))
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => entry(row, column))) as unknown as Matrix
}

const points = (given: TensorLike): Tensor => {
  const t = toFloating(asTensor(given))
  return t.rank === 2 ? expandDims(t, 0) : t
}

/**
 * The projective map that takes each of four end points to its start point: 8 numbers [a, b, c, d, e, f, g, h] an image, with
 * x ← (a·x + b·y + c) / (g·x + h·y + 1), y ← (d·x + e·y + f) / (g·x + h·y + 1).
 *
 * @param startPoints (4, 2) or (batch, 4, 2): x and y of the corners top left, top right, bottom left, bottom right.
 * @param endPoints the same shape.
 * @returns (batch, 8).
 * @throws ShapeError for other shapes.
 */
export function homography(startPoints: TensorLike, endPoints: TensorLike): Tensor {
  const [start, end] = [points(startPoints), points(endPoints)]
  if (
    !sameShape(start.shape, end.shape) ||
    start.rank !== 3 ||
    start.shape[1] !== 4 ||
    start.shape[2] !== 2
  ) {
    throw new ShapeError({
      where: 'homography',
      expected: 'start and end points [4, 2] or [batch, 4, 2], both alike',
      received: `${formatShape(start.shape)} and ${formatShape(end.shape)}`,
    })
  }
  // Products of coordinates to the sixth power: float32 would lose pixels of large images.
  const map = product(fromSquare(cast(start, 'float64')), adjugate(fromSquare(cast(end, 'float64'))))
  return cast(
    stack(
      map.slice(0, 8).map((entry) => div(entry, map[8])),
      1,
    ),
    'float32',
  )
}

/**
 * Images seen from elsewhere: what was at the four start points is at the end points then.
 *
 * @param images (height, width, channels), or with a batch in front.
 * @param startPoints x and y of four points, (4, 2) or one such for each image.
 * @param endPoints where they go.
 * @throws ShapeError for other shapes.
 * @example
 * ops.image.perspectiveTransform(image, [[0, 0], [9, 0], [0, 9], [9, 9]], [[1, 0], [8, 0], [0, 9], [9, 9]])
 */
export function perspectiveTransform(
  images: TensorLike,
  startPoints: TensorLike,
  endPoints: TensorLike,
  options: PerspectiveTransformOptions = {},
): Tensor {
  const { dataFormat, ...sampling } = checked('perspectiveTransform', options, perspectiveChecks)
  return onImages('perspectiveTransform', images, dataFormat, (batch) => {
    const [count, height, width] = batch.shape as [number, number, number]
    const map = homography(startPoints, endPoints)
    const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i): Tensor => reshape(at(map, i, 1), [map.shape[0] as number, 1, 1]),
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const [y, x] = pixelGrid(height, width, 'float32')
    const along = (p: Tensor, q: Tensor, r: Tensor | number): Tensor => add(add(mul(p, x), mul(q, y)), r)
    const depth = along(g, h, 1)
    const spread = (t: Tensor): Tensor => (t.shape[0] === count ? t : t.broadcastTo([count, height, width]))
    return sampleImages(
      toFloating(batch),
      spread(div(along(d, e, f), depth)),
      spread(div(along(a, b, c), depth)),
      sampling,
    )
  })
}
