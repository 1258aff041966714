import { describe, expect, test } from 'vitest'
import { ArgumentError, ShapeError, tensor, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { input } from '../core/input.ts'
import { add } from './add.ts'
import { average } from './average.ts'
import { maximum } from './maximum.ts'
import { minimum } from './minimum.ts'
import { multiply } from './multiply.ts'
import { subtract } from './subtract.ts'

const a = tensor([[1, 5]])
const b = tensor([[3, 4]])
const c = tensor([[2, 0]])

test.each([
  ['add', add, [[6, 9]]],
  ['multiply', multiply, [[6, 0]]],
  ['average', average, [[2, 3]]],
  ['maximum', maximum, [[3, 5]]],
  ['minimum', minimum, [[1, 0]]],
] as const)('%s', async (_, make, expected) => {
  expect(await make().apply([a, b, c]).toArray()).toEqual(expected)
  await testLayer(make, {
    inputShape: [
      [2, 3],
      [2, 3],
    ],
    expectedOutputShape: [2, 3],
  })
})

test('subtract', async () => {
  expect(await subtract().apply([a, b]).toArray()).toEqual([[-2, 1]])
  await testLayer(subtract, {
    inputShape: [
      [2, 3],
      [2, 3],
    ],
    expectedOutputShape: [2, 3],
  })
  expect(() => subtract().apply([a, b, c])).toThrow('Subtract: expected a list of 2 tensors, received 3.')
})

describe('merging', () => {
  test('broadcasts', () =>
    testLayer(add, {
      inputShape: [
        [2, 3, 4],
        [2, 1, 4],
      ],
      expectedOutputShape: [2, 3, 4],
    }))

  // Keras 3.15.1: keras.layers.Multiply()([[[1, 2, 3], [4, 5, 6]], [[[1, 1, 1]], [[2, 2, 2]]]])
  test('puts the axes that a tensor lacks behind the batch: no sample meets another', async () => {
    const flat = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const steps = tensor([[[1, 1, 1]], [[2, 2, 2]]])
    expect(await multiply().apply([flat, steps]).toArray()).toEqual([[[1, 2, 3]], [[8, 10, 12]]])
    expect(await subtract().apply([steps, flat]).toArray()).toEqual([[[0, -1, -2]], [[-2, -3, -4]]])
    expect(add().apply([input({ shape: [3] }), input({ shape: [5, 3] })]).shape).toEqual([null, 5, 3])
    expect(
      average().apply([input({ shape: [4, 3] }), input({ shape: [3] }), input({ shape: [2, 1, 3] })]).shape,
    ).toEqual([null, 2, 4, 3])
  })

  test('refuses batches of unlike sizes', () => {
    expect(() => add().apply([zeros([1, 3]), zeros([2, 3])])).toThrow(ShapeError)
    const built = add()
    built.apply([input({ shape: [3] }), input({ shape: [3] })])
    expect(() => built.apply([zeros([4, 3]), zeros([1, 3])])).toThrow(ShapeError)
  })

  test('joins places of a functional model', () => {
    const [x, y] = [input({ shape: [4] }), input({ shape: [4] })]
    expect(add().apply([x, y]).shape).toEqual([null, 4])
  })

  test('says what does not fit', () => {
    expect(() => add().apply([zeros([2, 3]), zeros([2, 4])])).toThrow(ShapeError)
    expect(() => add().apply([input({ shape: [3] }), input({ shape: [4] })])).toThrow(
      'Add: expected shapes that broadcast (equal dimensions, or 1, aligned at the end), ' +
        'received [batch, 3] and [batch, 4].',
    )
    expect(() => add().apply(input({ shape: [3] }))).toThrow(ArgumentError)
    expect(() => add().apply(input({ shape: [3] }))).toThrow(/a single tensor/)
  })
})
