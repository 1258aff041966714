import { type Tensor, tensor } from 'typegrad'
import { expect, test } from 'vitest'
import { cubic } from '../base/cubic.ts'
import { bicubicMatrix } from './bicubic.ts'

const times = async (matrix: Tensor, row: readonly number[]): Promise<number[]> =>
  Array.from(await matrix.matmul(tensor(row)).data(), Number)

test('the kernel is 1 at 0, and 0 at other whole distances', () => {
  for (const [distance, value] of [1, 0, 0, 0].entries())
    expect(cubic(distance, -0.75)).toBeCloseTo(value, 12)
  // (a + 2) / 8 − (a + 3) / 4 + 1, Keys 1981.
  expect(cubic(0.5, -0.75)).toBeCloseTo(1.25 / 8 - 2.25 / 4 + 1, 12)
})

test('a row of the same length stays', async () => {
  expect(await times(bicubicMatrix(5, 5), [3, 1, 4, 1, 5])).toEqual([3, 1, 4, 1, 5])
})

test('what is everywhere the same stays so, whatever the length', async () => {
  for (const to of [1, 3, 7, 16]) {
    for (const value of await times(bicubicMatrix(4, to), [2, 2, 2, 2])) expect(value).toBeCloseTo(2, 5)
  }
})

test('a row from four to seven as PyTorch has it', async () => {
  // torch.nn.functional.interpolate(torch.tensor([[[[0., 1., 4., 9.]]]]), size=(1, 7), mode='bicubic')
  const expected: readonly number[] = [-0.099216, 0.156249, 0.804208, 2.125, 4.424658, 7.480775, 9.496082]
  for (const [i, value] of (await times(bicubicMatrix(4, 7), [0, 1, 4, 9])).entries())
    expect(value).toBeCloseTo(expected[i] as number, 5)
})
