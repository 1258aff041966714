import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  compile,
  ones,
  ShapeError,
  setRandomSeed,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { testLayer } from '../../testing/test-layer.ts'
import type { AnyLayer, LayerOptions } from '../base/layer.ts'
import {
  bidirectional,
  conv1d,
  dense,
  gru,
  gruCell,
  lstm,
  lstmCell,
  rnn,
  simpleRNN,
  simpleRNNCell,
  stackedRNNCells,
  timeDistributed,
} from '../index.ts'

const weights = (gates: number, units = 3, features = 2) =>
  [
    ['kernel', [features, gates * units]],
    ['recurrentKernel', [units, gates * units]],
    ['bias', [gates * units]],
  ] as const

const make = (fn: (options: LayerOptions) => unknown) => fn as (options: LayerOptions) => AnyLayer

describe('recurrent layers', () => {
  test('simpleRNN', () =>
    testLayer(
      make((o) => simpleRNN({ units: 3, ...o })),
      { inputShape: [2, 4, 2], expectedOutputShape: [2, 3], expectedWeights: weights(1) },
    ))

  test('lstm', () =>
    testLayer(
      make((o) => lstm({ units: 3, returnSequences: true, ...o })),
      { inputShape: [2, 4, 2], expectedOutputShape: [2, 4, 3], expectedWeights: weights(4) },
    ))

  test('gru', () =>
    testLayer(
      make((o) => gru({ units: 3, goBackwards: true, returnSequences: true, ...o })),
      {
        inputShape: [2, 4, 2],
        expectedOutputShape: [2, 4, 3],
        expectedWeights: [...weights(3).slice(0, 2), ['bias', [2, 9]]],
      },
    ))

  test('gru with the reset before the product', () =>
    testLayer(
      make((o) => gru({ units: 3, resetAfter: false, kernelRegularizer: 'l2', ...o })),
      { inputShape: [2, 4, 2], expectedOutputShape: [2, 3], expectedWeights: weights(3) },
    ))

  test('rnn of stacked cells', () =>
    testLayer(
      make((o) =>
        rnn({
          cell: stackedRNNCells({
            cells: [
              lstmCell({ units: 3, name: 'a', dtype: o.dtype ?? 'float32' }),
              gruCell({ units: 2, name: 'b', dtype: o.dtype ?? 'float32' }),
            ],
          }),
          ...o,
        }),
      ),
      {
        inputShape: [2, 4, 2],
        expectedOutputShape: [2, 2],
        expectedWeights: [
          ...weights(4).map(([name, shape]) => [`a/${name}`, shape] as const),
          ['b/kernel', [3, 6]],
          ['b/recurrentKernel', [2, 6]],
          ['b/bias', [2, 6]],
        ],
      },
    ))

  test('bidirectional', () =>
    testLayer(
      make((o) =>
        bidirectional({
          layer: simpleRNN({ units: 3, name: 'inner', returnSequences: true, dtype: o.dtype ?? 'float32' }),
          ...o,
        }),
      ),
      {
        inputShape: [2, 4, 2],
        expectedOutputShape: [2, 4, 6],
        expectedWeights: ['forward', 'backward'].flatMap((direction) =>
          weights(1).map(([name, shape]) => [`${direction}_inner/${name}`, shape] as const),
        ),
      },
    ))

  test('timeDistributed', () =>
    testLayer(
      make((o) =>
        timeDistributed({
          layer: conv1d({ filters: 3, kernelSize: 2, name: 'inner', dtype: o.dtype ?? 'float32' }),
          ...o,
        }),
      ),
      {
        inputShape: [2, 3, 4, 2],
        expectedOutputShape: [2, 3, 3, 3],
        expectedWeights: [
          ['inner/kernel', [2, 2, 3]],
          ['inner/bias', [3]],
        ],
        // Convolutions run in float32.
        gradient: { step: 1e-2, tolerance: 1e-3 },
      },
    ))

  test('draw the same dropout on both engines', () =>
    testLayer(
      make((o) => lstm({ units: 3, dropout: 0.4, recurrentDropout: 0.4, seed: 5, ...o })),
      {
        inputShape: [2, 4, 2],
        expectedOutputShape: [2, 3],
        expectedWeights: weights(4),
        training: true,
        gradient: false,
      },
    ))
})

describe('weights begin', () => {
  test('with a forget gate that is open', async () => {
    const layer = lstm({ units: 2 })
    layer.ensureBuilt([null, 4, 3])
    expect(await layer.getWeights()[2]?.toArray()).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
    const other = lstm({ units: 2, unitForgetBias: false })
    other.ensureBuilt([null, 4, 3])
    expect(await other.getWeights()[2]?.toArray()).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('with orthonormal rows in the recurrent kernel', async () => {
    setRandomSeed(1)
    const layer = lstm({ units: 8 })
    layer.ensureBuilt([null, 4, 3])
    const kernel = layer.getWeights()[1] as Tensor
    const products = (await kernel.matmul(kernel.transpose()).toArray()) as number[][]
    products.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(i === j ? 1 : 0, 5)
      })
    })
  })
})

describe('dropout of Gal and Ghahramani', () => {
  /** A cell that shows its masks: h' = x · I + h · I. */
  const showing = (options: { dropout?: number; recurrentDropout?: number }) =>
    simpleRNN({
      units: 64,
      activation: 'linear',
      kernelInitializer: 'identity',
      recurrentInitializer: 'identity',
      returnSequences: true,
      ...options,
    })

  test('drops the same features of a sequence in all of its steps, other ones of other sequences', async () => {
    setRandomSeed(3)
    const y = showing({ dropout: 0.5 }).apply(ones([2, 4, 64]), { training: true })
    const [a, b] = (await y.toArray()) as unknown as number[][][]
    // Nothing leaves the state: after t steps it is t times what the mask lets through.
    for (const rows of [a, b] as number[][][]) {
      for (const [t, row] of rows.entries()) {
        expect(row).toEqual((rows[0] as number[]).map((v) => v * (t + 1)))
      }
      expect(new Set(rows[0])).toEqual(new Set([0, 2]))
    }
    expect(a?.[0]).not.toEqual(b?.[0])
  })

  test('drops the same units of the state in all steps', async () => {
    setRandomSeed(4)
    const y = showing({ recurrentDropout: 0.5 }).apply(ones([1, 4, 64]), { training: true })
    const [rows] = (await y.toArray()) as unknown as number[][][]
    // h ← 1 + m · h with m 0 or 2: 1, 1, 1, … or 1, 3, 7, 15.
    const last = rows?.[3] as number[]
    expect(new Set(last)).toEqual(new Set([1, 15]))
  })

  test('draws anew in every run of a compiled step, and drops nothing in inference', async () => {
    setRandomSeed(5)
    const layer = showing({ dropout: 0.5 })
    const x = ones([1, 2, 64])
    const run = compile((t: Tensor) => layer.apply(t, { training: true }))
    expect(await (await run(x)).data()).not.toEqual(await (await run(x)).data())
    expect(new Set(Array.from(await layer.apply(x).data(), Number))).toEqual(new Set([1, 2]))
  })
})

describe('the loop', () => {
  test.each([
    ['lstm', () => lstm({ units: 4 })],
    ['gru', () => gru({ units: 4 })],
    ['bidirectional', () => bidirectional({ layer: gru({ units: 4, returnSequences: true }) })],
  ])('of %s has as many nodes for 500 steps as for 5', (_, of) => {
    const layer = of()
    layer.ensureBuilt([2, 5, 3])
    const nodes = (length: number): number =>
      compile((x: Tensor) => valueAndGrad(() => layer.apply(x).sum(), layer.trainableWeights).grads)
        .explain(zeros([2, length, 3]))
        .split('\n').length
    expect(nodes(500)).toBe(nodes(5))
  })

  test.each([
    ['simpleRNN', simpleRNN({ units: 2, dtype: 'float64' })],
    ['gru', gru({ units: 2, dtype: 'float64', returnSequences: true })],
    ['lstm', lstm({ units: 2, dtype: 'float64' })],
  ])('%s of float64 takes sequences of float32', async (_, layer) => {
    const x = tensor([
      [
        [1, 2],
        [0.5, -1],
        [3, 0],
      ],
    ])
    const narrow = layer.apply(x)
    expect(narrow.dtype).toBe('float64')
    expectClose(await narrow.data(), Array.from(await layer.apply(x.cast('float64')).data(), Number))
  })

  test('goes on from the states that it gave', async () => {
    setRandomSeed(6)
    const layer = lstm({ units: 3, returnState: true })
    const x = tensor(
      Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      { shape: [1, 6, 2] },
    )
    const run = (inputs: Tensor | readonly Tensor[]) => layer.apply(inputs)
    const half = (from: number) => x.slice([0, from, 0], [1, 3, 2])
    const [whole] = run(x)
    const [, h, c] = run(half(0))
    const [end] = run([half(3), h, c])
    expectClose(await end.data(), Array.from(await whole.data(), Number))
  })

  test('carries states over masked steps: what stands there does not matter', async () => {
    setRandomSeed(7)
    const layer = gru({ units: 3 })
    const mask = tensor([[true, false, true]])
    const of = (middle: number) =>
      layer.apply(tensor([[[1], [middle], [2]]]), { training: false, mask: mask })
    expect(await of(5).data()).toEqual(await of(-7).data())
    expectClose(await of(5).data(), Array.from(await layer.apply(tensor([[[1], [2]]])).data(), Number))
  })
})

describe('recurrent layers say what does not fit', () => {
  test('in options', () => {
    expect(() => lstm({ units: 0 })).toThrow(ArgumentError)
    expect(() => gru({ units: 2, dropout: 1 })).toThrow('from 0 up to and without 1')
    expect(() => rnn({ cell: [] })).toThrow('at least one cell')
    expect(() => rnn({ cell: dense({ units: 1 }) as never })).toThrow('RNN: expected a recurrent cell')
    expect(() => bidirectional({ layer: dense({ units: 1 }) as never })).toThrow('expected a recurrent layer')
    expect(() => bidirectional({ layer: lstm({ units: 1 }), backwardLayer: lstm({ units: 1 }) })).toThrow(
      'different directions',
    )
    expect(() => bidirectional({ layer: lstm({ units: 1 }), mergeMode: 'max' as never })).toThrow(
      'a mergeMode of concat, sum, ave, mul, or null',
    )
  })

  test('in inputs', () => {
    const layer = lstm({ units: 2, name: 'reader' })
    expect(() => layer.apply(zeros([2, 3]))).toThrow(ShapeError)
    expect(() => layer.apply([zeros([2, 3, 4]), zeros([2, 2])])).toThrow(
      'reader: expected the sequences alone, or with 2 initial states of sizes 2, 2, received 1 tensors',
    )
    expect(() => layer.apply(zeros([2, 3, 4]), { training: false, mask: ones([2, 4]) })).toThrow(
      'reader: mask: expected shape [2, 3], a boolean for each step of each sequence, received [2, 4].',
    )
    expect(() => simpleRNNCell({ units: 2 }).ensureBuilt([[null, null]])).toThrow(
      'a known number of features',
    )
  })
})
