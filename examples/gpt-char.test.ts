import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NGrams } from './gpt-char/n-grams.ts'
import { loadPlays } from './gpt-char/plays.ts'
import { numbers, output } from './program.ts'

test('counted characters: probabilities add up, and are those of the formula', () => {
  const model = new NGrams('abab', 2, 3)
  // p(a) = (2 + 2/3) / (4 + 2), p(b | a) = (2 + 1 · p(b)) / (2 + 1)
  const [a, b, c] = [(2 + 2 / 3) / 6, (2 + 2 / 3) / 6, 2 / 3 / 6]
  expect(a + b + c).toBeCloseTo(1, 12)
  expect(model.loss('a')).toBeCloseTo(-Math.log(a), 12)
  expect(model.loss('ab')).toBeCloseTo(-(Math.log(a) + Math.log((2 + b) / 3)) / 2, 12)
  expect(model.loss('ac')).toBeCloseTo(-(Math.log(a) + Math.log(c / 3)) / 2, 12)
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
  expect((await readdir(join(folder, 'model'))).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
  ])
  await rm(folder, { recursive: true })
})
