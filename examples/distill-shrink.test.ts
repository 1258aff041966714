import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { miniLMFolder } from './minilm.ts'
import { readReviews } from './minilm-finetune/reviews.ts'
import { output } from './program.ts'

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

// What the whole program reaches takes minutes; usually a few reviews are only walked through, and sizes hold for any.

test('half of the layers in int8 are a fifth of the size, and tell what the whole tells', {
  timeout: 900_000,
}, async ({ skip }) => {
  const missing = await missingOf(Promise.all([readReviews(), miniLMFolder()]))
  if (missing !== undefined) return skip(missing)
  const budget = isWhole
    ? []
    : [
        '--reviews',
        '16',
        '--held',
        '8',
        '--tokens',
        '8',
        '--teacherEpochs',
        '1',
        '--epochs',
        '1',
        '--runs',
        '1',
      ]
  const text = (await output('distill-shrink.ts', ...budget)).replaceAll('\u00a0', ' ')
  const figures = (way: string): number[] =>
    (
      new RegExp(`^${way} +([\\d.]+) MB +([\\d.]+) × +([\\d.]+) ms +[\\d.]+ × .* ([\\d.]+)$`, 'm').exec(
        text,
      ) ?? []
    )
      .slice(1)
      .map(Number)
  const [[, , , whole = 0], [, half = 1, , right = 0], [, small = 1, , kept = 0]] = [
    ...[figures('MiniLM'), figures('half, distilled'), figures('half, int8')],
  ] as [number[], number[], number[]]
  expect(half, text).toBeCloseTo(0.77, 2)
  expect(small, text).toBeLessThan(0.2)
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  expect(Math.abs(kept - right), text).toBeLessThanOrEqual(isWhole ? 0.02 : 0.25)
  if (!isWhole) return
  const words = Number(/Words counted.*: ([\d.]+) %/.exec(text)?.[1]) / 100
  expect(right, text).toBeGreaterThan(whole - 0.05)
  expect(kept, text).toBeGreaterThan(words)
  const [, , , cut = 1] = figures('half, as cut')
  expect(right, text).toBeGreaterThan(cut)
})
