import { hostRandom } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import type { ReportLanguage } from '../report-language.ts'
import { train } from '../train.ts'
import type { TrainOptions } from '../train-options.ts'
import { ticksOf } from './charts.ts'
import { words } from './languages.ts'

const random = hostRandom(5, 5)
const share = (): number => random(1_000_000) / 1_000_000
const rows = Array.from({ length: 400 }, (_, i) => ({
  x: share() * 10,
  idle: share(),
  kind: ['calm', 'wild', '<b>&'][random(3)] as string,
  day: new Date(Date.UTC(2024, 0, 1 + (i % 300))),
}))
type Row = (typeof rows)[number]
/** Rows of one kind are loud. */
const noisy = ({ x, kind }: Row): number => 3 * x + (share() - 0.5) * (kind === 'wild' ? 30 : 1)

const trained = (of: (row: Row) => unknown, options: Partial<TrainOptions> = {}) =>
  train(
    rows.map((row) => ({ ...row, y: of(row) })),
    { target: 'y', models: [], folds: 2, ...options },
  )

describe('what is found out about a model:', async () => {
  const { judgement } = (await trained(noisy)).report

  test('the column that matters is the most important, and one that does not is not', () => {
    const [first] = judgement.importance
    expect(first?.column).toBe('x')
    const idle = judgement.importance.find(({ column }) => column === 'idle')
    expect(Math.abs(idle?.rise ?? 1)).toBeLessThan(0.02 * (first?.rise ?? 0))
  })

  test('a linear model depends on a column by a straight line, whose slope is that of the data', () => {
    const { points = [] } = judgement.dependence.find(({ column }) => column === 'x') ?? {}
    const [from, to] = [points[0], points.at(-1)]
    const slope = ((to?.means[0] ?? 0) - (from?.means[0] ?? 0)) / (Number(to?.value) - Number(from?.value))
    // The weight's standard error, with noise of deviation 8.7 in a third of 320 rows, is 0.1.
    expect(Math.abs(slope - 3)).toBeLessThan(0.35)
    expectClose(
      points.map(({ means }) => means[0] as number),
      points.map(({ value }) => (from?.means[0] ?? 0) + slope * (Number(value) - Number(from?.value))),
      { scaled: 1e-9 },
    )
  })

  test('rows that are predicted worse are found, and so are the worst of all', () => {
    expect(judgement.slices[0]).toMatchObject({ column: 'kind', values: 'wild' })
    expect(judgement.slices[0]?.loss).toBeGreaterThan(2 * judgement.loss)
    for (const { cells, loss } of judgement.mistakes) {
      expect(cells).toContainEqual(['kind', 'wild'])
      expect(loss).toBeGreaterThan(judgement.loss)
    }
  })
})

const cases: readonly (readonly [
  string,
  (row: Row) => unknown,
  Partial<TrainOptions>,
  (keyof typeof words.en)[],
])[] = [
  [
    'two classes',
    (row) => (noisy(row) > 15 ? 'yes' : 'no'),
    {},
    ['roc', 'precisionRecall', 'gain', 'calibration'],
  ],
  ['three classes', (row) => `c${Math.min(2, Math.floor(row.x / 3))}`, {}, ['calibration']],
  ['numbers', noisy, { energy: { read: async () => 700 } }, ['pairs', 'calibrationOfNumbers']],
  ['quantiles', noisy, { quantiles: [0.1, 0.9], energy: { read: async () => undefined } }, ['coverage']],
]
test.each(cases)(
  'the page has what belongs to its task, in both languages: %s',
  async (_, of, options, charts) => {
    const model = await trained(of, options)
    for (const language of ['en', 'zh'] satisfies ReportLanguage[]) {
      const page = model.toHtml({ language })
      const say = words[language]
      expect(page).toContain(say.title('y'))
      for (const name of charts) expect(page).toContain((say[name] as readonly string[])[0])
      expect(page).toContain(say.made)
      if (options.energy !== undefined)
        expect(page.includes(say.energy)).toBe(model.report.joules !== undefined)
      // Nothing from elsewhere, nothing that is no text, and no markup of the data's.
      expect(page).not.toMatch(/https?:|NaN|undefined|\[object|<b>&/)
      expect(page.match(/<section>/g)?.length).toBe(page.match(/<\/section>/g)?.length)
    }
  },
)

test('energy is what the meter counts from the beginning on', async () => {
  let reads = 0
  const model = await trained(noisy, { energy: { read: async () => (reads++ === 0 ? 1e6 : 700) } })
  const { joules } = model.report
  expect(joules).toBe(700 * (reads - 1))
  // Two models in two folds, the judging, one of them fitted to all rows, and the end.
  expect(reads).toBe(1 + 2 * 2 + 1 + 1 + 1)
  expect(`${model}`).toContain(' s, 4.9 kJ\n')
  expect(model.toHtml({ language: 'zh' })).toContain('4.9 kJ')
})

test('labels are predicted together, each with its probability', async () => {
  const table = rows.map((row) => ({
    ...row,
    high: row.x > 5 ? 'yes' : 'no',
    wild: row.kind === 'wild' ? 1 : 0,
    rare: row.x > 8.5,
  }))
  const model = await train(table, {
    target: ['high', 'rare'],
    ignore: ['wild'],
    models: [],
    folds: 2,
  })
  const { task, scores, calibration } = model.report
  expect(task).toMatchObject({ kind: 'labels', labels: ['high', 'rare'] })
  expect(calibration.length).toBe(2)
  expect(scores.map(({ metric }) => metric)).toEqual([
    'mean AUC',
    'log loss',
    'label accuracy',
    'all labels right',
  ])
  expect(scores[0]?.value).toBeGreaterThan(0.97)
  const row = { idle: 0.5, kind: 'calm', day: new Date(Date.UTC(2024, 1, 1)) }
  const { labels, values, probabilities } = await model.predict([2, 7, 9.5].map((x) => ({ ...row, x })))
  expect(labels).toEqual([[], ['high'], ['high', 'rare']])
  expect(values).toEqual(['', 'high', 'high, rare'])
  expect(probabilities?.[1]?.[2]).toBeGreaterThan(0.5)
  expect(model.toHtml()).toContain(words.en.labelShare)
})

test('a page in Chinese has no sentence in English', async () => {
  const table = rows.map((row, i) => ({
    ...row,
    y: i < 5 ? null : row.x + (row.kind === 'wild' ? 8 * share() : 0) > 7 ? 'yes' : 'no',
    nothing: null,
    same: 1,
    order: `order-${i}`,
  }))
  const model = await train(table, { target: 'y', budget: 1e-9, folds: 2 })
  const text = model.toHtml({ language: 'zh' }).replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ')
  for (const note of [
    '5 行没有目标值，未计入。',
    '未使用 nothing：没有任何值。',
    '未使用 same：所有行取同一个值。',
    '未使用 order：几乎每行都不同，像姓名或编号。',
    '1e-9 秒的预算用完，以下模型未训练：',
    '再拟合以下模型：',
    '对数损失',
  ])
    expect(text).toContain(note)
  expect(text.match(/[a-z]{2,}(?: [a-z]{2,}){2,}/gi)).toBeNull()
  // The same in English, as the report has it for programs.
  const { notes, remarks } = model.report
  expect(notes).toContain(
    'order is not used: it is different in nearly every row, as a name or an identifier is.',
  )
  expect(remarks.map(({ kind }) => kind)).toEqual([
    'without target',
    'dropped',
    'dropped',
    'dropped',
    'skipped',
    'not fitted to all',
  ])
})

test('ticks are round and within', () => {
  expect(ticksOf([0, 1])).toEqual([0, 0.5, 1])
  expect(ticksOf([-3.2, 17])).toEqual([0, 10])
  expect(ticksOf([2, 2])).toEqual([2])
})

test('rows are ordered within lists, and judged by whole lists', async () => {
  const lists = Array.from({ length: 60 }, (_, list) =>
    Array.from({ length: 12 }, () => {
      const [match, price] = [share(), share() * 100]
      // Everything of a list is dearer or cheaper together, which says nothing of the order in it.
      const level = (list % 5) * 2
      return {
        query: `q${list}`,
        match,
        price: price + level * 100,
        relevant: Math.floor(match * 3 + (share() - 0.5) * 0.6 + 0.3) + level,
      }
    }),
  ).flat()
  const model = await train(lists, {
    target: 'relevant',
    task: 'ranking',
    group: 'query',
    models: ['small trees'],
    folds: 2,
  })
  const { task, rows: counts, scores, columns } = model.report
  expect(task).toMatchObject({ kind: 'ranking', group: 'query' })
  expect(counts.test % 12).toBe(0)
  expect(columns.categories).toEqual([])
  expect(scores.map(({ metric }) => metric)).toEqual(['NDCG', 'NDCG@5'])
  expect(scores[0]?.value).toBeGreaterThan(0.97)
  expect(scores[0]?.low).toBeLessThan(scores[0]?.value as number)
  const { values } = await model.predict([0.1, 0.9, 0.5].map((match) => ({ query: 'new', match, price: 50 })))
  const [low, high, middle] = values as number[]
  expect([low, middle, high]).toEqual([low, middle, high].toSorted((a, b) => (a as number) - (b as number)))
  expect(model.toHtml({ language: 'zh' })).toContain('NDCG')
})
