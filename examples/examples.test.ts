import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect, numbers, output, outputOf, start, startAsShown } from './program.ts'

/** Programs start, compile and train beside all other tests: on a busy machine that takes minutes. */
const timeout = 600_000

describe('the regressions', () => {
  test('linear-regression learns what least squares gives', { timeout }, async () => {
    const text = await outputOf(startAsShown('linear-regression.ts'))
    const found = (name: string) =>
      numbers(text, new RegExp(`${name} +y = (-?[\\d.]+) x \\+ (-?[\\d.]+), mean squared error ([\\d.]+)`))
    const [slope, offset, error] = found('learned') as [number, number, number]
    const [bestSlope, bestOffset, bestError] = found('least squares') as [number, number, number]
    // Steps that get smaller end within a few thousandths; at the minimum the error is flat.
    expect(Math.abs(slope - bestSlope)).toBeLessThan(0.01)
    expect(Math.abs(offset - bestOffset)).toBeLessThan(0.01)
    expect(Math.abs(error - bestError)).toBeLessThan(0.0002)
    // Noise of 1 on 100 points of [0, 1): standard errors of 0.35 and 0.2, of which three are rare.
    expect(Math.abs(bestSlope - 2)).toBeLessThan(1.05)
    expect(Math.abs(bestOffset - 1)).toBeLessThan(0.6)
  })

  test('regression-mlp gets down to the noise', { timeout }, async () => {
    const text = await output('regression-mlp.ts')
    const losses = [...text.matchAll(/loss [\d.]+ → ([\d.]+)/g)].map((match) => Number(match[1]))
    expect(losses.length).toBe(2)
    for (const loss of losses) expect(loss).toBeLessThan(1.2)
  })

  test('training-steps: the gradient by hand is the computed one, and the line is found', {
    timeout,
  }, async () => {
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

  test('Ctrl-C keeps the best model and --resume goes on', { timeout }, async () => {
    const args = ['--samples', '6000', '--epochs', '3', '--output', folder]
    const child = await start('mnist.ts', args)
    const text = collect(child)
    const closed = once(child, 'close')
    while (!text().includes('Epoch 2/3') && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50))
    // One press of the keys under npm: the terminal's signal, and another that npm hands on.
    child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGINT')
    expect((await closed)[0], text()).toBe(0)
    expect(text().replace(/\s+/g, ' ')).toContain('--resume goes on')
    expect(text()).toMatch(/test accuracy 0\.9/)
    const resumed = await output('mnist.ts', ...args, '--resume')
    expect(resumed).toContain('Epoch 3/3')
    expect(resumed).not.toContain('Epoch 1/3')
  })

  test('Ctrl-C while the digits are read says so, ends with 130 and writes nothing', {
    timeout,
  }, async () => {
    const nowhere = join(folder, 'never')
    const child = await start('mnist.ts', ['--output', nowhere])
    const text = collect(child)
    const closed = once(child, 'close')
    while (!text().includes('Reading 60,000 digits') && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill('SIGINT')
    expect((await closed)[0], text()).toBe(130)
    expect(text()).toContain('Nothing was written.')
    expect(text()).not.toMatch(/^ +at /m)
    expect(existsSync(nowhere)).toBe(false)
  })

  test('a run that is stopped in its first epoch leaves no model of an earlier one in its place', {
    timeout,
  }, async () => {
    const args = ['--samples', '2000', '--epochs', '1', '--output', join(folder, 'again')]
    await output('mnist.ts', ...args)
    const child = await start('mnist.ts', [
      '--samples',
      '6000',
      '--epochs',
      '2',
      '--output',
      join(folder, 'again'),
    ])
    const text = collect(child)
    const closed = once(child, 'close')
    while (!text().includes('again/earlier') && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill('SIGINT')
    expect((await closed)[0], text()).toBe(130)
    expect(text()).toContain('this run has no model yet')
    expect(await readdir(join(folder, 'again'))).toEqual(['earlier'])
    expect((await readdir(join(folder, 'again', 'earlier'))).sort()).toEqual([
      'model',
      'model.onnx',
      'report.html',
    ])
  })
})
