import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'
import { percentSpread, spreadOf } from './statistics.ts'

test('spread is that of a sample', () => {
  // (1 + 0 + 1) / 2 = 1.
  expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, deviation: 1 })
  expect(percentSpread([0.5, 0.52])).toBe('51.0\u00a0% ± 1.4')
  expect(percentSpread([0.5], 0)).toBe('50\u00a0%')
})

test('labels make a model better, and the table has a line for each number of them', {
  timeout: 240_000,
}, async () => {
  const small = ['--mails', '300', '--words', '300', '--labels', '60', '--seeds', '1', '--epochs', '15']
  const text = await output('label-actively.ts', ...small)
  const [active, random] = numbers(text.replaceAll('\u00a0', ' '), /^60 +([\d.]+) % +([\d.]+) %/m)
  // A third of these mails are spam.
  expect(active, text).toBeGreaterThan(75)
  expect(random).toBeGreaterThan(70)
})
