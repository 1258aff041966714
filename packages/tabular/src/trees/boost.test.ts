import { describe, expect, test } from 'vitest'
import { boost } from './boost.ts'
import type { BoostOptions } from './boost-options.ts'

const rows = 600
const x = Float64Array.from({ length: rows }, (_, i) => ((i * 7919) % rows) / rows)
const noise = Float64Array.from({ length: rows }, (_, i) => Math.sin(i * 12.9898) * 0.3)
const numbers = x.map((value, i) => 3 * value * value + (noise[i] as number))
const columns = [{ values: x }, { values: noise.toReversed() }]

const losses = async (options: BoostOptions): Promise<number> => {
  const [predicted = new Float64Array(0)] = (await boost(columns, numbers, options)).predict(columns)
  return predicted.reduce((sum, value, i) => sum + (value - (numbers[i] as number)) ** 2, 0) / rows
}

test('a share of rows and columns trains too, the same with the same seed', async () => {
  const options = { rounds: 40, rowShare: 0.5, columnShare: 0.5 }
  const [first, again, other] = [
    await losses({ ...options, seed: 1 }),
    await losses({ ...options, seed: 1 }),
    await losses({ ...options, seed: 2 }),
  ]
  expect(again).toBe(first)
  expect(other).not.toBe(first)
  // The variance of the targets is 0.84, that of the noise 0.045.
  expect(first).toBeLessThan(0.06)
})

test('trees end where the loss of held rows does, and the rounds after the best are let go', async () => {
  const held = Float64Array.from({ length: 200 }, (_, i) => i / 200)
  const validation = {
    columns: [{ values: held }, { values: new Float64Array(200) }],
    targets: held.map((value) => 3 * value * value),
  }
  const trees = await boost(columns, numbers, { validation, rounds: 500, patience: 5 })
  const { validationLosses, rounds } = trees
  expect(rounds).toBe(validationLosses.indexOf(Math.min(...validationLosses)))
  expect(validationLosses.length).toBe(rounds + 6)
})

test('a deadline that is over ends training after one round, and a signal with an error', async () => {
  expect((await boost(columns, numbers, { deadline: 0 })).rounds).toBe(1)
  await expect(boost(columns, numbers, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
})

test('importance is that of the columns that splits gain by', async () => {
  const [first = 0, second = 1] = (await boost(columns, numbers)).forest.importance()
  expect(first + second).toBeCloseTo(1)
  expect(first).toBeGreaterThan(0.9)
})

describe('what trees cannot be trained with is refused:', () => {
  const two = [0, 1, 0, 1]
  const four = [{ values: [1, 2, 3, 4] }]
  test.each<[string, Parameters<typeof boost>, RegExp]>([
    ['no columns', [[], []], /at least one column, received none/],
    ['columns of two lengths', [[...four, { values: [1] }], two], /column 1: expected 4 values.*received 1/],
    ['targets of another length', [four, [1]], /a target for each of 4 rows, received 1/],
    ['no rows', [[{ values: [] }], []], /at least one row/],
    ['a target that is no number', [four, [1, 2, Number.NaN, 4]], /finite numbers.*NaN in row 2/],
    ['a class of two that is neither', [four, [0, 1, 2, 1], { loss: 'logistic' }], /0 and 1.*2 in row 2/],
    ['one class', [four, [1, 1, 1, 1], { loss: 'logistic' }], /both 0 and 1, received one value/],
    ['counts below 0', [four, [1, -1, 0, 0], { loss: 'poisson' }], /at least 0.*-1 in row 1/],
    ['no counts', [four, [0, 0, 0, 0], { loss: 'poisson' }], /not all 0/],
    [
      'a class beyond those there are',
      [four, [0, 1, 2, 3], { loss: 'softmax', classes: 3 }],
      /0 to 2.*3 in row 3/,
    ],
    ['too many categories', [[{ values: two, categories: 256 }], two], /1 to 255, received 256/],
    ['a level of all', [four, two, { loss: 'quantile', quantile: 1 }], /below 1, received 1/],
    ['a share of nothing', [four, two, { rowShare: 0 }], /above 0/],
    ['too many bins', [four, two, { bins: 300 }], /2 to 255, received 300/],
    ['an option that there is not', [four, two, { iterations: 3 } as BoostOptions], /"iterations"/],
    [
      'held rows with other columns',
      [four, two, { validation: { columns: [...four, ...four], targets: two } }],
      /1 columns, as in training/,
    ],
  ])('%s', async (_, given, message) => {
    await expect(boost(...given)).rejects.toThrow(message)
  })
})
