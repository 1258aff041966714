import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { numbers, output } from './program.ts'

// Quick runs: the whole ones and what they reach stand in the first lines of the programs. What reads digits after a first run
// of mnist.ts judges those that the others draw.
let folder = ''
let printed = ''
const judge = () => join(folder, 'mnist', 'model')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-generative-'))
  printed = await output('mnist.ts', '--samples', '12000', '--epochs', '1', '--output', join(folder, 'mnist'))
}, 300_000)
afterAll(() => rm(folder, { recursive: true }))

/** Width and height of a sheet, and the number of its grey values. */
async function sheet(...path: string[]) {
  const { width, height, data } = decode(await readFile(join(folder, ...path)))
  return { width, height, greys: new Set(data).size }
}

test('a fifth of the digits and one epoch read nine of ten', async () => {
  const [accuracy] = numbers(printed, /test accuracy ([\d.]+)/)
  expect(accuracy).toBeGreaterThan(0.9)
  expect(printed).toContain('34,826')
  // What the figures mean, and digits of both kinds in Braille.
  expect(printed.replaceAll('\n', ' ')).toContain('why validation may be better than training')
  expect(printed).toMatch(/\nRead right.*\n(?:[⠀-⣿ ]+\n){7} *0, \d+\u00a0%/)
  expect(printed).toMatch(/\nRead wrong, [\d,]+ of 10,000.*\n(?:[⠀-⣿ ]+\n){7} *\d → \d, \d+\u00a0%/)
  const report = await readFile(join(folder, 'mnist', 'report.html'), 'utf8')
  expect(report).toContain('<svg')
  expect(report).not.toMatch(/<script[^>]+src=|<link[^>]+href="http/)
  expect((await stat(join(folder, 'mnist', 'model.onnx'))).size).toBeGreaterThan(34_826 * 4)
  expect((await stat(join(judge(), 'model.safetensors'))).size).toBeGreaterThan(34_826 * 4)
})

test('the autoencoder keeps the digits readable in 32 numbers', { timeout: 300_000 }, async () => {
  const text = await output(
    ...(['autoencoder.ts', '--epochs', '1', '--judge', judge(), '--output', join(folder, 'ae')] as const),
  )
  const [real = 0, readReal = 0] = numbers(text, /the digits themselves +([\d.]+) +([\d.]+) %/)
  const [error = 1, read = 0] = numbers(text, /copies through 32 numbers +([\d.]+) +([\d.]+) %/)
  const [blank = 0] = numbers(text, /the mean digit for each +([\d.]+)/)
  expect(real).toBe(0)
  expect(blank).toBeCloseTo(0.0673, 3)
  expect(error).toBeLessThan(0.02)
  expect(read).toBeGreaterThan(readReal - 10)
  expect(await sheet('ae', 'digits-and-copies.png')).toMatchObject({ width: 582, height: 582 })
})

test('the VAE lays the digits out on a plane', { timeout: 300_000 }, async () => {
  const text = await output(
    ...(['vae.ts', '--steps', '500', '--judge', judge(), '--output', join(folder, 'vae')] as const),
  )
  const [nats = 999, divergence = 0] = numbers(text, /test: ([\d.]+) nats a digit, of which ([\d.]+)/)
  // A decoder that knows no more than the mean digit needs 206.
  expect(nats).toBeLessThan(175)
  expect(divergence).toBeGreaterThan(3)
  const plane = await sheet('vae', 'plane.png')
  expect(plane).toMatchObject({ width: 1162, height: 1162 })
  expect(plane.greys).toBeGreaterThan(200)
})

// The longest of them, in the whole form of the tests alone.
test.runIf(isWhole)(
  'the GAN begins to draw the digits that it is asked for',
  { timeout: 300_000 },
  async () => {
    const text = await output(
      ...(['gan.ts', '--steps', '250', '--judge', judge(), '--output', join(folder, 'gan')] as const),
    )
    const [asAsked = 0] = numbers(text, /([\d.]+) % of the drawn digits are read as/)
    expect(asAsked).toBeGreaterThan(50) // 10 by chance
    expect(await sheet('gan', 'digits.png')).toMatchObject({ width: 582, height: 582 })
  },
)
