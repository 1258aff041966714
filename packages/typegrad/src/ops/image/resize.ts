import { integerRanges } from '../../base/conversions.ts'
import { isFloating } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, checked, finite, oneOf, optionsOf } from '../../base/options.ts'
import type { TensorLike } from '../../tensor/create.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { clip } from '../comparison.ts'
import { round } from '../elementwise.ts'
import { gather } from '../indexing.ts'
import { matmul } from '../linear-algebra.ts'
import { pad, slice, transpose } from '../shape.ts'
import { type ImageLayout, onImages } from './layout.ts'

export type ResizeInterpolation = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5'

export const resizeInterpolationCheck = oneOf('nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5')

export interface ResizeOptions extends ImageLayout {
  /** How values between pixels are found. Default `'bilinear'`. */
  readonly interpolation?: ResizeInterpolation
  /** Whether smaller images average over what they leave out. Default false. */
  readonly antialias?: boolean
  /** Whether the largest window of the new sides' ratio is cut from the middle first. Default false. */
  readonly cropToAspectRatio?: boolean
  /** Whether edges are added first to come to the new sides' ratio. Default false. */
  readonly padToAspectRatio?: boolean
  /** The value of added edges. Default 0. */
  readonly fillValue?: number
}

const resizeChecks = optionsOf<ResizeOptions>()({
  interpolation: resizeInterpolationCheck,
  antialias: boolean,
  cropToAspectRatio: boolean,
  padToAspectRatio: boolean,
  fillValue: finite,
  dataFormat: anything,
})

const lanczos = (radius: number) => (x: number) =>
  x > radius
    ? 0
    : x <= 1e-3
      ? 1
      : (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2

/** How much a pixel at a distance counts. */
const kernels: Readonly<Record<Exclude<ResizeInterpolation, 'nearest'>, (distance: number) => number>> = {
  bilinear: (x) => Math.max(0, 1 - x),
  // Keys (1981) with a = −1/2.
  bicubic: (x) => (x >= 2 ? 0 : x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
}

/** What each new pixel is made of, (from, to); centres of pixels lie at halves. */
function weightsOf(
  from: number,
  to: number,
  interpolation: Exclude<ResizeInterpolation, 'nearest'>,
  antialias: boolean,
) {
  const ratio = from / to
  const spread = antialias ? Math.max(ratio, 1) : 1
  const kernel = kernels[interpolation]
  const weights = new Float64Array(from * to)
  for (let j = 0; j < to; j++) {
    const centre = (j + 0.5) * ratio - 0.5
    const column = Array.from({ length: from }, (_, i) => kernel(Math.abs(centre - i) / spread))
    const total = column.reduce((a, b) => a + b, 0)
    if (Math.abs(total) <= 1000 * 2 ** -23) continue
    for (let i = 0; i < from; i++) weights[i * to + j] = (column[i] as number) / total
  }
  return weights
}

/** One axis, 1 or 2, of images at another length. */
function resizeAxis(
  x: Tensor,
  axis: 1 | 2,
  to: number,
  interpolation: ResizeInterpolation,
  antialias: boolean,
): Tensor {
  const from = x.shape[axis] as number
  if (from === to && !(antialias && interpolation !== 'nearest')) return x
  if (interpolation === 'nearest') {
    const picked = Array.from({ length: to }, (_, j) =>
      Math.min(from - 1, Math.floor(((j + 0.5) * from) / to)),
    )
    return gather(x, picked, axis)
  }
  const weights = constant(weightsOf(from, to, interpolation, antialias), [from, to], x.dtype)
  // (batch, …, from) · (from, to).
  const order = axis === 1 ? [0, 2, 3, 1] : [0, 1, 3, 2]
  const back = axis === 1 ? [0, 3, 1, 2] : [0, 1, 3, 2]
  return transpose(matmul(transpose(x, order), weights), back)
}

/** The largest window in the middle whose sides are as the new ones: its size, and where it begins. */
export function windowOfRatio(height: number, width: number, toHeight: number, toWidth: number) {
  const rows = Math.max(Math.min(height, Math.trunc((width * toHeight) / toWidth)), 1)
  const columns = Math.max(Math.min(width, Math.trunc((height * toWidth) / toHeight)), 1)
  return { rows, columns, top: Math.trunc((height - rows) / 2), left: Math.trunc((width - columns) / 2) }
}

/** Images (batch, height, width, channels) at another size. Integer images are rounded, and stay what they are. */
export function resizeImages(
  images: Tensor,
  [toHeight, toWidth]: readonly [number, number],
  options: ResizeOptions,
): Tensor {
  const {
    interpolation = 'bilinear',
    antialias = false,
    cropToAspectRatio,
    padToAspectRatio,
    fillValue = 0,
  } = options
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  let x: Tensor = interpolation === 'nearest' ? images : toFloating(images)
  if (cropToAspectRatio === true) {
    const { rows, columns, top, left } = windowOfRatio(height, width, toHeight, toWidth)
    x = slice(x, [0, top, left, 0], [batch, rows, columns, channels])
  } else if (padToAspectRatio === true) {
    const above = Math.trunc((Math.max(height, Math.trunc((width * toHeight) / toWidth)) - height) / 2)
    const beside = Math.trunc((Math.max(width, Math.trunc((height * toWidth) / toHeight)) - width) / 2)
    // Along one axis alone, as Keras does.
    const edges = above > 0 ? [above, 0] : [0, beside]
    const [rows, columns] = edges as [number, number]
    x = pad(
      x,
      [
        [0, 0],
        [rows, rows],
        [columns, columns],
        [0, 0],
      ],
      { value: fillValue },
    )
  }
  const resized = resizeAxis(
    resizeAxis(x, 1, toHeight, interpolation, antialias),
    2,
    toWidth,
    interpolation,
    antialias,
  )
  if (isFloating(images.dtype) || resized.dtype === images.dtype) return resized
  const range = integerRanges[images.dtype]
  const whole = round(resized)
  return cast(
    range === undefined ? whole : clip(whole, { min: Number(range[0]), max: Number(range[1]) }),
    images.dtype,
  )
}

/**
 * Images at another size, (height, width) pixels, with centres of pixels at halves as in JAX, TensorFlow 2 and Pillow.
 *
 * @param images (height, width, channels), or with a batch in front. Integer images are rounded and stay integers.
 * @throws ArgumentError for sizes that are none, ShapeError for another rank.
 * @example
 * ops.image.resize(images, [224, 224], { interpolation: 'bicubic', antialias: true })
 */
export function resize(
  images: TensorLike,
  size: readonly [height: number, width: number],
  options: ResizeOptions = {},
): Tensor {
  const told = checked('resize', options, resizeChecks)
  if (size.length !== 2 || !size.every((side) => Number.isInteger(side) && side > 0)) {
    throw new ArgumentError({
      where: 'resize',
      expected: 'a size [height, width]',
      received: JSON.stringify(size),
    })
  }
  if (told.cropToAspectRatio === true && told.padToAspectRatio === true) {
    throw new ArgumentError({
      where: 'resize',
      expected: 'one of cropToAspectRatio and padToAspectRatio',
      received: 'both',
    })
  }
  return onImages('resize', images, told.dataFormat, (batch) => resizeImages(batch, size, told))
}
