import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { checked, finite, oneOf, optionsOf } from '../../base/options.ts'
import { formatShape, sizeOf } from '../../base/shape.ts'
import { arange, asTensor, full, type TensorLike } from '../../tensor/create.ts'
import { scalar, type Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { add, div, minimum, mul, sub } from '../arithmetic.ts'
import { where as choose, clip, greaterEqual, less, logicalAnd } from '../comparison.ts'
import { ceil, floor } from '../elementwise.ts'
import { gather } from '../indexing.ts'
import { concat, expandDims, reshape, squeeze, unstack } from '../shape.ts'

/**
 * What is beyond the edges: one value; the edge; the other side again; mirrored about the last element's centre; mirrored about
 * its outer edge.
 */
export type FillMode = 'constant' | 'nearest' | 'wrap' | 'mirror' | 'reflect'

export const fillModeCheck = oneOf('constant', 'nearest', 'wrap', 'mirror', 'reflect')

export interface SamplingOptions {
  /** The nearest element, or lines between elements. Default `'bilinear'`. */
  readonly interpolation?: 'nearest' | 'bilinear'
  /** What is beyond the edges. Default `'constant'`. */
  readonly fillMode?: FillMode
  /** The value beyond the edges for `'constant'`. Default 0. */
  readonly fillValue?: number
}

export const samplingChecks = optionsOf<SamplingOptions>()({
  interpolation: oneOf('nearest', 'bilinear'),
  fillMode: fillModeCheck,
  fillValue: finite,
})

/** One axis that is sampled along: its length, how far apart its elements lie among the rows, and where to sample. */
interface SampledAxis {
  readonly size: number
  readonly stride: number
  readonly at: Tensor
}

/** An element that a sample is made of: where it lies, whether it is within the axis, and its share. */
interface Contribution {
  readonly index: Tensor
  readonly isWithin?: Tensor
  readonly weight?: Tensor
}

/** a − ⌊a / b⌋ b, which is exact for whole numbers below 2²⁴. */
const remainder = (a: Tensor, b: number): Tensor => sub(a, mul(floor(div(a, b)), b))

/** There and back along so many positions, of which the last is the first again. */
const thereAndBack = (index: Tensor, period: number, last: number): Tensor => {
  const along = remainder(index, period)
  return minimum(along, sub(last, along))
}

/**
 * Positions within an axis for those beyond its edges. They are whole numbers as floats: the steps are then one loop, where
 * those of integers are an operator each, and the integers' remainder alone took a sixth of a rotation.
 */
const fixers: Readonly<Record<FillMode, (index: Tensor, size: number) => Tensor>> = {
  constant: (index) => index,
  nearest: (index) => index,
  wrap: remainder,
  mirror: (index, size) => (size === 1 ? mul(index, 0) : thereAndBack(index, 2 * (size - 1), 2 * (size - 1))),
  reflect: (index, size) => thereAndBack(index, 2 * size, 2 * size - 1),
}

function contributions(
  { size, at }: SampledAxis,
  interpolation: 'nearest' | 'bilinear',
  fillMode: FillMode,
): Contribution[] {
  const fixed = (index: Tensor, weight?: Tensor): Contribution => ({
    // What is clipped is known to be an integer as well.
    index: cast(clip(fixers[fillMode](index, size), { min: 0, max: size - 1 }), 'int32'),
    ...(fillMode === 'constant' ? { isWithin: logicalAnd(greaterEqual(index, 0), less(index, size)) } : {}),
    ...(weight === undefined ? {} : { weight }),
  })
  if (interpolation === 'nearest') {
    // Halves away from 0.
    return [fixed(choose(less(at, 0), ceil(sub(at, 0.5)), floor(add(at, 0.5))))]
  }
  const below = floor(at)
  const share = sub(at, below)
  return [fixed(below, sub(1, share)), fixed(add(below, 1), share)]
}

/**
 * Rows of a table picked at fractional positions: every combination of the elements beside each position, by its weight.
 *
 * @param rows (elements, channels).
 * @param base where each sample's own elements begin among the rows.
 * @returns (…positions, channels).
 */
export function interpolateRows(
  rows: Tensor,
  axes: readonly SampledAxis[],
  { interpolation = 'bilinear', fillMode = 'constant', fillValue = 0 }: SamplingOptions,
  base?: Tensor,
): Tensor {
  const parts = axes.map((axis) => contributions(axis, interpolation, fillMode))
  const corners = parts.reduce<Contribution[][]>(
    (combined, along) => combined.flatMap((corner) => along.map((one) => [...corner, one])),
    [[]],
  )
  // What is beyond the edges is one more row: choosing which row is a choice for each position, not for each channel.
  const [count, channels] = rows.shape as [number, number]
  const table =
    fillMode === 'constant' ? concat([rows, full([1, channels], fillValue, { dtype: rows.dtype })], 0) : rows
  const values = corners.map((corner) => {
    const offsets = corner.map(({ index }, i) => mul(index, axes[i]?.stride ?? 1))
    const place = [...(base === undefined ? [] : [base]), ...offsets].reduce((a, b) => add(a, b))
    const within = corner.flatMap(({ isWithin }) => isWithin ?? [])
    const value = gather(
      table,
      within.length === 0
        ? place
        : choose(
            within.reduce((a, b) => logicalAnd(a, b)),
            place,
            scalar(count, 'int32'),
          ),
    )
    const weights = corner.flatMap(({ weight }) => weight ?? [])
    return weights.length === 0
      ? value
      : mul(
          value,
          cast(
            expandDims(
              weights.reduce((a, b) => mul(a, b)),
              -1,
            ),
            rows.dtype,
          ),
        )
  })
  return values.reduce((a, b) => add(a, b))
}

/** Images (batch, height, width, channels) at positions y, x (batch, rows, columns): (batch, rows, columns, channels). */
export function sampleImages(images: Tensor, y: Tensor, x: Tensor, options: SamplingOptions): Tensor {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  const rows = reshape(images, [batch * height * width, channels])
  const base = mul(arange(batch, undefined, 1, { dtype: 'int32' }), height * width)
  return interpolateRows(
    rows,
    [
      { size: height, stride: width, at: y },
      { size: width, stride: 1, at: x },
    ],
    options,
    reshape(base, [batch, 1, 1]),
  )
}

export interface MapCoordinatesOptions {
  /** 0: the nearest element; 1: lines between elements. Default 1. */
  readonly order?: 0 | 1
  /** What is beyond the edges. Default `'constant'`. */
  readonly fillMode?: FillMode
  /** The value beyond the edges for `'constant'`. Default 0. */
  readonly fillValue?: number
}

const mapChecks = optionsOf<MapCoordinatesOptions>()({
  order: oneOf(0, 1),
  fillMode: fillModeCheck,
  fillValue: finite,
})

/**
 * The values of a tensor at fractional coordinates, as SciPy's `ndimage.map_coordinates`.
 *
 * @param coordinates (rank, …): the first axis has one row of positions for each axis of `x`.
 * @throws ShapeError for other coordinates.
 * @example
 * ops.image.mapCoordinates([[0, 1], [2, 3]], [[0.5], [0.5]]) // [1.5]
 */
export function mapCoordinates(
  x: TensorLike,
  coordinates: TensorLike,
  options: MapCoordinatesOptions = {},
): Tensor {
  const { order = 1, ...filling } = checked('mapCoordinates', options, mapChecks)
  const [t, places] = [asTensor(x), toFloating(asTensor(coordinates))]
  if (t.rank === 0 || places.rank < 2 || places.shape[0] !== t.rank) {
    throw new ShapeError({
      where: 'mapCoordinates',
      expected: `coordinates [${t.rank}, …], a row for each axis of ${formatShape(t.shape)}`,
      received: formatShape(places.shape),
    })
  }
  if (t.size === 0)
    throw new ArgumentError({ where: 'mapCoordinates', expected: 'at least one element', received: 'none' })
  const axes = unstack(places, 0).map((at, i) => ({
    size: t.shape[i] as number,
    stride: sizeOf(t.shape.slice(i + 1)),
    at,
  }))
  const rows = reshape(toFloating(t), [t.size, 1])
  return squeeze(
    interpolateRows(rows, axes, { ...filling, interpolation: order === 0 ? 'nearest' : 'bilinear' }),
    -1,
  )
}

/** Positions 0 … height − 1 as (1, height, 1) and 0 … width − 1 as (1, 1, width). */
export const pixelGrid = (
  height: number,
  width: number,
  dtype: Tensor['dtype'],
): readonly [y: Tensor, x: Tensor] => {
  const along = (size: number): Tensor =>
    asTensor(
      Array.from({ length: size }, (_, i) => i),
      dtype,
    )
  return [reshape(along(height), [1, height, 1]), reshape(along(width), [1, 1, width])]
}
