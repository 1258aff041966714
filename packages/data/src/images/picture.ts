/**
 * `images/`: files of pictures as bytes of pixels, resized and changed beside the event loop, and data sets of them. It knows
 * `labelled/`. What works on other threads (`picture.ts`, `resize-picture.ts`, `decode.node.ts`, …) knows nothing of typegrad,
 * so that a thread is there at once.
 */

/** A picture of bytes, row after row from the top, the channels of a pixel side by side: (height, width, channels). */
export interface Picture {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  /** 1 grey, 3 red, green and blue, 4 these and opacity. */
  readonly channels: 1 | 3 | 4
}

/** A picture of numbers from 0 to 255, in the same order. */
export interface FloatPicture {
  readonly data: Float32Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** A window of a picture. */
export interface Window {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** The channels that pictures come with. */
export type ColorMode = 'grayscale' | 'rgb' | 'rgba'

export const channelsOf: Readonly<Record<ColorMode, 1 | 3 | 4>> = { grayscale: 1, rgb: 3, rgba: 4 }

/** How a picture's file is read. */
export interface Decoding {
  readonly colorMode: ColorMode
  /** Whether it is turned as its EXIF orientation says. */
  readonly autoOrient: boolean
  /** Pixels that it may have. */
  readonly maxPixels: number
}

/** Why a picture could not be read, as threads tell it: parts of an error's sentence. */
export interface Damage {
  readonly expected: string
  readonly received: string
  readonly fix?: string
}

/** What a file is not: thrown within `images/`, and told with the file's name outside. */
export class DamagedPicture extends Error {
  readonly damage: Damage
  constructor(damage: Damage, options?: ErrorOptions) {
    super(`expected ${damage.expected}, received ${damage.received}`, options)
    this.damage = damage
  }
}

/** @throws DamagedPicture for more pixels than are allowed. */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width > 0 && height > 0 && width * height <= maxPixels) return
  throw new DamagedPicture({
    expected: `at most ${maxPixels} pixels`,
    received: `${width} × ${height}`,
    fix: 'A small file can say so of itself to fill the memory. If it is meant: maxPixels.',
  })
}

/** Pixels with the channels that are wanted; grey is ITU-R 601's 0.299 R + 0.587 G + 0.114 B in whole numbers, as Pillow has it. */
export function withChannels(
  data: Uint8Array,
  pixels: number,
  from: 1 | 2 | 3 | 4,
  to: 1 | 3 | 4,
): Uint8Array {
  if (from === to) return data
  const changed = new Uint8Array(pixels * to)
  const isGrey = from < 3
  for (let i = 0; i < pixels; i++) {
    const at = i * from
    const red = data[at] as number
    const green = isGrey ? red : (data[at + 1] as number)
    const blue = isGrey ? red : (data[at + 2] as number)
    if (to === 1) {
      changed[i] = isGrey ? red : (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
      continue
    }
    changed[i * to] = red
    changed[i * to + 1] = green
    changed[i * to + 2] = blue
    if (to === 4) changed[i * 4 + 3] = from === 2 || from === 4 ? (data[at + from - 1] as number) : 255
  }
  return changed
}
