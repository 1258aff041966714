import { describe, expect, test } from 'vitest'
import { evaluate } from './evaluate.ts'
import { train } from './train.ts'

const rows = Array.from({ length: 200 }, (_, i) => ({
  age: 20 + ((i * 13) % 60),
  plan: ['basic', 'plus', 'family'][i % 3] as string,
  // Every eighth does what nobody expects.
  churn: 20 + ((i * 13) % 60) + (i % 3 === 1 ? 30 : 0) > 62 !== (i % 8 === 0) ? 'yes' : 'no',
  amount: i % 17 === 0 ? null : ((i * 13) % 60) * 3 + (i % 3),
}))
const fast = { budget: 0.001, folds: 2, refit: 'training' } as const

describe('evaluate', () => {
  test('gives the scores of the report on the rows that training held back', async () => {
    const model = await train(rows, { target: 'churn', ignore: ['amount'], time: 'age', ...fast })
    // With a column of time the rows that are judged on are the last.
    const last = [...rows].sort((a, b) => a.age - b.age).slice(-model.report.rows.test)
    const { scores, rows: judged, withoutTarget, confusion } = await evaluate(model, last)
    expect({ judged, withoutTarget }).toEqual({ judged: last.length, withoutTarget: 0 })
    for (const [i, { metric, value }] of model.report.scores.entries()) {
      expect(scores[i]?.metric).toBe(metric)
      expect(scores[i]?.value).toBeCloseTo(value, 10)
    }
    const { values } = await model.predict(last)
    const counted = (was: string, said: string): number =>
      last.filter(({ churn }, i) => churn === was && values[i] === said).length
    expect(confusion).toEqual([
      [counted('no', 'no'), counted('no', 'yes')],
      [counted('yes', 'no'), counted('yes', 'yes')],
    ])
  })

  test('of numbers leaves rows without a target out', async () => {
    const model = await train(rows, { target: 'amount', ignore: ['churn', 'age'], ...fast })
    const { scores, rows: judged, withoutTarget, confusion } = await evaluate(model, rows)
    expect({ judged, withoutTarget, confusion }).toEqual({
      judged: 188,
      withoutTarget: 12,
      confusion: undefined,
    })
    const { values } = await model.predict(rows)
    const errors = rows.flatMap(({ amount }, i) =>
      amount === null ? [] : [Math.abs(amount - Number(values[i]))],
    )
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    expect(scores.find(({ metric }) => metric === 'MAE')?.value).toBeCloseTo(mean, 8)
  })

  test('refuses rows without the target, classes that training did not have, and options that there are not', async () => {
    const model = await train(rows, { target: 'churn', ignore: ['amount'], ...fast })
    await expect(evaluate(model, [{ age: 30, plan: 'plus' }])).rejects.toThrow(
      "evaluate: expected rows with the target 'churn', received the columns age, plan.",
    )
    await expect(evaluate(model, [{ age: 30, plan: 'plus', churn: 'maybe' }])).rejects.toThrow(
      'evaluate: target \'churn\', row 0: expected one of the classes no, yes, received "maybe".',
    )
    await expect(evaluate(model, rows, { sead: 1 } as never)).rejects.toThrow(/Did you mean seed\?/)
  })
})

test('training that is stopped gives the best that there is by then', async () => {
  const stop = new AbortController()
  const { report } = await train(rows, {
    target: 'churn',
    ignore: ['amount'],
    folds: 2,
    stop: stop.signal,
    onProgress: (message) => {
      if (message === 'trees: fold 2 of 2') stop.abort()
    },
  })
  expect(report.candidates.map(({ name }) => name)).toEqual(['constant', 'linear'])
  expect(report.notes).toContain(
    'Training was stopped before these were trained: trees, small trees, large trees, tabm, mlp, transformer.',
  )
})

test('training that is stopped while it learns from all rows keeps the folds of what is not done', async () => {
  const given = { target: 'churn', ignore: ['amount'], folds: 2, models: ['small trees'] } as const
  const told: string[] = []
  const stoppedAt = (end: string) => {
    const stop = new AbortController()
    return train(rows, {
      ...given,
      stop: stop.signal,
      onProgress: (message) => {
        told.push(message)
        if (message === end) stop.abort()
      },
    })
  }
  const judged = await train(rows, { ...given, refit: 'none' })
  const early = await stoppedAt('judging')
  expect(await early.predict(rows)).toEqual(await judged.predict(rows))
  expect(told.indexOf('judging')).toBeGreaterThan(told.indexOf('small trees: fold 2 of 2'))
  expect(told.at(-1)).toBe('judging')
  const late = await stoppedAt(`small trees: all ${rows.length} rows`)
  expect(late.report.notes.at(-1)).toMatch(/^There was no time left to fit small trees to all 200 rows/)
})
