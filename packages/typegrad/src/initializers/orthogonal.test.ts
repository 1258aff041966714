import { describe, expect, it } from 'vitest'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { eye, type Tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { getInitializer, orthogonal } from './index.ts'

describe('orthogonal', () => {
  it.each([
    [[5, 5], 1],
    [[4, 7], 2],
    [[9, 3], 0.5],
    [[3, 3, 2, 8], 1],
    [[2, 2, 2, 20], 1],
    [[1, 6], 1],
    [[64, 256], 1],
  ])('%j has orthonormal rows or columns', async (shape, gain) => {
    const draw = orthogonal({ gain, seed: 3 }).initialize(shape)
    expect(draw.shape).toEqual(shape)
    const columns = shape.at(-1) as number
    const matrix = draw.reshape([draw.size / columns, columns]) as Tensor
    const [rows] = matrix.shape as [number]
    const other = matrix.transpose() as Tensor
    const gram = (rows > columns ? other.matmul(matrix) : matrix.matmul(other)) as Tensor
    const expected = eye(Math.min(rows, columns)).mul(gain ** 2) as Tensor
    expectClose(await gram.data(), Array.from(await expected.data(), Number), { scaled: 2e-6 })
  })

  it('prefers no direction', async () => {
    const draws = Array.from({ length: 40 }, () => orthogonal().initialize([8, 8]))
    const means = await Promise.all(draws.map((draw) => draw.mean().item()))
    // Entries have mean 0 and variance 1/8: the mean of 40 · 64 of them is within five standard errors of 0.
    const mean = means.reduce((a, b) => a + b, 0) / means.length
    expect(Math.abs(mean)).toBeLessThan((5 * Math.sqrt(1 / 8)) / Math.sqrt(40 * 64))
  })

  it('is the same for a seed, and makes itself again', async () => {
    const first = orthogonal({ gain: 2, seed: 7 })
    const again = getInitializer(serialize(first))
    expect(again).toEqual(first)
    expect(await again.initialize([3, 4]).toArray()).toEqual(await first.initialize([3, 4]).toArray())
  })

  it('wants a matrix and a finite gain', () => {
    expect(() => orthogonal().initialize([4])).toThrow(ShapeError)
    expect(() => orthogonal({ gain: Number.NaN })).toThrow(ArgumentError)
  })
})
