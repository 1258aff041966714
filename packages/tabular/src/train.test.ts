import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTable } from '@typegrad/data'
import { FormatError } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { TableModel } from './table-model.ts'
import { tablePath } from './testing/golden-models.ts'
import { train } from './train.ts'
import type { TrainOptions } from './train-options.ts'

const rows = 300
const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row))
const wave = (row: number, by: number): number => Math.sin(row * by)

/** A table of every kind of column; y follows from three of them. */
const mixed = each((row) => {
  const plan = ['basic', 'plus', 'family'][row % 3] as string
  const age = 20 + ((row * 13) % 60)
  const isMissing = row % 11 === 0
  const words = ['good call', 'bad line today', 'fine and quick answer'][(row * 7) % 3]
  return {
    id: `customer-${row}`,
    age: isMissing ? null : age,
    plan,
    since: new Date(Date.UTC(2020, row % 12, 1 + (row % 28))),
    note: `${words} number ${row}`,
    active: row % 2 === 0,
    one: 7,
    churn: age + (plan === 'plus' ? 30 : 0) + 8 * wave(row, 3.3) > 62 ? 'yes' : 'no',
  }
})

test('three lines train a model of iris that is judged, predicts raw rows, and is kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabular-'))
  try {
    const model = await train(tablePath('iris'), { target: 'species', models: ['small trees'] })
    const { task, scores, rows: counts, candidates } = model.report
    expect(task).toMatchObject({ kind: 'classes', classes: ['setosa', 'versicolor', 'virginica'] })
    expect(counts).toMatchObject({ total: 150, training: 120, test: 30 })
    const [accuracy] = scores
    // Three of thirty is what two of the three species overlap by.
    expect(accuracy?.value).toBeGreaterThanOrEqual(0.9)
    expect(accuracy?.low).toBeLessThanOrEqual(accuracy?.value as number)
    expect(candidates.map(({ name }) => name)).toEqual(['constant', 'linear', 'small trees'])
    expect(candidates[0]?.scores[0]?.value).toBeCloseTo(1 / 3)
    expect(candidates.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1)
    expect(`${model}`).toMatch(/species: classes.*\n120 rows to learn from, 30 to be judged on/)

    const flowers = await readTable(tablePath('iris'))
    const before = await model.predict(flowers)
    const right = (await flowers.rows()).filter(({ species }, i) => species === before.values[i])
    expect(right.length).toBeGreaterThan(140)
    const path = join(folder, 'iris.model')
    await model.save(path)
    const again = await TableModel.load(path)
    expect(again.report).toEqual(model.report)
    const after = await again.predict(flowers)
    expect(after.values).toEqual(before.values)
    before.probabilities?.forEach((of, k) => {
      expectClose(after.probabilities?.[k] ?? [], of, { scaled: 0 })
    })

    expect(model.toBytes()).toEqual(Uint8Array.from(readFileSync(path)))
    const bytes = readFileSync(path)
    bytes[100] = (bytes[100] as number) ^ 1
    writeFileSync(path, bytes)
    await expect(TableModel.load(path)).rejects.toThrow(FormatError)
    writeFileSync(path, '{"a":')
    await expect(TableModel.load(path)).rejects.toThrow(/zip archive/)
    await expect(TableModel.load(join(folder, 'none.model'))).rejects.toThrow(/ENOENT/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('columns of every kind are used or named, and rows that differ are told', async () => {
  const model = await train(mixed, {
    target: 'churn',
    models: ['trees'],
    costs: { falsePositive: 1, falseNegative: 4 },
  })
  const { columns, scores, threshold, candidates } = model.report
  expect(columns).toMatchObject({
    numbers: ['age'],
    categories: ['plan', 'active'],
    dates: ['since'],
    texts: ['note'],
  })
  expect(columns.dropped.map(({ column }) => column)).toEqual(['id', 'one'])
  expect(threshold).toBe(0.2)
  expect(scores[0]?.metric).toBe('AUC')
  expect(scores[0]?.value).toBeGreaterThan(0.85)
  const trees = candidates.find(({ name }) => name === 'trees')
  expect(trees?.scores[0]?.value).toBeGreaterThan(0.85)

  const { churn: _, id: __, one: ___, ...row } = mixed[1] as (typeof mixed)[number]
  const { values, probabilities, drift } = await model.predict([row, { ...row, plan: 'gold', age: 99 }])
  expect(values.every((value) => value === 'yes' || value === 'no')).toBe(true)
  const [no = new Float64Array(2), yes = new Float64Array(2)] = probabilities ?? []
  expectClose(
    no.map((p, i) => p + (yes[i] as number)),
    [1, 1],
    { scaled: 1e-12 },
  )
  expect(drift.map(({ column, kind, share }) => [column, kind, share])).toEqual([
    ['age', 'outOfRange', 0.5],
    ['plan', 'newCategories', 0.5],
  ])
  expect(drift[1]?.message).toContain('gold')
  await expect(model.predict([{ age: 3 }])).rejects.toThrow(/without 'plan'/)
  await expect(model.predict([{ ...row, age: 'old' }])).rejects.toThrow(
    /column 'age', row 0: expected numbers/,
  )
})

test('numbers, counts and quantiles are predicted', async () => {
  const number = await train(tablePath('diabetes'), { target: 'target', models: [] })
  // A linear model explains about half.
  expect(number.report.scores[0]).toMatchObject({ metric: 'R²' })
  expect(number.report.scores[0]?.value).toBeGreaterThan(0.4)
  const table = { x: each((row) => row / 100), y: each((row) => Math.round(row / 50 + 1 + wave(row, 5.1))) }
  const counts = await train(table, { target: 'y', task: 'counts', models: [] })
  const { values } = await counts.predict({ x: [0.2, 2.8] })
  expect(values[1] as number).toBeGreaterThan(2 * (values[0] as number))
  const spread = { x: table.x, y: each((row) => (row / 100) * wave(row, 5.1)) }
  const quantiles = await train(spread, { target: 'y', quantiles: [0.9, 0.1], models: ['small trees'] })
  expect(quantiles.report.task.levels).toEqual([0.1, 0.9])
  const { quantiles: [low, high] = [] } = await quantiles.predict({ x: [0.1, 2.9] })
  const widths = [0, 1].map((row) => (high?.[row] as number) - (low?.[row] as number))
  expect(widths[1] as number).toBeGreaterThan(3 * (widths[0] as number))
})

test('groups stay together, and with time the latest rows are judged on', async () => {
  const table = {
    group: each((row) => `g${row % 20}`),
    when: each((row) => row),
    x: each((row) => wave(row, 1)),
    y: each((row) => wave(row, 1) * 3 + wave(row, 7)),
  }
  const grouped = await train(table, { target: 'y', groups: 'group', ignore: ['when'], models: [] })
  expect(grouped.report.rows.test % 15).toBe(0)
  expect(grouped.report.columns.categories).toEqual([])
  // Of three groups each part has one.
  const few = { ...table, group: each((row) => row % 3) }
  const three = await train(few, { target: 'y', groups: 'group', ignore: ['when'], models: [] })
  expect(three.report.rows).toMatchObject({ training: 200, test: 100 })
  const timed = await train(table, { target: 'y', time: 'when', ignore: ['group'], models: [] })
  expect(timed.report.rows).toMatchObject({ training: 240, test: 60 })
})

test('rows of one class that are judged on are told of', async () => {
  const table = {
    y: each((row) => (row < 200 && wave(row, 1) > 0.5 ? 'a' : 'b')),
    x: each((row) => wave(row, 2)),
    t: each((row) => row),
  }
  const { notes } = (await train(table, { target: 'y', time: 't', models: [] })).report
  expect(notes).toContain(
    'All rows that are judged on are b: there is no AUC, and how good the model is cannot be told from them.',
  )
})

test('without time the linear model is what there is, and it says so', async () => {
  const model = await train(mixed, { target: 'churn', budget: 1e-9 })
  expect(model.report.candidates.map(({ name }) => name)).toEqual(['constant', 'linear'])
  expect(model.report.notes.join(' ')).toContain(
    'was over before these were trained: trees, small trees, large trees, tabm, mlp, transformer',
  )
})

test('rows that are judged on, and what the future brings, change nothing of what is learned', async () => {
  const [past, future] = [240, 60]
  const table = (changed: boolean) => ({
    when: each((row) => row),
    x: each((row) => (changed && row >= past ? 1e6 * row : wave(row, 1))),
    kind: each((row) => (changed && row >= past ? 'new' : ['a', 'b', 'c'][row % 3])),
    y: each((row) => (changed && row >= past ? 1000 * ((row * 37) % 101) : wave(row, 1) * 3 + wave(row, 7))),
  })
  const given = {
    target: 'y',
    time: 'when',
    models: ['small trees'],
    budget: 600,
    refit: 'training',
  } as const
  const [one, other] = [await train(table(false), given), await train(table(true), given)]
  expect(one.report.rows).toMatchObject({ training: past, test: future })
  const asked = { x: [0.1, 0.5, 0.9], kind: ['a', 'b', 'c'] }
  expect((await other.predict(asked)).values).toEqual((await one.predict(asked)).values)
  const weights = ({ report }: TableModel) => report.candidates.map(({ weight }) => weight)
  expect(weights(other)).toEqual(weights(one))
  // They are what it is judged on, though.
  expect(other.report.scores[0]?.value).not.toBe(one.report.scores[0]?.value)
})

test('what is judged has learned from the other rows, what is kept from all of them', async () => {
  // A line through the past has the slope 1, one through all rows 2.
  const table = { x: each((row) => (2 * row) / 300), y: each((row) => ((2 * row) / 300) ** 2) }
  const given = { target: 'y', time: 'when', models: [], testShare: 0.5 } as const
  const rows = { ...table, when: each((row) => row) }
  const [all, training, none] = [
    await train(rows, given),
    await train(rows, { ...given, refit: 'training' }),
    await train(rows, { ...given, refit: 'none' }),
  ]
  expect(all.report.scores).toEqual(none.report.scores)
  const at = async (model: TableModel): Promise<number> => Number((await model.predict([{ x: 2 }])).values[0])
  expect(await at(all)).toBeGreaterThan(3)
  expect(await at(training)).toBeLessThan(2)
  expect(await at(none)).toBeLessThan(2)
  expect(all.report.notes.join(' ')).toContain(
    'which had learned from 150 rows; in the end each model was fitted to all 300',
  )
  expect([...training.report.notes, ...none.report.notes]).toEqual([])
  const short = await train(rows, { ...given, budget: 1e-9 })
  expect(await at(short)).toBeLessThan(2)
  expect(short.report.notes.join(' ')).toContain(
    'to fit linear to all 300 rows: they have learned from 150 of them.',
  )
})

describe('what cannot be trained is refused before anything is:', () => {
  const sevens = { y: each((row) => row % 7), x: each((row) => wave(row, 1)) }
  const copy = mixed.map((row) => ({ ...row, left: row.churn === 'yes' ? 1 : 0 }))
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the target under another name',
      () => train(copy, { target: 'churn' }),
      /'left', which is the target under another name.*ignore: \['left'\]/,
    ],
    ['a target that there is not', () => train(mixed, { target: 'churned' }), /Did you mean 'churn'/],
    [
      'a column to ignore that there is not',
      () => train(mixed, { target: 'churn', ignore: ['ages'] }),
      /received 'ages'/,
    ],
    [
      'groups that there are not',
      () => train(mixed, { target: 'churn', groups: 'plans' }),
      /Did you mean 'plan'/,
    ],
    [
      'times that are no times',
      () => train(mixed, { target: 'churn', time: 'plan' }),
      /a date or a number in each row, received text/,
    ],
    [
      'two ways to divide',
      () => train(mixed, { target: 'churn', time: 'since', groups: 'plan' }),
      /groups or time, received both/,
    ],
    [
      'one group',
      () => train({ ...sevens, g: each(() => 'a') }, { target: 'y', groups: 'g' }),
      /groups 'g': expected at least 3 groups.*received 1 in 300 rows/,
    ],
    [
      'one moment',
      () => train({ ...sevens, g: each((row) => Number(row > 290)) }, { target: 'y', time: 'g' }),
      /moments that divide the rows into earlier and later ones/,
    ],
    [
      'a class that comes later alone',
      () =>
        train(
          { ...sevens, y: each((row) => (row > 270 ? 'a' : 'b')), g: each((row) => row) },
          { target: 'y', time: 'g' },
        ),
      /time 'g': expected rows of several classes in each part that is learned from, received one with rows of b alone/,
    ],
    [
      'a class in one group alone',
      () =>
        train(
          { ...sevens, y: each((row) => (row % 6 === 5 ? 'a' : 'b')), g: each((row) => row % 6) },
          { target: 'y', groups: 'g' },
        ),
      /groups 'g': expected rows of several classes/,
    ],
    [
      'a target that is always missing',
      () => train({ y: each(() => null), x: each((row) => row) }, { target: 'y' }),
      /target 'y'/,
    ],
    [
      'costs of a number',
      () =>
        train(mixed, { target: 'age', task: 'regression', costs: { falsePositive: 1, falseNegative: 2 } }),
      /two classes, received 'regression'/,
    ],
    [
      'an option that there is not',
      () => train(mixed, { target: 'churn', labels: 3 } as TrainOptions),
      /"labels"/,
    ],
    [
      'a model that there is not',
      () => train(mixed, { target: 'churn', models: ['forest' as 'trees'] }),
      /an array of constant, linear/,
    ],
    [
      'no features',
      () =>
        train(
          mixed.map(({ churn, id }) => ({ churn, id })),
          { target: 'churn' },
        ),
      /a column that says something, received 'id', which is different/,
    ],
    [
      'a signal that has ended',
      () => train(mixed, { target: 'churn', signal: AbortSignal.abort() }),
      /aborted/,
    ],
    ['no file', () => train('none.csv', { target: 'y' }), /none\.csv/],
  ])('%s', async (_, training, message) => {
    await expect(training()).rejects.toThrow(message)
  })
})
