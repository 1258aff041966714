import { expect, test } from 'vitest'
import { DataError, padSequences, type Tensor, timeseriesDatasetFromArray, toCategorical } from '../index.ts'

// The examples of Keras's documentation of pad_sequences and to_categorical.
test('padSequences', async () => {
  const sequences = [[1], [2, 3], [4, 5, 6]]
  const rows = (options = {}) => padSequences(sequences, options).toArray()
  expect(await rows()).toEqual([
    [0, 0, 1],
    [0, 2, 3],
    [4, 5, 6],
  ])
  expect(await rows({ value: -1 })).toEqual([
    [-1, -1, 1],
    [-1, 2, 3],
    [4, 5, 6],
  ])
  expect(await rows({ padding: 'post' })).toEqual([
    [1, 0, 0],
    [2, 3, 0],
    [4, 5, 6],
  ])
  expect(await rows({ maxLength: 2 })).toEqual([
    [0, 1],
    [2, 3],
    [5, 6],
  ])
  expect(await rows({ maxLength: 2, truncating: 'post' })).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ])
  expect(padSequences([]).shape).toEqual([0, 0])
  expect(() => padSequences([[1], 2 as never])).toThrow(DataError)
})

test('toCategorical', async () => {
  expect(await toCategorical([0, 2, 1], 4).toArray()).toEqual([
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 1, 0, 0],
  ])
  expect(toCategorical([1]).shape).toEqual([1, 2])
  expect(() => toCategorical([0, 3], 3)).toThrow(/whole numbers from 0 to 2, received 3 at 1/)
})

test('timeseriesDatasetFromArray', async () => {
  // The first example of Keras's documentation: of 0 … 99 every tenth window of ten, every second time step.
  const series = Array.from({ length: 100 }, (_, i) => i)
  const windows = await timeseriesDatasetFromArray(series, series, {
    sequenceLength: 10,
    samplingRate: 2,
    sequenceStride: 3,
  })
  const [[x, y]] = (await windows.toArray()) as [[Tensor, Tensor]]
  const rows = await x.toArray()
  expect(rows[0]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
  expect(rows[1]).toEqual([3, 5, 7, 9, 11, 13, 15, 17, 19, 21])
  expect(rows.at(-1)).toEqual([81, 83, 85, 87, 89, 91, 93, 95, 97, 99])
  expect(Array.from<number | bigint>(await y.data()).slice(0, 3)).toEqual([0, 3, 6])
  // The second: ten values, and the one behind them.
  const next = await timeseriesDatasetFromArray(series.slice(0, -10), series.slice(10), {
    sequenceLength: 10,
    batchSize: 40,
  })
  const batches = await next.toArray()
  expect(batches.map(([a]) => a.shape)).toEqual([
    [40, 10],
    [40, 10],
    [1, 10],
  ])
  const [[, targets]] = batches as [[Tensor, Tensor]]
  expect((await targets.data())[0]).toBe(10)
  await expect(timeseriesDatasetFromArray([1, 2], [1, 2], { sequenceLength: 3 })).rejects.toThrow(
    /at least 3 time steps/,
  )
})
