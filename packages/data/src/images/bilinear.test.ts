import { expect, test } from 'vitest'
import { bilinear } from './bilinear.ts'
import type { Picture } from './picture.ts'
import { randomOf } from './random.ts'
import { resizePicture } from './resize-picture.ts'

const random = randomOf([7])
const upTo = (most: number): number => 1 + Math.floor(random() * most)
const drawn = (height: number, width: number, channels: 3 | 4): Picture => ({
  data: Uint8Array.from({ length: height * width * channels }, () => random() * 256),
  height,
  width,
  channels,
})

/** One channel alone, which is resized by loops over taps. */
const alone = ({ data, height, width, channels }: Picture, channel: number): Picture => ({
  data: data.filter((_, i) => i % channels === channel),
  height,
  width,
  channels: 1,
})

test('vectors make what loops make of each channel, for all shapes and fits', () => {
  for (let round = 0; round < 60; round++) {
    const channels = round % 2 === 0 ? 3 : 4
    const picture = drawn(upTo(24), upTo(24), channels)
    const fit = (['stretch', 'crop', 'pad'] as const)[round % 3] ?? 'stretch'
    const resizing = { height: upTo(30), width: upTo(30), interpolation: 'bilinear', fit } as const
    const { data } = resizePicture(picture, resizing)
    for (let channel = 0; channel < channels; channel++) {
      const wanted = resizePicture(alone(picture, channel), resizing).data
      const found = data.filter((_, i) => i % channels === channel)
      // Single precision of numbers up to 255, and of shares that are multiplied with them.
      const far = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] as number))), 0)
      expect(found.length).toBe(wanted.length)
      expect(far).toBeLessThan(2e-4)
    }
  }
})

test('what is too large for a memory that stays is left to loops', () => {
  const picture = drawn(2, 2, 3)
  const window = { top: 0, left: 0, height: 2, width: 2 }
  expect(bilinear(picture, window, { height: 4, width: 4 })).toHaveLength(48)
  expect(bilinear(picture, window, { height: 4096, width: 4096 })).toBeUndefined()
  expect(bilinear(alone(picture, 0), window, { height: 4, width: 4 })).toBeUndefined()
})
