import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { numbers, output } from '../program.ts'
import { numbersFrom } from '../random-numbers.ts'
import { flawKinds, flaws, halved, piece, side } from './textures/flaws.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-textures-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a surface of half the size has the means of four pixels, and pieces are parts of it', () => {
  const surface = {
    data: Float32Array.from({ length: 80 * 64 }, (_, i) => (i % 64) / 64),
    height: 80,
    width: 64,
  }
  const half = halved({ data: Float32Array.of(0, 1, 0.5, 0.5, 1, 0, 0.5, 0.5), height: 2, width: 4 })
  expect([half.height, half.width, ...half.data]).toEqual([1, 2, 0.5, 0.5])
  const random = numbersFrom(1)
  for (let i = 0; i < 20; i++) {
    const pixels = piece(surface, 16, 64, random)
    expect(pixels).toHaveLength(side * side)
    expect(pixels[0]).toBeGreaterThanOrEqual(16 / 64)
    expect((pixels[1] as number) - (pixels[0] as number)).toBeCloseTo(1 / 64, 6)
  }
})

test.each(flawKinds)('%s changes a part of a piece, within black and white', (kind) => {
  const random = numbersFrom(7)
  const grey = Float32Array.from({ length: side * side }, () => 0.3 + 0.4 * random())
  const changed = grey.slice()
  flaws[kind](changed, random, grey.toReversed())
  const share =
    changed.filter((value, i) => Math.abs(value - (grey[i] as number)) > 0.02).length / grey.length
  expect(share).toBeGreaterThan(0.01)
  expect(share).toBeLessThan(0.6)
  expect(Math.min(...changed)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...changed)).toBeLessThanOrEqual(1)
})

test('on a small budget flaws stand out, and pictures show where', async () => {
  const budget = ['--pieces', '200', '--judged', '60', '--epochs', '2', '--seeds', '1']
  const text = await output('manufacturing/textures.ts', ...budget, '--output', folder)
  const [pixels] = numbers(text, /^pixels .* ([\d.]+)$/m)
  const [net] = numbers(text, /^autoencoder .* ([\d.]+)$/m)
  // By chance 0.5.
  expect(pixels, text).toBeGreaterThan(0.6)
  expect(net, text).toBeGreaterThan(0.6)
  expect((await readdir(folder)).toSorted()).toEqual(['brick.png', 'grass.png', 'gravel.png'])
})
