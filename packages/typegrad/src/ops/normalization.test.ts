import { expect, test } from 'vitest'
import { compile, grad, type Tensor, tensor } from '../index.ts'
import { checkGradients, spread } from '../testing/numeric-gradient.ts'
import { normalizeMoments } from './normalization.ts'

const x = [
  [1, 3],
  [10, 30],
]

test('mean 0 and variance 1, with the moments that were taken off', async () => {
  const { value, mean, variance } = normalizeMoments(tensor(x), { axes: [1], epsilon: 1e-12 })
  expect(await value.toArray()).toEqual([
    [-1, 1],
    [-1, 1],
  ])
  expect(await mean.toArray()).toEqual([[2], [20]])
  expect(await variance.toArray()).toEqual([[1], [100]])
})

test.each([[[1]], [[0]], [[0, 2]]])('gradients to second order over axes %j', (axes) =>
  checkGradients((input) => normalizeMoments(input, { axes, epsilon: 1e-3 }).value, [spread([3, 2, 3])]),
)

test('a gradient has two sums more than the value', () => {
  const value = (input: Tensor) =>
    normalizeMoments(input, { axes: [1], epsilon: 1e-3 })
      .value.mul(tensor(x))
      .sum()
  const sums = (text: string): number => text.match(/reduceSum/gi)?.length ?? 0
  const forward = sums(compile(value).explain(tensor(x)))
  expect(sums(compile(grad(value)).explain(tensor(x)))).toBeLessThanOrEqual(forward + 2)
})
