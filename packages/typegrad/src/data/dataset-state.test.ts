import { describe, expect, test } from 'vitest'
import { Dataset, StateError } from '../index.ts'

const count = (n: number) =>
  Dataset.fromTensors([Array.from({ length: n }, (_, i) => i)]).map(async ([t]) => Number(await t?.item()))

/** Pipelines, made anew each time, as another process would; each gives numbers or lists of them. */
const pipelines: Readonly<Record<string, () => Dataset<unknown>>> = {
  rows: () => count(12),
  generator: () => Dataset.fromGenerator(() => [5, 6, 7, 8]),
  'generator that begins anywhere': () =>
    Dataset.fromGenerator(
      () => [5, 6, 7, 8, 9],
      (element) => [5, 6, 7, 8, 9].slice(element),
    ),
  map: () => count(9).map((x, i) => x * 100 + i),
  filter: () =>
    count(12)
      .filter((x) => x % 3 !== 0)
      .map((x, i) => x * 100 + i),
  shuffle: () => count(12).shuffle(5, { seed: 2 }),
  'shuffle twice': () => count(12).shuffle(4, { seed: 2 }).skip(1).shuffle(3, { seed: 5 }),
  'take and skip': () => count(12).shuffle(12).skip(2).take(7),
  prefetch: () => count(8).shuffle(8).prefetch(3),
  zip: () => Dataset.zip(count(9).shuffle(9), count(7).shuffle(7, { seed: 1 })),
  interleave: () =>
    count(5)
      .shuffle(5)
      .interleave(
        (x) =>
          count(3)
            .shuffle(3)
            .map((y) => 10 * x + y),
        { cycleLength: 2 },
      ),
  repeat: () => count(4).shuffle(4).repeat(3),
  'repeat in repeat': () => count(3).shuffle(3).repeat(2).repeat(2),
  'shuffle, then cache': () =>
    count(6)
      .shuffle(6)
      .cache()
      .map((x) => x),
  'cache, then shuffle': () => count(6).cache().shuffle(6),
  'cache, then repeat': () => count(4).shuffle(4).cache().shuffle(4, { seed: 9 }).repeat(3),
  chunk: () => count(11).shuffle(11).chunk(4).prefetch(1),
  'chunk of rows': () =>
    Dataset.fromTensors([[1, 2, 3, 4, 5]])
      .shuffle(5)
      .chunk(2)
      .map((rows) => Promise.all(rows.map(async ([t]) => Number(await t?.item())))),
  through: () =>
    count(9)
      .shuffle(9)
      .through(async function* (numbers) {
        let sum = 0
        for await (const x of numbers) {
          sum += x
          if (x % 2 === 0) yield sum
          if (x % 4 === 0) yield x
        }
      })
      .repeat(2),
  batch: () =>
    count(11)
      .shuffle(11)
      .batch(4)
      .map(async (batch) => [...(await batch.data())].map(Number)),
}

describe('a reading goes on where it stood, in a data set that is made anew', () => {
  test.each(Object.entries(pipelines))('%s', async (_, make) => {
    const whole = make()
    // Three readings in a row, and the state at every place of each.
    for (const reading of [0, 1, 2]) {
      const states: string[] = []
      const items: unknown[] = []
      const iterator = whole.iterate()
      for (;;) {
        states.push(JSON.stringify(iterator.getState()))
        const { done, value } = await iterator.next()
        if (done === true) break
        items.push(value)
      }
      expect(items.length).toBeGreaterThan(2)
      const after = JSON.stringify(whole.getState())
      for (const [place, state] of states.entries()) {
        const resumed = make()
        const rest = resumed.iterate(JSON.parse(state))
        const found: unknown[] = []
        for (let next = await rest.next(); next.done !== true; next = await rest.next())
          found.push(next.value)
        expect(found, `reading ${reading}, from place ${place}`).toEqual(items.slice(place))
        // And the next reading has the order that it would have had.
        if (place !== 1) continue
        const following = make().iterate(JSON.parse(after))
        expect((await resumed.iterate().next()).value, 'the reading after').toEqual(
          (await following.next()).value,
        )
      }
    }
  })
})

test('what is skipped is not made where no stage has to look at it', async () => {
  const made: number[] = []
  const make = () =>
    Dataset.fromTensors([Array.from({ length: 100 }, (_, i) => i)])
      .map((_, i) => made.push(i))
      .batch(10)
  const iterator = make().iterate()
  for (let i = 0; i < 7; i++) await iterator.next()
  const state = iterator.getState()
  made.length = 0
  await make().iterate(state).next()
  expect(made.slice(0, 10)).toEqual([70, 71, 72, 73, 74, 75, 76, 77, 78, 79])
})

test('passes of a repeated data set are not read again to come behind them', async () => {
  let read = 0
  const make = () =>
    Dataset.fromGenerator(function* () {
      for (let i = 0; i < 10; i++) {
        read += 1
        yield i
      }
    })
      .shuffle(10)
      .repeat()
      .batch(4)
  const iterator = make().iterate()
  for (let i = 0; i < 50; i++) await iterator.next()
  const state = iterator.getState()
  const next = await iterator.next()
  const values = next.done === true ? [] : await next.value.data()
  read = 0
  // 200 elements, 20 passes.
  const found = await make().iterate(state).next()
  expect(found.done === true ? undefined : await found.value.data()).toEqual(values)
  expect(read).toBeLessThanOrEqual(20)
})

test('a state belongs to a data set with the same stages', () => {
  const state = count(3).shuffle(2).getState()
  expect(() => Dataset.zip(count(3), count(3)).iterate(state)).toThrow(StateError)
})
