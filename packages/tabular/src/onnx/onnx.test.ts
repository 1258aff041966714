import { InferenceSession, Tensor } from 'onnxruntime-node'
import { hostRandom } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { train } from '../train.ts'
import type { TrainOptions } from '../train-options.ts'

interface Row {
  readonly size: number | null
  readonly weight: number
  readonly city: string | null
  readonly street: string | null
  readonly active: boolean | null
  readonly code: string | number
  readonly since: Date | null
}

const random = hostRandom(7, 7)
const share = (): number => random(1_000_000) / 1_000_000
/** A value, or one time in seven none. */
const some = <T>(value: T): T | null => (random(7) === 0 ? null : value)

/** @param strangers categories that come are these too. */
const rowOf = (strangers: readonly string[] = []): Row => ({
  size: some(random(5) === 0 ? Number.POSITIVE_INFINITY : share() * 100),
  weight: Math.round(share() * 20),
  city: some([...strangers, 'Oslo', 'Rome', 'Köln', '東京'][random(4 + strangers.length)] as string),
  // Too many for a column of each: the rare ones are one.
  street: some(`street ${Math.floor(share() ** 2 * 70)}`),
  active: some(random(2) === 0),
  code: random(2) === 0 ? random(3) : `${random(3)}b`,
  since: some(new Date(Date.UTC(1890 + random(200), random(12), 1 + random(31), random(24), random(60)))),
})

const rows = Array.from({ length: 200 }, () => rowOf())
const signal = ({ size, weight, city, since }: Row): number =>
  (Number.isFinite(size) ? (size as number) / 30 : 1) +
  (city === 'Rome' ? 1.5 : 0) +
  weight / 10 +
  ((since?.getUTCMonth() ?? 0) > 6 ? 0.7 : 0)
const strange = Array.from({ length: 60 }, () => rowOf(['Lima']))

/** Cells as the file takes them. */
const feedsOf = ({ inputNames }: InferenceSession, some: readonly Row[]) =>
  Object.fromEntries(
    inputNames.map((name) => {
      const cells = some.map((row) => row[name as keyof Row])
      const shape = [some.length, 1]
      return name === 'size' || name === 'weight' || name === 'since'
        ? [
            name,
            new Tensor(
              'float64',
              Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))),
              shape,
            ),
          ]
        : [
            name,
            new Tensor(
              'string',
              cells.map((cell) => (cell === null ? '' : String(cell))),
              shape,
            ),
          ]
    }),
  )

const cases: readonly (readonly [string, (row: Row, i: number) => unknown, Partial<TrainOptions>])[] = [
  [
    'two classes',
    (row) => (signal(row) + share() > 4 ? 'yes' : 'no'),
    { costs: { falsePositive: 1, falseNegative: 3 } },
  ],
  ['truth', (row) => signal(row) + share() > 4, {}],
  ['three classes', (row) => Math.min(2, Math.floor((signal(row) + share()) / 2)), {}],
  ['numbers', (row) => signal(row) * 1000 + share(), {}],
  ['counts', (row) => Math.floor(signal(row) * share() * 2), { task: 'counts' }],
  ['quantiles', (row) => signal(row) * share(), { quantiles: [0.2, 0.5, 0.9] }],
]

test.each(cases)(
  'one file of ONNX predicts as the model does, gaps and new categories too: %s',
  async (_, of, options) => {
    const table = rows.map((row, i) => ({ ...row, y: of(row, i) }))
    const model = await train(table, { target: 'y', models: ['small trees'], folds: 2, ...options })
    const session = await InferenceSession.create(await model.toOnnx())
    for (const some of [strange, strange.slice(0, 1)]) {
      const found = await session.run(feedsOf(session, some))
      const { values, probabilities, quantiles } = await model.predict(some)
      const several = probabilities ?? quantiles
      if (several !== undefined) {
        const flat = some.flatMap((_, row) => several.map((one) => one[row] as number))
        const output = found.probabilities ?? found.quantiles
        expect(output?.dims).toEqual([some.length, several.length])
        expectClose(output?.data as Float64Array, flat, { scaled: 1e-6 })
      }
      const prediction = found.prediction?.data as ArrayLike<unknown>
      if (typeof values[0] === 'number')
        expectClose(prediction as Float64Array, values as number[], { scaled: 1e-6 })
      else
        expect(
          Array.from(prediction, (value) => (typeof values[0] === 'boolean' ? Boolean(value) : value)),
        ).toEqual(values)
    }
    await session.release()
  },
)

test('words of texts are named, as they have no operators', async () => {
  const table = rows.map((row, i) => ({
    weight: row.weight,
    note: `it has number ${i} of all`,
    y: signal(row),
  }))
  const model = await train(table, { target: 'y', models: [] })
  await expect(model.toOnnx()).rejects.toThrow(
    /toOnnx: expected columns of numbers, categories and dates, received the step 'textCounts' of 'note'.*ignore: \['note'\]/,
  )
})

test('labels and orders are exported too', async () => {
  const table = rows.map((row, i) => ({
    ...row,
    high: signal(row) + share() > 4,
    late: (row.since?.getUTCMonth() ?? 0) + 3 * share() > 7 ? 'yes' : 'no',
    list: i % 20,
    rank: Math.floor(signal(row)),
  }))
  const options = { models: ['small trees'], folds: 2 } as const
  const labels = await train(table, { ...options, target: ['high', 'late'], ignore: ['list', 'rank'] })
  const session = await InferenceSession.create(await labels.toOnnx())
  const found = await session.run(feedsOf(session, strange))
  const { probabilities = [], labels: sets = [] } = await labels.predict(strange)
  const flat = strange.flatMap((_, row) => probabilities.map((one) => one[row] as number))
  expectClose(found.probabilities?.data as Float64Array, flat, { scaled: 1e-6 })
  expect(Array.from(found.prediction?.data as ArrayLike<unknown>, Boolean)).toEqual(
    sets.flatMap((set) => ['high', 'late'].map((label) => set.includes(label))),
  )
  await session.release()

  const order = await train(table, {
    ...options,
    target: 'rank',
    task: 'ranking',
    group: 'list',
    ignore: ['high', 'late'],
  })
  const orders = await InferenceSession.create(await order.toOnnx())
  const { prediction } = await orders.run(feedsOf(orders, strange))
  expectClose(prediction?.data as Float64Array, (await order.predict(strange)).values as number[], {
    scaled: 1e-6,
  })
  await orders.release()
})
