import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dataset, type Tensor, tensor } from '../../index.ts'

type Step = readonly [name: 'shuffle' | 'take' | 'skip' | 'repeat' | 'prefetch', count: number]

const step: fc.Arbitrary<Step> = fc.oneof(
  ...(['shuffle', 'take', 'skip', 'repeat', 'prefetch'] as const).map((name) =>
    fc.tuple(fc.constant(name), fc.integer({ min: 1, max: name === 'repeat' ? 3 : 9 })),
  ),
)

const through = <T>(set: Dataset<T>, steps: readonly Step[]): Dataset<T> =>
  steps.reduce((result, [name, count]) => result[name](count), set)

/** What two columns hold, row by row: an int64 number and a pair. */
const columns = (n: number) => [
  tensor(
    Array.from({ length: n }, (_, i) => i),
    { dtype: 'int64' },
  ),
  Array.from({ length: n }, (_, i) => [i / 2, -i]),
]
const values = (batch: readonly Tensor[]) => Promise.all(batch.map((part) => part.toArray()))
const rest = async <T>(iterator: AsyncIterator<T>): Promise<T[]> => {
  const items: T[] = []
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    items.push(next.value)
  return items
}

test('batches of rows are those of samples that are made one by one, and go on at any place', async () => {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 9 }),
    size: fc.integer({ min: 1, max: 5 }),
    place: fc.integer({ min: 0, max: 6 }),
    dropRemainder: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(step, { maxLength: 4 }), async (given, steps) => {
      const { n, size, place, dropRemainder } = given
      const make = () => through(Dataset.fromTensors(columns(n)), steps).batch(size, { dropRemainder })
      // A map hides the rows from what follows.
      const samples = Dataset.fromTensors(columns(n)).map((sample) => sample)
      const slow = through(samples, steps).batch(size, { dropRemainder })
      const fast = make()
      for (let reading = 0; reading < 2; reading++) {
        const expected = await Promise.all((await slow.toArray()).map((batch) => values(batch)))
        const iterator = fast.iterate()
        const found: unknown[] = []
        let state = iterator.getState()
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
          found.push(await values(next.value))
          if (found.length === place) state = iterator.getState()
        }
        expect(found).toEqual(expected)
        const resumed = make().iterate(JSON.parse(JSON.stringify(state)))
        const tail = await Promise.all((await rest(resumed)).map((batch) => values(batch)))
        expect(tail).toEqual(expected.slice(state.delivered))
      }
    }),
    { numRuns: 60, seed: 4 },
  )
})

test('a batch is memory of its own, of every width', async () => {
  const set = Dataset.fromTensors([tensor([[1], [2]]), tensor([1, 0], { dtype: 'bool' })]).repeat(2)
  const [first, second] = await set.batch(2).toArray()
  expect(first?.map(({ shape, dtype }) => [dtype, shape])).toEqual([
    ['float32', [2, 1]],
    ['bool', [2]],
  ])
  expect(await values(first ?? [])).toEqual(await values(second ?? []))
  expect(first?.[0]).not.toBe(second?.[0])
  const [padded] = await Dataset.fromTensors([[[1, 2]]])
    .paddedBatch(2)
    .toArray()
  expect(await padded?.[0]?.toArray()).toEqual([[1, 2]])
})

test('nothing is read before a reader asks, and nested arrays are read once', async () => {
  const ragged = [[1, 2], [3]]
  const set = Dataset.fromTensors([ragged]).shuffle(2).batch(1)
  ragged[1] = [3, 4]
  const before = (await set.toArray()).length
  expect(before).toBe(2)
  ragged[0] = []
  expect((await set.toArray()).length).toBe(before)
})
