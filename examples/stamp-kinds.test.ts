import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { output } from './program.ts'
import { histogram, nearestByColour } from './stamp-kinds/histograms.ts'
import { readStamps, type Stamp } from './stamp-kinds/stamps.ts'

let folder: string
/** Red discs and blue squares on nothing, of several sizes. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-stamps-'))
  const shapes = {
    discs: (size: number) => `<circle cx="20" cy="15" r="${size}" fill="rgb(230,20,20)"/>`,
    squares: (size: number) =>
      `<rect x="9" y="4" width="${2 * size}" height="${2 * size}" fill="rgb(20,20,230)"/>`,
  }
  for (const [kind, shape] of Object.entries(shapes)) {
    mkdirSync(join(folder, kind))
    for (let i = 0; i < 8; i++) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">${shape(5 + i)}</svg>`
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(folder, kind, `${i}.png`))
    }
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('stamps are squares on white, and say how much of them is drawn', { timeout: 120_000 }, async () => {
  const stamps = await readStamps(folder, ['discs', 'squares'], 20)
  expect(stamps.map(({ kind }) => kind)).toEqual([...Array(8).fill(0), ...Array(8).fill(1)])
  const { pixels, opacity } = stamps[7] as Stamp
  const at = (y: number, x: number): number[] =>
    Array.from(pixels.subarray(3 * (20 * y + x), 3 * (20 * y + x) + 3))
  expect([at(0, 0), at(10, 10)]).toEqual([
    [255, 255, 255],
    [230, 20, 20],
  ])
  expect([opacity[0], opacity[20 * 10 + 10]]).toEqual([0, 1])
  // A pixel stands for four of the file's, so their shares come to a quarter of the disc as it was drawn.
  const drawn = await sharp(join(folder, 'discs/7.png')).extractChannel('alpha').raw().toBuffer()
  const area = drawn.reduce((sum, share) => sum + share / 255, 0)
  expect(area).toBeGreaterThan(0.98 * Math.PI * 12 ** 2)
  expect(opacity.reduce((sum, share) => sum + share, 0)).toBeCloseTo(area / 4, 3)
})

test('histograms count what is drawn, and the nearest has the same colours', () => {
  const stamp = (
    colours: readonly (readonly number[])[],
    opacity: readonly number[],
    kind: number,
  ): Stamp => ({
    pixels: Float32Array.from(colours.flat()),
    opacity: Float32Array.from(opacity),
    kind,
  })
  const red = [255, 0, 0]
  const blue = [0, 0, 255]
  const one = stamp([red, red, blue, blue], [1, 0.5, 0.5, 0], 3)
  expect([histogram(one)[48], histogram(one)[3]]).toEqual([0.75, 0.25])
  const others = [stamp([red, red], [1, 1], 1), stamp([blue, blue], [1, 1], 2), one]
  expect(
    nearestByColour(others, [stamp([blue], [1], 0), stamp([red, red, red, blue], [1, 1, 1, 1], 0)]),
  ).toEqual([2, 3])
  expect(Array.from(histogram(stamp([red], [0], 0))).every((share) => share === 0)).toBe(true)
})

test('the program tells kinds apart by its networks and by colours', { timeout: 120_000 }, async () => {
  const text = await output('stamp-kinds.ts', folder, '--side', '16', '--epochs', '4', '--seeds', '1')
  expect(text).toMatch(
    /^16 pictures of discs, squares\.\nseed 1: [\d.]+\s% of 4 held back are right with changes/,
  )
  expect(text).toMatch(/changed at random +\S+\s% +0\.0\s%/)
  expect(text).toMatch(/most similar colours +100\.0\s% +0\.0\s%/)
  expect(text).toMatch(/most frequent kind +50\.0\s%/)
})
