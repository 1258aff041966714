import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { miniLMFolder } from './minilm.ts'
import { output } from './program.ts'

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

// What the whole program reaches takes minutes; usually a few mails are only walked through, and sizes hold for any.

test('half of the layers in int8 are a fifth of the size, and tell what the whole tells', {
  timeout: 900_000,
}, async ({ skip }) => {
  const missing = await missingOf(miniLMFolder())
  if (missing !== undefined) return skip(missing)
  const budget = isWhole
    ? []
    : '--mails 60 --labelled 16 --read 16 --held 8 --tokens 8 --teacherEpochs 1 --epochs 1 --runs 1 --noMemory'.split(
        ' ',
      )
  const text = (await output('distill-shrink.ts', ...budget)).replaceAll('\u00a0', ' ')
  const figures = (way: string): number[] =>
    (
      new RegExp(`^${way} +([\\d.]+) MB +([\\d.]+) × +([\\d.]+) ms +[\\d.]+ × .* ([\\d.]+)$`, 'm').exec(
        text,
      ) ?? []
    )
      .slice(1)
      .map(Number)
  const [, , , whole = 1] = figures('MiniLM')
  const [, half = 1, , right = 0] = figures('half, distilled')
  const [, small = 1, , kept = 0] = figures('half, int8')
  expect(half, text).toBeCloseTo(0.77, 2)
  expect(small, text).toBeLessThan(0.2)
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  expect(Math.abs(kept - right), text).toBeLessThanOrEqual(isWhole ? 0.02 : 0.25)
  if (!isWhole) return
  expect(right, text).toBeGreaterThan(whole - 0.03)
  expect(text).toMatch(/^Words counted, under logistic regression: [\d.]+ % right/m)
})
