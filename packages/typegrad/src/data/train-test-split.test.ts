import { describe, expect, test } from 'vitest'
import { type Tensor, tensor, trainTestSplit } from '../index.ts'

const numbers = async (t: Tensor | undefined): Promise<number[]> =>
  Array.from((await t?.data()) as Float32Array)

const x = tensor(
  Array.from({ length: 20 }, (_, i) => [i, -i]),
  { dtype: 'int32' },
)
const y = Array.from({ length: 20 }, (_, i) => (i < 15 ? 0 : 1))

describe('trainTestSplit', () => {
  test('arrays are split alike, rows whole, and every sample is in one part', async () => {
    const { train, test: held } = await trainTestSplit([x, y], { testSize: 0.3, seed: 4 })
    expect(train.map((t) => t.shape)).toEqual([[14, 2], [14]])
    expect(held.map((t) => t.shape)).toEqual([[6, 2], [6]])
    expect(held[0]?.dtype).toBe('int32')
    const rows = [...(await numbers(train[0])), ...(await numbers(held[0]))]
    const firsts = rows.filter((_, i) => i % 2 === 0)
    expect(rows.filter((_, i) => i % 2 === 1)).toEqual(firsts.map((value) => 0 - value))
    expect(firsts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    const labels = [...(await numbers(train[1])), ...(await numbers(held[1]))]
    expect(labels).toEqual(firsts.map((value) => y[value]))
  })

  test('the same seed splits alike; without shuffling the last samples are held back', async () => {
    const split = async (seed: number) =>
      numbers((await trainTestSplit([y.map((_, i) => i)], { seed })).test[0])
    expect(await split(3)).toEqual(await split(3))
    expect(await split(3)).not.toEqual(await split(4))
    const { test: held } = await trainTestSplit([y.map((_, i) => i)], { shuffle: false })
    expect(await numbers(held[0])).toEqual([15, 16, 17, 18, 19])
  })

  test('stratified parts have the classes in proportion', async () => {
    const { train, test: held } = await trainTestSplit([y], { testSize: 0.4, stratify: y })
    expect((await numbers(held[0])).filter((label) => label === 1).length).toBe(2)
    expect((await numbers(train[0])).filter((label) => label === 1).length).toBe(3)
  })

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['other lengths', () => trainTestSplit([x, [1, 2]]), /received 20 and 2/],
    ['a share of all', () => trainTestSplit([x], { testSize: 0.99 }), /leaves samples on both sides of 20/],
    [
      'a class with one sample',
      () => trainTestSplit([[1, 2]], { testSize: 0.5, stratify: [0, 1] }),
      /one sample/,
    ],
  ])('%s are refused', async (_, run, message) => {
    await expect(run()).rejects.toThrow(message)
  })
})
