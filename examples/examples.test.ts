import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect, numbers, output, start } from './program.ts'

describe('the regressions', () => {
  test('linear-regression comes close to the best line that there is', async () => {
    const text = await output('linear-regression.ts')
    const [slope, offset] = numbers(text, /learned +y = (-?[\d.]+) x \+ (-?[\d.]+)/)
    const [bestSlope, bestOffset] = numbers(text, /best fit y = (-?[\d.]+) x \+ (-?[\d.]+)/)
    // Steps of 0.1 on batches of 32 points, the last of 4, stay in motion around the best line.
    expect(Math.abs((slope as number) - (bestSlope as number))).toBeLessThan(0.3)
    expect(Math.abs((offset as number) - (bestOffset as number))).toBeLessThan(0.3)
    // Noise of 1 on 100 points of [0, 1): standard errors of 0.35 and 0.2, of which three are rare.
    expect(Math.abs((bestSlope as number) - 2)).toBeLessThan(1.05)
    expect(Math.abs((bestOffset as number) - 1)).toBeLessThan(0.6)
  })

  test('regression-mlp gets down to the noise', async () => {
    const text = await output('regression-mlp.ts')
    const losses = [...text.matchAll(/loss [\d.]+ → ([\d.]+)/g)].map((match) => Number(match[1]))
    expect(losses.length).toBe(2)
    for (const loss of losses) expect(loss).toBeLessThan(1.2)
  })

  test('training-steps: the gradient by hand is the computed one, and the line is found', async () => {
    const text = await output('training-steps.ts')
    const [slope, offset] = numbers(text, /learned y = (-?[\d.]+) x \+ (-?[\d.]+)/)
    expect(Math.abs((slope as number) - 2)).toBeLessThan(0.15)
    expect(Math.abs((offset as number) - 1)).toBeLessThan(0.1)
  })
})

describe('mnist', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'typegrad-mnist-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('a fifth of the digits and one epoch read nine of ten', { timeout: 120_000 }, async () => {
    const text = await output('mnist.ts', '--samples', '12000', '--epochs', '1', '--output', folder)
    const [accuracy] = numbers(text, /test accuracy ([\d.]+)/)
    expect(accuracy).toBeGreaterThan(0.9)
    expect(text).toContain('34,826')
    const report = await readFile(join(folder, 'report.html'), 'utf8')
    expect(report).toContain('<svg')
    expect(report).not.toMatch(/<script[^>]+src=|<link[^>]+href="http/)
    expect((await stat(join(folder, 'model.onnx'))).size).toBeGreaterThan(34_826 * 4)
    expect((await stat(join(folder, 'model', 'model.safetensors'))).size).toBeGreaterThan(34_826 * 4)
  })

  test('Ctrl-C keeps the best model and --resume goes on', { timeout: 120_000 }, async () => {
    const args = ['--samples', '6000', '--epochs', '4', '--output', folder]
    const child = start('mnist.ts', ...args)
    const text = collect(child)
    const closed = once(child, 'close')
    while (!text().includes('Epoch 2/4') && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGINT')
    expect((await closed)[0], text()).toBe(0)
    expect(text()).toContain('--resume goes on')
    expect(text()).toMatch(/test accuracy 0\.9/)
    const resumed = await output('mnist.ts', ...args, '--resume')
    expect(resumed).toContain('Epoch 4/4')
    expect(resumed).not.toContain('Epoch 1/4')
  })
})
