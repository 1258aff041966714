import { describe, expect, test } from 'vitest'
import { tensor, UnknownNameError } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { activation } from './activation.ts'

describe('activation', () => {
  test.each(['relu', 'tanh', 'softmax', 'leaky_relu', 'linear'])('%s', (name) =>
    testLayer((options) => activation({ activation: name, ...options }), {
      inputShape: [2, 5],
      expectedOutputShape: [2, 5],
    }),
  )

  test('of a function of its own', async () => {
    const layer = activation((x) => x.square())
    expect(await layer.apply(tensor([2, 3])).toArray()).toEqual([4, 9])
    expect(() => layer.getConfig()).toThrow(/saved by name/)
  })

  test('names the nearest known one', () => {
    expect(() => activation('sigmoyd')).toThrow(UnknownNameError)
    expect(() => activation('sigmoyd')).toThrow("Did you mean 'sigmoid'?")
  })
})
