import { readFileSync } from 'node:fs'
import { ArgumentError } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import type { RawConfig } from '../base/config.ts'
import { hashedNumbers } from '../testing/golden.ts'
import { ImageProcessor } from './image-processor.ts'
import type { Picture } from './picture.ts'

interface GoldenPicture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

interface GoldenCase {
  readonly config: RawConfig
  readonly pictures: readonly GoldenPicture[]
  readonly outputs: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[]
}

const cases = JSON.parse(
  readFileSync(new URL('../../golden/pictures.json', import.meta.url), 'utf8'),
) as readonly GoldenCase[]

const pictureOf = ({ name, width, height, channels }: GoldenPicture): Picture => {
  const numbers = hashedNumbers(name, width * height * channels)
  const data = Uint8Array.from(numbers, (value) => Math.min(255, Math.floor((value + 1) * 128)))
  return { data, width, height, channels }
}

describe('gives what Python’s processors give', () => {
  test.each(cases.map((one) => [JSON.stringify(one.config), one] as const))('%s', async (_, one) => {
    const processor = new ImageProcessor(one.config)
    for (const [i, picture] of one.pictures.entries()) {
      const { pixel_values: values } = await processor.process(pictureOf(picture))
      const expected = one.outputs[i]
      expect(values.shape).toEqual([1, ...(expected?.shape ?? [])])
      // A byte is 1/255 and more: this is equality of all bytes.
      expectClose(await values.data(), Float32Array.from(expected?.values ?? []), { scaled: 2e-6 })
    }
  })
})

const grey = (width: number, height: number): Picture => ({
  data: new Uint8Array(width * height).fill(128),
  width,
  height,
  channels: 1,
})

test('several pictures at once, each as by itself', async () => {
  const processor = new ImageProcessor({ image_processor_type: 'ViTImageProcessor', size: 8 })
  const { pixel_values: values } = await processor.process([grey(3, 4), grey(9, 9)])
  expect(values.shape).toEqual([2, 3, 8, 8])
  for (const value of await values.data()) expect(value).toBeCloseTo((128 / 255 - 0.5) / 0.5, 6)
})

describe('refuses', () => {
  const vit = { image_processor_type: 'ViTImageProcessor' }

  test('a type that is not known', () => {
    expect(() => new ImageProcessor({ image_processor_type: 'OtherImageProcessor' })).toThrow(ArgumentError)
  })

  test.each([
    ['padding', { ...vit, do_pad: true }],
    ['a filter that there is not', { ...vit, resample: 9 }],
    ['a longest edge', { ...vit, size: { shortest_edge: 4, longest_edge: 8 } }],
    ['two channels', { ...vit, image_mean: [0.5, 0.5] }],
  ])('%s', (_, config) => {
    expect(() => new ImageProcessor(config)).toThrow(/preprocessor_config.json/)
  })

  test('bytes that are no picture, naming which', async () => {
    const processor = new ImageProcessor(vit)
    const short = { ...grey(4, 4), width: 5 }
    await expect(processor.process([grey(4, 4), short])).rejects.toThrow(
      /pictures\[1\].*16 bytes for width 5/s,
    )
  })

  test('pictures that end in different sizes', async () => {
    const processor = new ImageProcessor({ ...vit, do_resize: false })
    await expect(processor.process([grey(4, 4), grey(4, 5)])).rejects.toThrow(/4 × 5 for pictures\[1\]/)
  })
})
