import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodePicture } from './decode.node.ts'
import { type ColorMode, channelsOf } from './picture.ts'
import { type Fit, type Interpolation, resizePicture } from './resize-picture.ts'

// What Pillow and TensorFlow give: tools/golden/make_picture_files.py.
const folder = new URL('../../golden/pictures/', import.meta.url)
const bytesOf = (file: string): Uint8Array => readFileSync(new URL(file, folder))
interface Golden {
  readonly read: readonly { file: string; size: [number, number]; pixels: Record<ColorMode, string> }[]
  readonly resized: readonly {
    file: string
    channels: 1 | 3 | 4
    interpolation: Interpolation
    size: [number, number]
    fit: Fit
    values: string
  }[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('pictures.json', folder), 'utf8'))
const unpacked = (text: string): Uint8Array => inflateSync(Buffer.from(text, 'base64'))
const decoding = { colorMode: 'rgb', autoOrient: true, maxPixels: 1e6 } as const

function farthest(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length)
  let most = 0
  for (let i = 0; i < wanted.length; i++)
    most = Math.max(most, Math.abs((found[i] as number) - (wanted[i] as number)))
  return most
}

/** Inks become light by libvips's profile of a press, not by Pillow's rule of 255 − ink. */
const tolerances: Readonly<Record<string, number>> = { 'cmyk.jpg': 100 }

describe('pictures are read byte for byte as Pillow reads them', () => {
  test.each(golden.read.map((each) => [each.file, each] as const))('%s', async (file, { size, pixels }) => {
    for (const colorMode of Object.keys(channelsOf) as ColorMode[]) {
      const picture = await decodePicture(bytesOf(file), { ...decoding, colorMode })
      expect([picture.height, picture.width, picture.channels]).toEqual([...size, channelsOf[colorMode]])
      const far = farthest(picture.data, unpacked(pixels[colorMode]))
      expect(far).toBeLessThanOrEqual(tolerances[file] ?? 0)
    }
  })
})

describe('sizes are those of TensorFlow', () => {
  test.each(
    golden.resized.map(
      (each) => [`${each.file} ${each.interpolation} ${each.size} ${each.fit}`, each] as const,
    ),
  )('%s', async (_, { file, channels, interpolation, size: [height, width], fit, values }) => {
    const colorMode = ({ 1: 'grayscale', 3: 'rgb', 4: 'rgba' } as const)[channels]
    const picture = await decodePicture(bytesOf(file), { ...decoding, colorMode })
    const { data } = resizePicture(picture, { height, width, interpolation, fit })
    const bytes = unpacked(values)
    const wanted = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    // TensorFlow looks bicubic weights up in a table of 1024 places.
    const far = farthest(data, wanted)
    expect(far).toBeLessThan(interpolation === 'bicubic' ? 0.05 : 1e-3)
  })
})
