import { describe, expect, test } from 'vitest'
import { DataError } from '../base/errors.ts'
import '../transforms/evaluate.ts'
import { tensor } from '../tensor/create.ts'
import { asLabels, asSamples, copyRows, gatherRows, rowsOf, toHostArray, toTensor } from './host-array.ts'
import { checkIndices } from './indices.ts'
import { checkSamples } from './validate.ts'

const shapeOf = async (value: unknown, fit: Parameters<typeof toHostArray>[2]) =>
  (await toHostArray('x', value, fit)).shape

describe('shapes', () => {
  test.each<[string, unknown, (number | null)[] | undefined, number[]]>([
    ['typed array of rows', new Float32Array(12), [4], [3, 4]],
    ['typed array of images', new Uint8Array(12), [2, 2, 1], [3, 2, 2, 1]],
    ['typed array of an unknown shape', new Float32Array(12), undefined, [12]],
    ['typed array of sequences of any length', new Float32Array(12), [null, 4], [12]],
    ['numbers of one feature', [1, 2, 3], [1], [3, 1]],
    ['numbers that are no rows', [1, 2, 3], [3], [3]],
    ['numbers of no feature', [1, 2, 3], [], [3]],
    [
      'rows',
      [
        [1, 2],
        [3, 4],
      ],
      [2],
      [2, 2],
    ],
    ['a tensor', tensor([1, 2, 3, 4]), [4], [4]],
  ])('of a %s', async (_, value, sample, shape) => {
    expect(await shapeOf(value, asSamples('x', sample))).toEqual(shape)
  })

  test.each<[string, unknown, number, (number | null)[] | undefined, number[]]>([
    ['class numbers', Uint8Array.of(1, 2, 3), 3, [10], [3]],
    ['class numbers, as many as classes', new Uint8Array(10), 10, [10], [10]],
    ['one-hot rows', new Uint8Array(30), 3, [10], [3, 10]],
    ['class numbers of steps', new Uint8Array(6), 3, [2, 10], [3, 2]],
    ['one number each', new Float32Array(3), 3, [1], [3]],
    ['a count that fits nothing', new Float32Array(7), 3, [2], [7]],
    ['rows', [[1], [2]], 2, [1], [2, 1]],
  ])('of labels: %s', async (_, value, samples, output, shape) => {
    expect(await shapeOf(value, asLabels(samples, output))).toEqual(shape)
  })

  test('that no samples have are refused', async () => {
    await expect(toHostArray('x', new Float32Array(7), asSamples('x', [2]))).rejects.toThrow(DataError)
  })
})

test('a typed array is not copied', async () => {
  const values = Float32Array.of(1, 2, 3)
  expect((await toHostArray('x', values)).data.buffer).toBe(values.buffer)
  const bytes = Buffer.from([1, 2, 3, 4]).subarray(1, 3)
  const { data } = await toHostArray('x', bytes)
  expect(data.constructor).toBe(Uint8Array)
  expect([...data]).toEqual([2, 3])
})

test('rows are cut, copied and gathered', async () => {
  const array = await toHostArray('x', [
    [0, 1],
    [10, 11],
    [20, 21],
    [30, 31],
  ])
  expect([...rowsOf(array, 1, 3).data]).toEqual([10, 11, 20, 21])
  const target = new Float32Array(4)
  copyRows(array, 2, 2, target)
  expect([...target]).toEqual([20, 21, 30, 31])
  gatherRows(array, Uint32Array.of(3, 1, 0), 1, 2, target)
  expect([...target]).toEqual([10, 11, 0, 1])
  const column = await toHostArray('x', BigInt64Array.of(5n, 6n, 7n))
  const one = new BigInt64Array(2)
  gatherRows(column, Uint32Array.of(2, 0), 0, 2, one)
  expect([...one]).toEqual([7n, 5n])
})

test('a tensor is itself again, unless it has got another shape', async () => {
  const x = tensor([1, 2, 3])
  const array = await toHostArray('x', x)
  expect(toTensor(array)).toBe(x)
  const column = toTensor(await toHostArray('x', x, asSamples('x', [1])))
  expect(column.shape).toEqual([3, 1])
  expect(await column.toArray()).toEqual([[1], [2], [3]])
  expect(await toTensor(rowsOf(array, 1, 3)).toArray()).toEqual([2, 3])
})

test('NaN and indices are found wherever they are', async () => {
  const values = new Float64Array(300_000)
  const array = { data: values, shape: [100_000, 3], dtype: 'float64' } as const
  await checkSamples('fit', [['x', array]])
  values[299_999] = Number.NaN
  await expect(checkSamples('fit', [['x', array]])).rejects.toThrow('NaN in x, sample 99999, feature 2.')
  await checkSamples('fit', [['x', array]], { allowNaN: true })
  await checkIndices('fit', 'words', array, 5)
  values[200_000] = 5
  await expect(checkIndices('fit', 'words', array, 5)).rejects.toThrow(
    'fit: expected whole numbers from 0 to 4 for words, received 5 in sample 66666. Number the words from 0',
  )
})
