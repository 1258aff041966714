import { expect, test } from 'vitest'
import { layers } from '../../index.ts'

test('an inputShape that is a plain number is refused with the way to write it', () => {
  const shape = 784 as unknown as number[]
  expect(() => layers.dense({ units: 1, inputShape: shape })).toThrow(
    'layer: expected the shape of one sample as inputShape, such as [784], received 784. Write inputShape: [784].',
  )
})

test.each(['', 'a/b'])('a layer is not named %j', (name) => {
  expect(() => layers.flatten({ name })).toThrow('expected a name of at least one letter and without a slash')
})
