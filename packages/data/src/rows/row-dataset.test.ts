import { expect, test } from 'vitest'
import { RowDataset } from './row-dataset.ts'

const rows = Array.from({ length: 100 }, (_, i) => ({ i, label: i % 4 === 0 ? 'rare' : 'common' }))
/** The same rows both ways, and how many of the stream's were read. */
const read = { count: 0 }
const memory = RowDataset.fromRows(rows)
const stream = RowDataset.fromStream(async function* () {
  for (const row of rows) {
    read.count += 1
    yield row
  }
})
const numbers = async (of: RowDataset<{ i: number }>) => (await of.toArray()).map(({ i }) => i)

test.each([
  ['memory', memory],
  ['a stream', stream],
] as const)('steps over %s', async (_, data) => {
  const steps = data
    .filter(({ i }) => i % 2 === 1)
    .map(async ({ i }, index) => ({ i, index }))
    .skip(10)
    .take(3)
  // Again and again.
  for (let time = 0; time < 2; time++)
    expect(await steps.toArray()).toEqual([
      { i: 21, index: 10 },
      { i: 23, index: 11 },
      { i: 25, index: 12 },
    ])
  expect(await data.count()).toBe(100)
  expect(await data.take(0).toArray()).toEqual([])
  const mixed = await numbers(data.shuffle({ seed: 3, bufferSize: 10 }))
  expect(mixed).not.toEqual(rows.map(({ i }) => i))
  expect([...mixed].sort((a, b) => a - b)).toEqual(rows.map(({ i }) => i))
  expect(await numbers(data.shuffle({ seed: 3, bufferSize: 10 }))).toEqual(mixed)
  expect(await numbers(data.shuffle({ seed: 4, bufferSize: 10 }))).not.toEqual(mixed)
})

test('a stream reads no more than is asked for', async () => {
  read.count = 0
  await stream.take(5).toArray()
  expect(read.count).toBe(5)
  // A buffer of ten gives out none from beyond the tenth behind it.
  const mixed = await numbers(stream.shuffle({ seed: 1, bufferSize: 10 }).take(20))
  for (const [place, i] of mixed.entries()) expect(i).toBeLessThan(place + 10)
})

test('rows in memory are mixed as a whole, picked and split by classes', async () => {
  // Of a buffer of ten, the first would be one of the first ten.
  const firsts = await Promise.all(
    [1, 2, 3, 4, 5].map(async (seed) => (await numbers(memory.shuffle({ seed, bufferSize: 10 })))[0]),
  )
  expect(Math.max(...firsts.map(Number))).toBeGreaterThan(10)
  expect(await numbers(memory.select([5, 5, 0]))).toEqual([5, 5, 0])
  expect(await memory.at(7)).toEqual(rows[7])
  const { train, test } = await memory.trainTestSplit({ testSize: 0.2, seed: 1, stratifyBy: 'label' })
  expect([...(await numbers(train)), ...(await numbers(test))].sort((a, b) => a - b)).toEqual(
    rows.map(({ i }) => i),
  )
  expect(await test.filter(({ label }) => label === 'rare').count()).toBe(5)
  expect(await test.count()).toBe(20)
})

test('typegrad’s data set goes on where a reading stood', async () => {
  const batches = memory
    .toDataset()
    .map(({ i }) => [i] as const)
    .batch(40)
  const [[first] = []] = await batches.toArray()
  expect(first?.shape).toEqual([40])
  const iterator = stream.toDataset().iterate()
  for (let i = 0; i < 30; i++) await iterator.next()
  const [next] = await Promise.all([stream.toDataset().iterate(iterator.getState()).next()])
  expect(next?.value).toEqual(rows[30])
})

test('what cannot be is refused', async () => {
  await expect(stream.at(0)).rejects.toThrow('RowDataset.at: expected rows in memory, received a stream')
  expect(() => stream.select([0])).toThrow('received a stream')
  await expect(stream.trainTestSplit()).rejects.toThrow('received a stream')
  await expect(memory.select([100]).toArray()).rejects.toThrow(
    'expected positions from 0 to 99, received 100',
  )
  expect(() => memory.take(-1)).toThrow('RowDataset.take: expected a whole number of at least 0, received -1')
  await expect(memory.trainTestSplit({ stratifyBy: 'class' })).rejects.toThrow(
    "stratifyBy: expected one of i, label, received 'class'",
  )
  expect(() => memory.shuffle({ buffer: 3 } as object)).toThrow('bufferSize')
})
