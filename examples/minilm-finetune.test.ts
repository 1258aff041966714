import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { logisticRegression, wordRows } from './logistic-regression.ts'
import { miniLMFolder } from './minilm.ts'
import { moods, readReviews } from './minilm-finetune/reviews.ts'
import { output } from './program.ts'

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

test('words that stand in a text are told, and classes follow from them', async () => {
  const train = ['good good film', 'bad film', 'so good', 'so bad']
  const rows = wordRows(train, ['good', 'bad bad', 'unknown'])
  expect(rows.train[0]?.reduce((a, b) => a + b)).toBe(2)
  const found = await logisticRegression(rows, [1, 0, 1, 0], { classes: 2, l2: 1e-3 })
  expect(found.slice(0, 2)).toEqual([1, 0])
})

test('reviews are those of the package, none of them twice', { timeout: 120_000 }, async ({ skip }) => {
  const missing = await missingOf(readReviews())
  if (missing !== undefined) return skip(missing)
  const { train, test } = await readReviews()
  expect([train.length, test.length]).toEqual([599, 379])
  const texts = new Set([...train, ...test].map(({ text }) => text))
  expect(texts.size).toBe(599 + 379)
  expect(test.map(({ label }) => moods.indexOf(label)).filter((label) => label === 2)).toHaveLength(248)
  expect([...texts].filter((text) => /&#?\w+;|\s{2}/.test(text))).toEqual([])
})

// What is learnt takes two minutes, and fine-tuning has tests of its own: usually all ways are only walked.

test('on a small budget, all ways are scored, and learn more than the largest class', {
  timeout: 900_000,
}, async ({ skip }) => {
  const missing = await missingOf(Promise.all([readReviews(), miniLMFolder()]))
  if (missing !== undefined) return skip(missing)
  const budget = isWhole
    ? ['--epochs', '2', '--tokens', '32', '--reviews', '160', '--held', '60']
    : ['--epochs', '1', '--tokens', '16', '--reviews', '16', '--held', '8']
  const text = (await output('minilm-finetune.ts', ...budget)).replaceAll('\u00a0', ' ')
  const figures = (way: string): number[] =>
    (new RegExp(`^${way} +([\\d.]+) % +([\\d.]+) +([\\d,]+)`, 'm').exec(text) ?? [])
      .slice(1)
      .map((number) => Number(number.replaceAll(',', '')))
  for (const way of ['words', 'frozen features', 'LoRA', 'full']) {
    const [right = 0, f1 = 0] = figures(way)
    expect(right, text).toBeGreaterThan(isWhole ? 50 : 0)
    // The largest class alone has 0.26.
    expect(f1, text).toBeGreaterThan(isWhole ? 0.3 : 0)
  }
  const [[, , lora = 0], [, , full = 0]] = [figures('LoRA'), figures('full')] as [number[], number[]]
  expect(lora * 20).toBeLessThan(full)
})
