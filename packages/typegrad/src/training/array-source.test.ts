import { expect, test } from 'vitest'
import { toHostArray } from '../data/host-array.ts'
import { arraySource } from './array-source.ts'

const x = await toHostArray('x', [[0], [1], [2], [3], [4]])
const y = await toHostArray('y', Int32Array.of(5, 6, 7, 8, 9))
const weights = await toHostArray('weights', [1, 2, 3, 4, 5])

const read = async (source: ReturnType<typeof arraySource>, first?: number) => {
  const batches: number[][] = []
  for await (const { x, y, weights } of source.epoch('natural', first)) {
    const parts = await Promise.all([...x, ...y, ...weights].map((tensor) => tensor.data()))
    batches.push(parts.flatMap((part) => [...part].map(Number)))
  }
  return batches
}

test('batches, the last of which is smaller', async () => {
  const source = arraySource({ x: [x], y: [y], weights: [weights] }, { batchSize: 2 })
  expect(source).toMatchObject({ samples: 5, batchSize: 2, steps: 3 })
  const batches = [
    [0, 1, 5, 6, 1, 2],
    [2, 3, 7, 8, 3, 4],
    [4, 9, 5],
  ]
  expect(await read(source)).toEqual(batches)
  expect(await read(source, 1)).toEqual(batches.slice(1))
})

test('so many steps, and no batch larger than the data', async () => {
  const inputs = { x: [x], y: [], weights: [] }
  const limited = arraySource(inputs, { batchSize: 2, steps: 2 })
  expect(limited.steps).toBe(2)
  expect(await read(limited)).toEqual([
    [0, 1],
    [2, 3],
  ])
  expect(await read(limited, 2)).toEqual([])
  const whole = arraySource(inputs, { batchSize: 9, steps: 7 })
  expect(whole).toMatchObject({ batchSize: 5, steps: 1 })
  expect(await read(whole)).toEqual([[0, 1, 2, 3, 4]])
})
