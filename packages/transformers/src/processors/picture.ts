/**
 * `processors/`: pictures and sounds → what networks take, as `preprocessor_config.json` says, and what networks give →
 * text's ids. It knows `base/` and typegrad's doors.
 */
import { ArgumentError } from 'typegrad/core'

/** A picture of bytes, row after row from the top, the channels of a pixel side by side: (height, width, channels). */
export interface Picture {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey and opacity, 3 red, green and blue, 4 these and opacity. */
  readonly channels: 1 | 2 | 3 | 4
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0

/** @throws ArgumentError for what is no picture. */
export function checkPicture(where: string, picture: Picture): void {
  const { data, width, height, channels } = picture
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray
  const fits = isCount(width) && isCount(height) && [1, 2, 3, 4].includes(channels)
  if (isBytes && fits && data.length === width * height * channels) return
  throw new ArgumentError({
    where,
    expected: '{ data, width, height, channels }, with width · height · channels bytes',
    received: isBytes
      ? `${data.length} bytes for width ${width}, height ${height} and ${channels} channels`
      : `data that is no Uint8Array`,
    fix: 'Decode the file first: in browsers getImageData of a canvas gives { data, width, height }, with 4 channels.',
  })
}

/** Red, green and blue: grey three times, and what is transparent on white. */
export function toRgb({ data, width, height, channels }: Picture): Picture {
  if (channels === 3) return { data, width, height, channels }
  const rgb = new Uint8Array(width * height * 3)
  const isGrey = channels < 3
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels
    const opacity = channels === 1 ? 255 : (data[at + channels - 1] as number)
    for (let color = 0; color < 3; color++) {
      const value = data[at + (isGrey ? 0 : color)] as number
      rgb[pixel * 3 + color] = Math.round((value * opacity + 255 * (255 - opacity)) / 255)
    }
  }
  return { data: rgb, width, height, channels: 3 }
}

/** The middle of a picture; where the picture is smaller, black around it. */
export function centerCrop(
  { data, width, height, channels }: Picture,
  to: { height: number; width: number },
): Picture {
  const cropped = new Uint8Array(to.height * to.width * channels)
  const top = Math.floor((height - to.height) / 2)
  const left = Math.floor((width - to.width) / 2)
  const first = Math.max(0, -left)
  const last = Math.min(to.width, width - left)
  for (let y = Math.max(0, -top); y < Math.min(to.height, height - top); y++) {
    const row = (y + top) * width + left
    const pixels = data.subarray((row + first) * channels, (row + last) * channels)
    cropped.set(pixels, (y * to.width + first) * channels)
  }
  return { data: cropped, width: to.width, height: to.height, channels }
}
