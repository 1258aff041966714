import { expect, it } from 'vitest'
import { loadMnist } from './mnist-data.ts'

it('loads the digits with their labels', async () => {
  const { train, test } = await loadMnist()
  expect(train.imagesShape).toEqual([60_000, 28, 28, 1])
  expect(train.images).toHaveLength(60_000 * 784)
  expect([...train.labels.slice(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
  expect(test.imagesShape).toEqual([10_000, 28, 28, 1])
  expect(test.images).toHaveLength(10_000 * 784)
  expect([...test.labels.slice(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
  // the mean and standard deviation that everybody normalises MNIST with
  let sum = 0
  let squares = 0
  for (const pixel of train.images) {
    sum += pixel / 255
    squares += (pixel / 255) ** 2
  }
  const mean = sum / train.images.length
  expect(mean).toBeCloseTo(0.1307, 4)
  expect(Math.sqrt(squares / train.images.length - mean ** 2)).toBeCloseTo(0.3081, 4)
})
