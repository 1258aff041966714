import { cubic } from '../base/cubic.ts'
import type { Picture } from './picture.ts'

/** Filters in the order of Pillow's numbers, which `resample` of configurations are. */
export const resamplings = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const

export type Resampling = (typeof resamplings)[number]

interface Size {
  readonly height: number
  readonly width: number
}

interface Filter {
  /** Distance from which on it is 0. */
  readonly support: number
  readonly at: (x: number) => number
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const filters: Readonly<Record<Exclude<Resampling, 'nearest'>, Filter>> = {
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, at: (x) => cubic(x, -0.5) },
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  hamming: {
    support: 1,
    at: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
  },
}

/** What is summed for one element of a resized row: elements from `first` on, each with its weight. */
interface Taps {
  readonly first: number
  /** In units of 2⁻²². */
  readonly weights: Int32Array
}

/** Bits behind the point of weights: with 8 of a pixel and 2 to spare, a sum fits into 32. */
const bits = 22

/** The filter is as wide as an element of the larger of both rows, so that shrinking smooths. */
function tapsOf({ support, at }: Filter, from: number, to: number): readonly Taps[] {
  const scale = from / to
  const stretch = Math.max(scale, 1)
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale
    const first = Math.max(0, Math.trunc(center - support * stretch + 0.5))
    const end = Math.min(from, Math.trunc(center + support * stretch + 0.5))
    const values = Array.from({ length: end - first }, (_, k) => at((k + first - center + 0.5) / stretch))
    const sum = values.reduce((a, b) => a + b, 0)
    const weights = Int32Array.from(values, (value) => {
      const scaled = (sum === 0 ? value : value / sum) * 2 ** bits
      return Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5))
    })
    return { first, weights }
  })
}

/**
 * Resizes one axis of (rows, length, inner): each element becomes a weighted sum, rounded to a byte.
 *
 * @param inner how many bytes lie between neighbours along the axis.
 */
function resizeAxis(
  data: Picture['data'],
  { rows, length, inner }: { rows: number; length: number; inner: number },
  taps: readonly Taps[],
): Uint8ClampedArray {
  const resized = new Uint8ClampedArray(rows * taps.length * inner)
  const sums = new Int32Array(inner)
  for (let row = 0, at = 0; row < rows; row++) {
    for (const { first, weights } of taps) {
      sums.fill(1 << (bits - 1))
      let from = (row * length + first) * inner
      for (const weight of weights)
        for (let offset = 0; offset < inner; offset++)
          sums[offset] = (sums[offset] as number) + (data[from++] as number) * weight
      for (const sum of sums) resized[at++] = sum >> bits
    }
  }
  return resized
}

/** Which element is nearest, for each of a resized row. */
function nearestOf(from: number, to: number): Int32Array {
  const scale = from / to
  let position = scale * 0.5
  return Int32Array.from({ length: to }, () => {
    const at = Math.min(Math.trunc(position), from - 1)
    position += scale
    return at
  })
}

function resizeToNearest({ data, width, height, channels }: Picture, to: Size) {
  const rows = nearestOf(height, to.height)
  const columns = nearestOf(width, to.width)
  const resized = new Uint8Array(to.height * to.width * channels)
  let at = 0
  for (const y of rows)
    for (const x of columns)
      for (let channel = 0; channel < channels; channel++)
        resized[at++] = data[(y * width + x) * channels + channel] as number
  return resized
}

/**
 * Whether the height is resized before the width. Which comes first shows in the last bit, as there are bytes between. This is
 * the order of Pillow 13; earlier versions always begin with the width.
 */
const heightFirst = ({ height, width }: Picture, to: Size): boolean =>
  to.height < height && height - to.height > 2 * (width - to.width)

function resizeWidth(picture: Picture, width: number, filter: Filter): Picture {
  if (width === picture.width) return picture
  const rows = { rows: picture.height, length: picture.width, inner: picture.channels }
  return { ...picture, width, data: resizeAxis(picture.data, rows, tapsOf(filter, picture.width, width)) }
}

function resizeHeight(picture: Picture, height: number, filter: Filter): Picture {
  if (height === picture.height) return picture
  const columns = { rows: 1, length: picture.height, inner: picture.width * picture.channels }
  const taps = tapsOf(filter, picture.height, height)
  return { ...picture, height, data: resizeAxis(picture.data, columns, taps) }
}

/** A picture in another size, byte for byte as Pillow's `Image.resize` gives it: along one axis, then along the other. */
export function resizePicture(picture: Picture, to: Size, resampling: Resampling): Picture {
  if (resampling === 'nearest') return { ...picture, ...to, data: resizeToNearest(picture, to) }
  const filter = filters[resampling]
  return heightFirst(picture, to)
    ? resizeWidth(resizeHeight(picture, to.height, filter), to.width, filter)
    : resizeHeight(resizeWidth(picture, to.width, filter), to.height, filter)
}
