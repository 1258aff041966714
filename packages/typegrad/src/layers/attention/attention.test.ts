import { describe, expect, test } from 'vitest'
import { ArgumentError, input, type Shape, ShapeError, tensor, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { maskOf, withMask } from '../base/masks.ts'
import { additiveAttention } from './additive-attention.ts'
import { attention } from './attention.ts'
import { groupQueryAttention } from './group-query-attention.ts'
import { multiHeadAttention } from './multi-head-attention.ts'

const query: Shape = [2, 3, 4]
const value: Shape = [2, 5, 4]

describe('attention', () => {
  test('by products', () =>
    testLayer((options) => attention({ useScale: true, ...options }), {
      inputShape: [query, value],
      expectedOutputShape: [2, 3, 4],
      expectedWeights: [['scale', []]],
    }))

  test('by concatenation, causal', () =>
    testLayer((options) => attention({ scoreMode: 'concat', useCausalMask: true, ...options }), {
      inputShape: [query, value, value],
      expectedOutputShape: [2, 3, 4],
      expectedWeights: [['concat_score_weight', []]],
    }))

  test('additive', () =>
    testLayer(additiveAttention, {
      inputShape: [query, value],
      expectedOutputShape: [2, 3, 4],
      expectedWeights: [['scale', [4]]],
    }))

  test('drops weights while training, alike on both engines', () =>
    testLayer((options) => attention({ dropout: 0.5, seed: 1, ...options }), {
      inputShape: [query, value],
      training: true,
      gradient: false,
    }))

  test('gives the weights, and zeros for queries that are padding', async () => {
    const layer = attention({ useCausalMask: true })
    const x = zeros([1, 2, 3])
    const queryMask = tensor([[true, false]])
    const ones = tensor([
      [
        [1, 1],
        [3, 5],
      ],
    ])
    const { output, scores } = layer.attend({ query: x, key: x, value: ones, queryMask })
    expect(await scores.toArray()).toEqual([
      [
        [1, 0],
        [0.5, 0.5],
      ],
    ])
    expect(await output.toArray()).toEqual([
      [
        [1, 1],
        [0, 0],
      ],
    ])
  })

  test('heeds the masks that travel beside tensors', async () => {
    const x = tensor([
      [
        [1, 0],
        [2, 1],
        [3, 5],
      ],
    ])
    const mask = tensor([[true, true, false]])
    for (const layer of [attention(), multiHeadAttention({ numHeads: 1, keyDim: 2 })]) {
      const marks = withMask(x.mul(1), mask)
      const output = layer.apply([marks, marks])
      expect(maskOf(output)).toBe(mask)
      const masks = { queryMask: mask, valueMask: mask }
      const expected = layer.attend({ query: x, key: x, value: x, ...masks }).output
      expect(await output.toArray()).toEqual(await expected.toArray())
    }
  })

  test('says what does not fit', () => {
    expect(() => attention().apply(input({ shape: [3, 4] }))).toThrow(ArgumentError)
    expect(() => attention().apply([zeros([2, 3, 4]), zeros([2, 5, 4]), zeros([2, 6, 4])])).toThrow(
      ShapeError,
    )
    expect(() => attention({ dropout: 2 })).toThrow(ArgumentError)
  })
})

describe('multiHeadAttention', () => {
  const weights = [
    ['subject/query/kernel', [4, 2, 3]],
    ['subject/query/bias', [2, 3]],
    ['subject/key/kernel', [4, 2, 3]],
    ['subject/key/bias', [2, 3]],
    ['subject/value/kernel', [4, 2, 2]],
    ['subject/value/bias', [2, 2]],
    ['subject/attention_output/kernel', [2, 2, 6]],
    ['subject/attention_output/bias', [6]],
  ] as const

  // The key's bias shifts all scores of a query alike: its gradient is 0.
  test('of several sizes', () =>
    testLayer(
      (options) => multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, outputShape: 6, ...options }),
      { inputShape: [query, value], expectedOutputShape: [2, 3, 6], expectedWeights: weights },
    ))

  test('gated, within a window, with an output of several dimensions', () =>
    testLayer(
      (options) =>
        multiHeadAttention({
          numHeads: 2,
          keyDim: 2,
          useGate: true,
          useBias: false,
          slidingWindow: 2,
          outputShape: [2, 3],
          ...options,
        }),
      {
        inputShape: [query, query],
        expectedOutputShape: [2, 3, 2, 3],
        expectedWeights: [
          ['subject/query/kernel', [4, 2, 2]],
          ['subject/key/kernel', [4, 2, 2]],
          ['subject/gate/kernel', [4, 2, 2]],
          ['subject/value/kernel', [4, 2, 2]],
          ['subject/attention_output/kernel', [2, 2, 2, 3]],
        ],
      },
    ))

  test('begins with the variance of its inputs and outputs, not of its heads', async () => {
    const layer = multiHeadAttention({ numHeads: 8, keyDim: 32, useBias: false })
    layer.ensureBuilt([
      [null, 3, 256],
      [null, 3, 256],
    ])
    const kernel = await (layer.getWeights()[0] as ReturnType<typeof zeros>).data()
    const limit = Math.sqrt(6 / (256 + 256))
    const largest = Array.from(kernel, Number).reduce((m, v) => Math.max(m, Math.abs(v)), 0)
    expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6))
    expect(largest).toBeGreaterThan(limit * 0.99)
  })

  test('lets no key through that a mask forbids', async () => {
    const layer = multiHeadAttention({ numHeads: 2, keyDim: 3 })
    const x = tensor([[[1, 2], [3, 4], [5, 6]]]) // biome-ignore format: one sequence
    const valueMask = tensor([[true, true, false]])
    const { scores } = layer.attend({ query: x, value: x, key: x, valueMask })
    expect(scores.shape).toEqual([1, 2, 3, 3])
    const rows = (await scores.reshape([6, 3]).toArray()) as number[][]
    for (const row of rows) {
      expect(row[2]).toBe(0)
      expect((row[0] as number) + (row[1] as number)).toBeCloseTo(1, 6)
    }
    const listed = await layer.apply([x, x, x, valueMask]).data()
    expect(listed).toEqual(await layer.attend({ query: x, value: x, key: x, valueMask }).output.data())
  })

  test('says what does not fit', () => {
    expect(() => multiHeadAttention({ numHeads: 0, keyDim: 3 })).toThrow(/MultiHeadAttention: numHeads/)
    const layer = multiHeadAttention({ numHeads: 2, keyDim: 3 })
    expect(() => layer.apply([zeros([2, 4]), zeros([2, 4])])).toThrow(ShapeError)
  })
})

describe('groupQueryAttention', () => {
  test('of two groups', () =>
    testLayer(
      (options) => groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, ...options }),
      {
        inputShape: [query, value],
        expectedOutputShape: [2, 3, 4],
        expectedWeights: [
          ['subject/query/kernel', [4, 4, 3]],
          ['subject/query/bias', [4, 3]],
          ['subject/key/kernel', [4, 2, 3]],
          ['subject/key/bias', [2, 3]],
          ['subject/value/kernel', [4, 2, 3]],
          ['subject/value/bias', [2, 3]],
          ['subject/attention_output/kernel', [4, 3, 4]],
          ['subject/attention_output/bias', [4]],
        ],
      },
    ))

  test('refuses heads that are not shared evenly', () => {
    expect(() => groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 3 })).toThrow(
      ArgumentError,
    )
  })
})
