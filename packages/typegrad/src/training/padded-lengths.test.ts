// Sequences that are made longer have the results that they have as they are, and no result is another where masks do not
// see to that.
import { describe, expect, test, vi } from 'vitest'
import {
  createEngine,
  defaultEngine,
  model as functional,
  input,
  Layer,
  layers,
  losses,
  metrics,
  type SymbolicTensor,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { lengthPlan } from './length-plan.ts'

/** Ids from 1 to 6, of which each second sample has as many zeros at its end. */
const ids = (samples: number, length: number, zeros = 0): Tensor =>
  tensor(
    Array.from({ length: samples }, (_, i) =>
      Array.from({ length }, (_, t) => (i % 2 === 1 && t >= length - zeros ? 0 : 1 + ((i * 5 + t * 3) % 6))),
    ),
    { dtype: 'int32' },
  ) as Tensor
/** Three features a step. */
const features = (samples: number, length: number): Tensor =>
  tensor(
    Array.from({ length: samples }, (_, i) =>
      Array.from({ length }, (_, t) => [0, 1, 2].map((k) => Math.sin(i * 2.1 + t * 0.7 + k) + 0.1)),
    ),
  ) as Tensor

const words = () => input({ shape: ['length'], dtype: 'int32' })
const vectors = (x: SymbolicTensor) =>
  layers.embedding({ inputDim: 7, outputDim: 4, maskZero: true }).apply(x)
const over = (...made: Layer[]) =>
  sequential([words(), layers.embedding({ inputDim: 7, outputDim: 4, maskZero: true }), ...made])
const encoder = (options: { readonly useCausalMask?: boolean; readonly dropout?: number } = {}) => {
  const ids = words()
  const x = vectors(ids)
  const y = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, ...options }).apply([x, x])
  return { ids, y: layers.layerNormalization().apply(layers.add().apply([x, y]) as SymbolicTensor) }
}
const pooled = () => {
  const { ids, y } = encoder()
  return functional({
    inputs: ids,
    outputs: layers.dense({ units: 2 }).apply(layers.globalAveragePooling1d().apply(y)),
  })
}
const tagged = (options?: { readonly useCausalMask?: boolean; readonly dropout?: number }) => {
  const { ids, y } = encoder(options)
  return functional({ inputs: ids, outputs: layers.dense({ units: 3, activation: 'softmax' }).apply(y) })
}
const several = () => {
  const ids = words()
  const x = vectors(ids)
  const lstm = layers.lstm({ units: 3, returnSequences: true, returnState: true })
  const [sequence, h, c] = lstm.apply(x) as readonly [SymbolicTensor, SymbolicTensor, SymbolicTensor]
  const joined = layers.concatenate().apply([x, sequence]) as SymbolicTensor
  const best = layers.maximum().apply([sequence, layers.dense({ units: 3 }).apply(joined)]) as SymbolicTensor
  return functional({ inputs: ids, outputs: [layers.gru({ units: 2 }).apply(best), h, c, joined] })
}
const nested = () =>
  sequential([over(layers.dense({ units: 3 })), layers.bidirectional({ layer: layers.gru({ units: 2 }) })])

/** Models that may see longer sequences, whose ids have so many zeros at most. */
const exact: [string, () => AnyModel, number][] = [
  ['an LSTM', () => over(layers.lstm({ units: 3 })), 3],
  [
    'a GRU that gives all steps',
    () => over(layers.gru({ units: 3, returnSequences: true, zeroOutputForMask: true })),
    3,
  ],
  ['an RNN from the end', () => over(layers.simpleRNN({ units: 3, goBackwards: true })), 3],
  ['both directions', () => over(layers.bidirectional({ layer: layers.lstm({ units: 3 }) })), 3],
  [
    'both directions of all steps, and batch normalization',
    () =>
      over(
        layers.bidirectional({ layer: layers.gru({ units: 3, returnSequences: true }), mergeMode: 'sum' }),
        layers.batchNormalization(),
        layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
      ),
    3,
  ],
  ['the mean of the steps', () => over(layers.dropout({ rate: 0.5 }), layers.globalAveragePooling1d()), 3],
  ['an encoder and the mean', pooled, 3],
  ['an encoder of all steps', tagged, 0],
  ['a causal one', () => tagged({ useCausalMask: true }), 0],
  ['several outputs', several, 3],
  ['a model in a model', nested, 3],
]

async function values(predicted: unknown): Promise<(readonly [readonly number[], readonly number[]])[]> {
  const list = (Array.isArray(predicted) ? predicted : [predicted]) as readonly Tensor[]
  return Promise.all(list.map(async (t) => [t.shape, Array.from(await t.data(), Number)] as const))
}

/** Equal but for rounding: sums over more steps may be added up in another order. */
function expectSame(found: Awaited<ReturnType<typeof values>>, wanted: typeof found): void {
  expect(found.map(([shape]) => shape)).toEqual(wanted.map(([shape]) => shape))
  for (const [i, [, numbers]] of wanted.entries())
    for (const [k, number] of numbers.entries())
      expect(Math.abs((found[i]?.[1][k] ?? Number.NaN) - number)).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(number)),
      )
}

describe('predict', () => {
  test.each(exact)('%s', async (_, make, zeros) => {
    const made = make()
    expect(lengthPlan(made, 'predict')).toBeDefined()
    for (const length of [5, 11, 33]) {
      const x = ids(4, length, zeros)
      expectSame(
        await values(await made.predict(x)),
        await values(await made.predict(x, { padLengths: false })),
      )
    }
  })

  test('masks steps by their values, and takes streams of all lengths', async () => {
    const made = sequential([
      input({ shape: ['length', 3] }),
      layers.masking({ maskValue: -1 }),
      layers.lstm({ units: 2 }),
    ])
    const batches = [3, 9, 8, 20].map((length) => features(2, length))
    expect(lengthPlan(made, 'predict')?.fills).toEqual(new Map([[0, -1]]))
    const wanted = await made.predict(() => batches, { padLengths: false })
    expectSame(await values(await made.predict(() => batches)), await values(wanted))
  })

  test('compiles a model for few lengths', async () => {
    // An engine of its own: on the default one what other tests began may still be loaded.
    const engine = await createEngine()
    const made = over(layers.lstm({ units: 3 })).to(engine)
    // The weights come into being with the first.
    await made.predict(ids(2, 8))
    const load = vi.spyOn(engine, 'load')
    const lengths = Array.from({ length: 24 }, (_, i) => i + 9)
    for (const length of lengths) await made.predict(ids(2, length))
    // 16, 24 and 32.
    expect(load.mock.calls.length).toBe(3)
    for (const length of lengths.slice(0, 6)) await made.predict(ids(2, length), { padLengths: false })
    expect(load.mock.calls.length).toBe(3 + 6)
    load.mockRestore()
  })

  test('leaves sequences alone whose masks do not make it exact', async () => {
    const load = vi.spyOn(await defaultEngine(), 'load')
    // A masked query has the mean of all values; a sequence without a step that counts, too.
    const [whole, mean] = [tagged(), pooled()]
    expect([lengthPlan(whole, 'predict')?.counted, lengthPlan(mean, 'predict')?.counted]).toEqual([
      'all',
      'first',
    ])
    const empty = tensor(
      [
        [0, 0, 0, 0, 0],
        [1, 2, 3, 0, 0],
      ],
      { dtype: 'int32' },
    ) as Tensor
    for (const [made, x] of [
      [whole, ids(2, 5, 2)],
      [mean, empty],
    ] as const) {
      const found = await values(await made.predict(x))
      const loads = load.mock.calls.length
      const wanted = await values(await made.predict(x, { padLengths: false }))
      expect(load.mock.calls.length).toBe(loads)
      expect(found).toEqual(wanted)
    }
    load.mockRestore()
  })
})

/** What a mask knows nothing of. */
class Twice extends Layer {
  readonly className = 'Twice'
  override get supportsMasking() {
    return true
  }
  call(x: Tensor) {
    return x.mul(2)
  }
}
class OwnDense extends layers.Dense {}

describe('no plan there is for', () => {
  const plain = (...made: Layer[]) =>
    sequential([words(), layers.embedding({ inputDim: 7, outputDim: 4 }), ...made])
  const after = (apply: (x: SymbolicTensor) => SymbolicTensor) => {
    const ids = words()
    return functional({ inputs: ids, outputs: apply(vectors(ids)) })
  }
  test.each<[string, () => AnyModel]>([
    [
      'a fixed length',
      () =>
        sequential([
          layers.embedding({ inputDim: 7, outputDim: 4, maskZero: true, inputShape: [5] }),
          layers.lstm({ units: 2 }),
        ]),
    ],
    ['no mask', () => plain(layers.lstm({ units: 2 }))],
    ['a convolution', () => over(layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same' }))],
    ['pooling of all steps', () => over(layers.globalMaxPooling1d())],
    ['pooling by windows', () => over(layers.averagePooling1d())],
    ['a layer of the user', () => over(new Twice())],
    ['a layer that extends one of the library', () => over(new OwnDense({ units: 2 }))],
    ['a function', () => over(layers.lambda({ function: (x) => x.mul(2) }))],
    ['arithmetic', () => after((x) => x.mul(2))],
    ['the last step', () => after((x) => x.at(-1, 1))],
    ['reversed steps', () => over(layers.lstm({ units: 2, goBackwards: true, returnSequences: true }))],
    ['zeros in the last step', () => over(layers.lstm({ units: 2, zeroOutputForMask: true }))],
    [
      'sums of two lengths',
      () => {
        const [a, b] = [input({ shape: [null], dtype: 'int32' }), input({ shape: [null], dtype: 'int32' })]
        return functional({
          inputs: [a, b],
          outputs: layers.add().apply([vectors(a), vectors(b)]) as SymbolicTensor,
        })
      },
    ],
    [
      'an input that is used beside',
      () => {
        const ids = words()
        return functional({ inputs: ids, outputs: [layers.gru({ units: 2 }).apply(vectors(ids)), ids] })
      },
    ],
    [
      'two values that mask',
      () => {
        const x = input({ shape: ['length', 3] })
        const ends = [0, 1].map((maskValue) =>
          layers.gru({ units: 2 }).apply(layers.masking({ maskValue }).apply(x)),
        )
        return functional({ inputs: x, outputs: ends })
      },
    ],
  ])('%s', (_, make) => {
    expect(lengthPlan(make(), 'predict')).toBeUndefined()
  })

  const compiled = (made: AnyModel, options: Parameters<AnyModel['compile']>[0]) => {
    made.compile(options)
    const uses = ['predict', 'test', 'testStream', 'trainStream'] as const
    return uses.filter((use) => lengthPlan(made, use) !== undefined).join(' ')
  }
  const sequence = () => over(layers.gru({ units: 3, returnSequences: true, activation: 'sigmoid' }))
  test('what counts all steps, costs by all steps, or draws for all steps', () => {
    const loss = 'sparseCategoricalCrossentropy'
    expect(compiled(sequence(), { loss })).toBe('predict test testStream trainStream')
    // What batches of several lengths weigh in a mean of steps depends on these, as in Keras.
    expect(compiled(sequence(), { loss, metrics: ['accuracy'] })).toBe('predict test')
    expect(compiled(sequence(), { loss: losses.dice() })).toBe('predict')
    expect(compiled(sequence(), { loss: (y, p) => y.sub(p).square().mean() })).toBe('predict')
    expect(compiled(sequence(), { loss: 'mse', metrics: [metrics.auc()] })).toBe('predict')
    // Of a whole sequence one value: nothing is left of its steps.
    expect(compiled(over(layers.gru({ units: 1 })), { loss: 'mse', metrics: [metrics.auc()] })).toBe(
      'predict test testStream trainStream',
    )
    const costs = over(layers.dense({ units: 2, activityRegularizer: 'l2' }), layers.lstm({ units: 1 }))
    expect(compiled(costs, { loss: 'mse' })).toBe('predict')
    expect(compiled(over(layers.dropout({ rate: 0.1 }), layers.lstm({ units: 1 })), { loss: 'mse' })).toBe(
      'predict test testStream',
    )
    expect(compiled(over(layers.lstm({ units: 1, dropout: 0.1 })), { loss: 'mse' })).toBe(
      'predict test testStream',
    )
    expect(compiled(tagged({ dropout: 0.1 }), { loss })).toBe('predict test testStream')
  })
})

describe('fit and evaluate', () => {
  const tagger = () =>
    over(
      layers.bidirectional({ layer: layers.gru({ units: 3, returnSequences: true }) }),
      layers.batchNormalization(),
      layers.dense({ units: 3, activation: 'softmax' }),
    )
  const regression = () => over(layers.lstm({ units: 3 }), layers.dense({ units: 2 }))
  const perStep = (samples: number, length: number): Tensor =>
    tensor(
      Array.from({ length: samples }, (_, i) => Array.from({ length }, (_, t) => (i + t) % 3)),
      {
        dtype: 'int32',
      },
    ) as Tensor
  const stepWeights = (samples: number, length: number): Tensor =>
    tensor(
      Array.from({ length: samples }, (_, i) => Array.from({ length }, (_, t) => 0.5 + ((i + t) % 4))),
    ) as Tensor
  const onlyEnds = (samples: number): Tensor =>
    tensor(Array.from({ length: samples }, (_, i) => [Math.cos(i), Math.sin(i)])) as Tensor
  const sizes = [5, 9, 13, 11] as const

  type Batch = readonly [Tensor, Tensor] | readonly [Tensor, Tensor, Tensor]
  const cases: [string, () => AnyModel, Parameters<AnyModel['compile']>[0], (length: number) => Batch][] = [
    [
      'labels of steps',
      tagger,
      { loss: 'sparseCategoricalCrossentropy' },
      (n) => [ids(4, n, 3), perStep(4, n)],
    ],
    [
      'labels and weights of steps',
      tagger,
      { loss: 'sparseCategoricalCrossentropy' },
      (n) => [ids(4, n, 3), perStep(4, n), stepWeights(4, n)],
    ],
    [
      'weights of samples, and a sum',
      tagger,
      { loss: losses.sparseCategoricalCrossentropy({ reduction: 'sum' }) },
      (n) => [ids(4, n, 3), perStep(4, n), tensor([1, 2, 0.5, 3]) as Tensor],
    ],
    [
      'labels of sequences',
      regression,
      { loss: 'mse', metrics: ['mae'] },
      (n) => [ids(4, n, 3), onlyEnds(4)],
    ],
    ['an encoder', tagged, { loss: 'sparseCategoricalCrossentropy' }, (n) => [ids(4, n, 2), perStep(4, n)]],
    ['an encoder and the mean', pooled, { loss: 'huber' }, (n) => [ids(4, n, 2), onlyEnds(4)]],
  ]

  test.each(cases)('%s', async (_, make, options, batch) => {
    const metric = options.loss === 'mse' || options.loss === 'huber' ? 'mae' : 'accuracy'
    const judgedBy = { metrics: [metric], weightedMetrics: [metric] }
    const batches = sizes.map(batch)
    const run = async (padLengths: boolean) => {
      setRandomSeed(7)
      const made = make()
      made.compile({ ...options, optimizer: 'sgd' })
      expect([lengthPlan(made, 'testStream'), lengthPlan(made, 'trainStream')]).not.toContain(undefined)
      // Called for each trace.
      const traced = vi.spyOn(made, 'stepWork')
      const { history } = await made.fit(() => batches, {
        epochs: 2,
        verbose: 0,
        padLengths,
        validationData: () => batches,
      })
      const traces = traced.mock.calls.length
      const judged = await made.evaluate(() => batches, { verbose: 0, padLengths })
      made.compile({ ...options, ...judgedBy })
      const [x, y, sampleWeight] = batches[1] as Batch
      const inMemory = await made.evaluate(x, y, {
        verbose: 0,
        padLengths,
        batchSize: 3,
        ...(sampleWeight && { sampleWeight }),
      })
      return {
        traces,
        numbers: { ...history, judged: Object.values(judged), inMemory: Object.values(inMemory) },
        weights: await values(made.getWeights()),
      }
    }
    const [padded, plain] = [await run(true), await run(false)]
    for (const [name, numbers] of Object.entries(plain.numbers))
      for (const [i, number] of numbers.entries())
        expect(padded.numbers[name as 'judged']?.[i], name).toBeCloseTo(number, 4)
    // Gradients are added up in another order, three epochs long.
    for (const [i, [, numbers]] of plain.weights.entries())
      for (const [k, number] of numbers.entries()) expect(padded.weights[i]?.[1][k]).toBeCloseTo(number, 4)
    // For training and validation each: 5, 9, 11 and 13, or 8 and 16 in their place.
    expect([plain.traces, padded.traces]).toEqual([2 * 4, 2 * 2])
  })
})
