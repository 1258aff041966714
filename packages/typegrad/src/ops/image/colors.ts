import { ShapeError } from '../../base/errors.ts'
import { formatShape } from '../../base/shape.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { add, div, maximum, minimum, mod, mul, sub } from '../arithmetic.ts'
import { clip, equal, greater, less, where } from '../comparison.ts'
import type { DataFormat } from '../convolution.ts'
import { abs } from '../elementwise.ts'
import { sum } from '../reduce.ts'
import { stack, unstack } from '../shape.ts'

/** The axis of the channels, where there are three. @throws ShapeError otherwise. */
function colorAxis(
  where: string,
  { shape }: Tensor,
  dataFormat: DataFormat,
  allowed: readonly number[] = [3],
): number {
  const axis = shape.length - (dataFormat === 'channelsFirst' ? 3 : 1)
  if ((shape.length === 3 || shape.length === 4) && allowed.includes(shape[axis] as number)) return axis
  throw new ShapeError({
    where,
    expected: `images of rank 3 or 4 with ${allowed.join(' or ')} channels`,
    received: `shape ${formatShape(shape)}`,
    ...(shape.includes(3) ? { fix: "Say where the channels stand: 'channelsFirst'." } : {}),
  })
}

/**
 * Images in shades of grey: 0.2989·red + 0.587·green + 0.114·blue, one channel. Images of one channel stay as they are.
 *
 * @throws ShapeError for images of another number of channels than 3 and 1.
 */
export function rgbToGrayscale(images: TensorLike, dataFormat: DataFormat = 'channelsLast'): Tensor {
  const x = asTensor(images)
  const axis = colorAxis('rgbToGrayscale', x, dataFormat, [3, 1])
  if (x.shape[axis] === 1) return x
  const shape = x.shape.map((_, i) => (i === axis ? 3 : 1))
  const floats = toFloating(x)
  const grey = sum(mul(floats, constant([0.2989, 0.587, 0.114], shape, floats.dtype)), axis, {
    keepDims: true,
  })
  return cast(grey, x.dtype)
}

/**
 * Red, green and blue from 0 to 1 as hue, saturation and value from 0 to 1.
 *
 * @throws ShapeError for other images than of three channels.
 */
export function rgbToHsv(images: TensorLike, dataFormat: DataFormat = 'channelsLast'): Tensor {
  const x = toFloating(asTensor(images))
  const axis = colorAxis('rgbToHsv', x, dataFormat)
  // What is nothing but rounding counts as 0.
  const least = x.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  const [r, g, b] = unstack(where(less(abs(x), least), 0, x), axis) as [Tensor, Tensor, Tensor]
  const value = maximum(maximum(r, g), b)
  const range = sub(value, minimum(minimum(r, g), b))
  const isLit = greater(value, 0)
  const isColored = greater(range, 0)
  const saturation = where(isLit, div(range, where(isLit, value, 1)), 0)
  const norm = div(1, mul(where(isColored, range, 1), 6))
  const ofBlue = add(mul(norm, sub(r, g)), 4 / 6)
  const ofGreen = add(mul(norm, sub(b, r)), 2 / 6)
  const hue = where(equal(value, r), mul(norm, sub(g, b)), where(equal(value, g), ofGreen, ofBlue))
  const whole = add(where(isColored, hue, 0), cast(less(hue, 0), x.dtype))
  return stack([whole, saturation, value], axis)
}

/**
 * Hue, saturation and value as red, green and blue: the way back of {@link rgbToHsv}. Hues count modulo 1.
 *
 * @throws ShapeError for other images than of three channels.
 */
export function hsvToRgb(images: TensorLike, dataFormat: DataFormat = 'channelsLast'): Tensor {
  const x = toFloating(asTensor(images))
  const axis = colorAxis('hsvToRgb', x, dataFormat)
  const [hue, saturation, value] = unstack(x, axis) as [Tensor, Tensor, Tensor]
  const turn = mul(mod(hue, 1), 6)
  const within = (y: Tensor): Tensor => clip(y, { min: 0, max: 1 })
  const grey = sub(1, saturation)
  const channel = (share: Tensor): Tensor => mul(value, add(grey, mul(saturation, share)))
  return stack(
    [
      channel(within(sub(abs(sub(turn, 3)), 1))),
      channel(within(sub(2, abs(sub(turn, 2))))),
      channel(within(sub(2, abs(sub(turn, 4))))),
    ],
    axis,
  )
}
