import { decode } from 'fast-png'
import { expect, test } from 'vitest'
import { smallPng } from './report-picture.ts'

test('empty rows at the end are cut off, and colours keep to 64 levels', () => {
  const [width, height] = [4, 50]
  const grey = new Uint8Array(width * height).fill(248)
  grey[10 * width + 2] = 102 // the last row with something in it
  const { data, ...picture } = decode(smallPng(grey, width, 1, 5))
  expect(picture).toMatchObject({ width, height: 15, channels: 1 })
  // 102 / 255 × 63 = 25.2, and 25 of 63 are 101.2.
  expect(data[10 * width + 2]).toBe(101)
  // 248 / 255 × 63 = 61.3, and 61 of 63 are 246.9.
  expect(data[0]).toBe(247)
})
