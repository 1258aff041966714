import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { curveSvg, sideBySide } from './gpt-char/curve.ts'
import { CurveNotes, readCurve } from './gpt-char/curve-file.ts'
import { NGrams } from './gpt-char/n-grams.ts'
import { loadPlays } from './gpt-char/plays.ts'
import { configOf, recipeOf } from './gpt-char/recipes.ts'
import { numbers, output } from './program.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('counted characters: probabilities add up, and are those of the formula', () => {
  const model = new NGrams('abab', 2, 3)
  // p(a) = (2 + 2/3) / (4 + 2), p(b | a) = (2 + 1 · p(b)) / (2 + 1)
  const [a, b, c] = [(2 + 2 / 3) / 6, (2 + 2 / 3) / 6, 2 / 3 / 6]
  expect(a + b + c).toBeCloseTo(1, 12)
  expect(model.loss('a')).toBeCloseTo(-Math.log(a), 12)
  expect(model.loss('ab')).toBeCloseTo(-(Math.log(a) + Math.log((2 + b) / 3)) / 2, 12)
  expect(model.loss('ac')).toBeCloseTo(-(Math.log(a) + Math.log(c / 3)) / 2, 12)
})

test('a curve counts the time of training and none of evaluations', async () => {
  let [now, cpu] = [0, 0]
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  vi.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: cpu, system: 0 }))
  const pass = (seconds: number): void => {
    now += 1000 * seconds
    cpu += 2e6 * seconds
  }
  const notes = new CurveNotes(5, 2)
  const read = vi.fn(async () => ({}))
  for (const [epoch, batches] of [2, 2, 1].entries()) {
    notes.onEpochBegin()
    for (let batch = 0; batch < batches; batch++) {
      pass(3)
      await notes.onTrainBatchEnd(batch, read)
    }
    notes.onTestBegin()
    pass(100)
    notes.onEpochEnd(epoch, { loss: 9, val_loss: 4 - epoch })
  }
  // Read once an epoch, behind its last step.
  expect(read).toHaveBeenCalledTimes(3)
  expect(notes.points).toEqual([
    { step: 2, seconds: 6, cpuSeconds: 12, loss: 4 },
    { step: 4, seconds: 12, cpuSeconds: 24, loss: 3 },
    { step: 5, seconds: 15, cpuSeconds: 30, loss: 2 },
  ])
})

test('recipes are found by name, and pictures stand side by side', () => {
  expect(configOf(recipeOf('large'), 65)).toMatchObject({ n_embd: 384, n_positions: 256, attn_pdrop: 0.2 })
  expect(() => recipeOf('huge')).toThrow("--recipe: expected small or large, received 'huge'.")
  const line = {
    name: 'a',
    color: 'red',
    points: [
      [1, 2],
      [2, 1],
    ] as const,
  }
  const both = sideBySide([curveSvg('left', [line]), curveSvg('right', [line], 'minutes')])
  expect(both).toMatch(
    /^<svg .*width="1280" height="360">\n<title>.*<\/title>\n<svg x="0" [\s\S]*<svg x="640" [\s\S]*>2 minutes<[\s\S]*<\/svg>$/,
  )
})

test('a GPT learns Shakespeare on a small budget', { timeout: 600_000 }, async ({ skip }) => {
  const missing = await loadPlays().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-gpt-char-'))
  const text = await output('gpt-char.ts', '--steps', '60', '--characters', '60000', '--output', folder)
  const [learned = 0] = numbers(text, /^GPT +([\d.]+)/m)
  const [counted = 0] = numbers(text, /^6-grams +([\d.]+)/m)
  // Characters alone, without what stands before, are 3.2 nats: it has learned what follows what.
  expect(learned, text).toBeLessThan(2.95)
  expect(counted).toBeGreaterThan(1.9)
  expect(counted).toBeLessThan(2.4)
  expect(await readFile(join(folder, 'curve.svg'), 'utf8')).toContain('held out')
  const curve = await readCurve(join(folder, 'curve.json'))
  expect(curve).toMatchObject({ program: 'typegrad', steps: 60, every: 15, length: 64, warmupSteps: 15 })
  expect(curve.points.map(({ step }) => step)).toEqual([15, 30, 45, 60])
  expect(curve.points.at(-1)?.loss).toBeCloseTo(learned, 3)
  expect(await readFile(join(folder, 'text.txt'), 'utf8')).toHaveLength(60_000)
  expect((await readdir(join(folder, 'model'))).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
  ])
  await rm(folder, { recursive: true })
})
