import { bilinear } from './bilinear.ts'
import type { FloatPicture, Picture, Window } from './picture.ts'

/** How values between pixels are found, by TensorFlow's names, which Keras takes. */
export type Interpolation =
  | 'bilinear'
  | 'nearest'
  | 'bicubic'
  | 'area'
  | 'lanczos3'
  | 'lanczos5'
  | 'gaussian'
  | 'mitchellcubic'

/** What becomes of a picture of another shape: it is stretched, its middle is cut out, or it gets black edges. */
export type Fit = 'stretch' | 'crop' | 'pad'

export interface Resizing {
  readonly height: number
  readonly width: number
  readonly interpolation: Interpolation
  readonly fit: Fit
}

/** For each element of a resized row: where what it is made of begins, and how much each counts. */
interface Taps {
  readonly first: Int32Array
  /** `size` weights for each element, zeros behind its own. */
  readonly weights: Float64Array
  readonly size: number
}

const lanczos = (radius: number) => (x: number) =>
  x >= radius
    ? 0
    : x < 1e-3
      ? 1
      : (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2

interface Kernel {
  readonly radius: number
  readonly at: (distance: number) => number
}

/** Kernels of `tf.image.resize` without antialiasing: they see as many pixels of a large picture as of a small one. */
const kernels: Readonly<Record<Exclude<Interpolation, 'nearest' | 'area'>, Kernel>> = {
  bilinear: { radius: 1, at: (x) => Math.max(0, 1 - x) },
  // Keys (1981) with a = −1/2.
  bicubic: {
    radius: 2,
    at: (x) => (x >= 2 ? 0 : x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1),
  },
  lanczos3: { radius: 3, at: lanczos(3) },
  lanczos5: { radius: 5, at: lanczos(5) },
  // A standard deviation of half a pixel, cut off at three.
  gaussian: { radius: 1.5, at: (x) => (x >= 1.5 ? 0 : Math.exp(-2 * x * x)) },
  // Mitchell and Netravali (1988) with B = C = 1/3.
  mitchellcubic: {
    radius: 2,
    at: (x) =>
      x >= 2
        ? 0
        : x >= 1
          ? (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9
          : ((7 / 6) * x - 2) * x * x + 8 / 9,
  },
}

function gathered(
  to: number,
  taps: (element: number) => readonly [first: number, weights: readonly number[]],
): Taps {
  const all = Array.from({ length: to }, (_, i) => taps(i))
  const size = Math.max(...all.map(([, weights]) => weights.length))
  const weights = new Float64Array(to * size)
  for (const [i, [, own]] of all.entries()) weights.set(own, i * size)
  return { first: Int32Array.from(all, ([first]) => first), weights, size }
}

/** Centres of pixels lie at halves; what lies beyond the edge does not count. */
function tapsOf(from: number, to: number, interpolation: Interpolation): Taps {
  const ratio = from / to
  if (interpolation === 'nearest')
    return gathered(to, (i) => [Math.min(from - 1, Math.floor((i + 0.5) * ratio)), [1]])
  if (interpolation === 'area')
    return gathered(to, (i) => {
      const [start, end] = [i * ratio, (i + 1) * ratio]
      const first = Math.floor(start)
      const last = Math.min(from, Math.ceil(end))
      const parts = Array.from(
        { length: last - first },
        (_, k) => Math.min(first + k + 1, end) - Math.max(first + k, start),
      )
      return [first, parts.map((part) => part / ratio)]
    })
  const { radius, at } = kernels[interpolation]
  return gathered(to, (i) => {
    const centre = (i + 0.5) * ratio - 0.5
    // A pixel at the kernel's very edge counts nothing.
    const first = Math.max(0, Math.floor(centre - radius) + 1)
    const last = Math.min(from - 1, Math.ceil(centre + radius) - 1)
    const values = Array.from({ length: last - first + 1 }, (_, k) => at(Math.abs(centre - first - k)))
    const sum = values.reduce((a, b) => a + b, 0)
    return [first, values.map((value) => value / sum)]
  })
}

/** One row of a window with another width, written to `out`. */
function resizeRow(
  { data, width, channels }: Picture,
  y: number,
  left: number,
  { first, weights, size }: Taps,
  out: Float32Array,
): void {
  const row = (y * width + left) * channels
  const to = first.length
  if (size === 2) {
    // Without loops over two pixels and a few channels, in half of the time.
    for (let x = 0, at = 0; x < to; x++) {
      const weight = weights[2 * x] as number
      const other = weights[2 * x + 1] as number
      const from = row + (first[x] as number) * channels
      // At the edge of a row there may be one pixel alone.
      const next = other === 0 ? from : from + channels
      out[at] = weight * (data[from] as number) + other * (data[next] as number)
      if (channels > 1) {
        out[at + 1] = weight * (data[from + 1] as number) + other * (data[next + 1] as number)
        out[at + 2] = weight * (data[from + 2] as number) + other * (data[next + 2] as number)
      }
      if (channels > 3) out[at + 3] = weight * (data[from + 3] as number) + other * (data[next + 3] as number)
      at += channels
    }
    return
  }
  if (channels === 3) {
    for (let x = 0, at = 0; x < to; x++) {
      let red = 0
      let green = 0
      let blue = 0
      let from = row + (first[x] as number) * 3
      for (let k = x * size; k < (x + 1) * size; k++, from += 3) {
        const weight = weights[k] as number
        if (weight === 0) continue
        red += weight * (data[from] as number)
        green += weight * (data[from + 1] as number)
        blue += weight * (data[from + 2] as number)
      }
      out[at++] = red
      out[at++] = green
      out[at++] = blue
    }
    return
  }
  for (let x = 0, at = 0; x < to; x++) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0
      let from = row + (first[x] as number) * channels + channel
      for (let k = x * size; k < (x + 1) * size; k++, from += channels) {
        const weight = weights[k] as number
        if (weight !== 0) sum += weight * (data[from] as number)
      }
      out[at++] = sum
    }
  }
}

/** A window of a picture at another size, written into `out` (outHeight, outWidth, channels) from a row and column on. */
function resizeWindow(
  picture: Picture,
  { top, left, height, width }: Window,
  to: { readonly height: number; readonly width: number },
  interpolation: Interpolation,
  out: Float32Array,
  place: { readonly top: number; readonly left: number; readonly width: number },
): void {
  const { channels } = picture
  const length = to.width * channels
  const done = interpolation === 'bilinear' ? bilinear(picture, { top, left, height, width }, to) : undefined
  if (done !== undefined) {
    for (let y = 0; y < to.height; y++) {
      const start = ((place.top + y) * place.width + place.left) * channels
      out.set(done.subarray(y * length, (y + 1) * length), start)
    }
    return
  }
  const rows = tapsOf(height, to.height, interpolation)
  const columns = tapsOf(width, to.width, interpolation)
  // Rows of the new width, each made once: those that a new row is made of lie side by side.
  const made = Array.from({ length: rows.size }, () => new Float32Array(length))
  const rowOf = new Int32Array(rows.size).fill(-1)
  const isByte = rows.size === 1
  for (let y = 0; y < to.height; y++) {
    const start = ((place.top + y) * place.width + place.left) * channels
    const target = out.subarray(start, start + length)
    for (let k = 0; k < rows.size; k++) {
      const weight = rows.weights[y * rows.size + k] as number
      if (weight === 0) continue
      const source = (rows.first[y] as number) + k
      const slot = source % rows.size
      const values = made[slot] as Float32Array
      if (rowOf[slot] !== source) {
        resizeRow(picture, top + source, left, columns, values)
        rowOf[slot] = source
      }
      if (isByte) {
        target.set(values)
        continue
      }
      if (k === 0) for (let i = 0; i < length; i++) target[i] = weight * (values[i] as number)
      else for (let i = 0; i < length; i++) target[i] = (target[i] as number) + weight * (values[i] as number)
    }
  }
}

/** The largest window in the middle whose sides are as the new ones. */
function middle(picture: Picture, { height, width }: Resizing): Window {
  const rows = Math.max(1, Math.min(picture.height, Math.trunc((picture.width * height) / width)))
  const columns = Math.max(1, Math.min(picture.width, Math.trunc((picture.height * width) / height)))
  return {
    top: Math.trunc((picture.height - rows) / 2),
    left: Math.trunc((picture.width - columns) / 2),
    height: rows,
    width: columns,
  }
}

/** The size that fits, and where it lies, in the single precision of `tf.image.resize_with_pad`. */
function fitting(picture: Picture, { height, width }: Resizing) {
  const { fround } = Math
  const ratio = Math.max(fround(picture.width / width), fround(picture.height / height))
  const [rows, columns] = [fround(picture.height / ratio), fround(picture.width / ratio)]
  return {
    size: { height: Math.max(1, Math.floor(rows)), width: Math.max(1, Math.floor(columns)) },
    top: Math.max(0, Math.floor(fround((height - rows) / 2))),
    left: Math.max(0, Math.floor(fround((width - columns) / 2))),
  }
}

/**
 * A picture at another size, in numbers from 0 to 255 (bicubic and Lanczos go a little beyond), as `tf.image.resize` gives it;
 * cut or with edges as Keras does with `crop_to_aspect_ratio` and `pad_to_aspect_ratio`.
 */
export function resizePicture(picture: Picture, resizing: Resizing): FloatPicture {
  const { height, width, interpolation, fit } = resizing
  const whole = { top: 0, left: 0, height: picture.height, width: picture.width }
  const { channels } = picture
  const data = new Float32Array(height * width * channels)
  if (fit === 'pad') {
    const { size, top, left } = fitting(picture, resizing)
    resizeWindow(picture, whole, size, interpolation, data, { top, left, width })
  } else {
    const window = fit === 'crop' ? middle(picture, resizing) : whole
    resizeWindow(picture, window, resizing, interpolation, data, { top: 0, left: 0, width })
  }
  return { data, height, width, channels }
}
