import { describe, expect, test } from 'vitest'
import type { SymbolicShape } from '../doors/layers.ts'
import {
  type Functional,
  model as functional,
  input,
  Layer,
  layers,
  optimizers,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const values = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
/** A dense layer of one number, y = w·x + b. */
const line = (name: string, w: number, b: number) => {
  const layer = layers.dense({ units: 1, name })
  layer.ensureBuilt([null, 1])
  layer.setWeights([tensor([[w]]), tensor([b])])
  return layer
}

describe('several inputs and outputs', () => {
  const make = () => {
    const [a, b] = [input({ shape: [1], name: 'a' }), input({ shape: [1], name: 'b' })]
    const sum = layers.add().apply([line('twice', 2, 0).apply(a), line('thrice', 3, 0).apply(b)])
    return functional({
      inputs: [a, b],
      outputs: [line('plain', 1, 0).apply(sum), line('shifted', 1, 10).apply(sum)],
    })
  }
  const x = [
    [[1], [2]],
    [[10], [20]],
  ]
  const y = [
    [[30], [60]],
    [[44], [76]],
  ]

  test('are predicted as lists', async () => {
    const model = make()
    const [plain, shifted] = await model.predict(x)
    expect(await values(plain)).toEqual([32, 64])
    expect(await values(shifted)).toEqual([42, 74])
    const onBatch = await model.predictOnBatch(x)
    expect(await values(onBatch[1])).toEqual([42, 74])
  })

  test('have losses of their own, which lossWeights add up', async () => {
    const model = make()
    model.compile({
      optimizer: optimizers.sgd({ learningRate: 0 }),
      loss: { plain: 'mse', shifted: 'mae' },
      lossWeights: { shifted: 0.5 },
      metrics: { plain: ['mae'], shifted: ['mse', 'mae'] },
    })
    const logs = await model.evaluate(x, y, { verbose: 0 })
    expect(logs).toEqual({
      loss: 10 + 0.5 * 2,
      plain_loss: 10,
      shifted_loss: 2,
      plain_mae: 3,
      shifted_mse: 4,
      shifted_mae: 2,
    })
    const history = await model.fit(x, y, { verbose: 0, batchSize: 1, shuffle: false, validationSplit: 0.5 })
    expect(history.history).toMatchObject({
      loss: [4 + 0.5 * 2],
      val_loss: [16 + 0.5 * 2],
      val_plain_mae: [4],
    })
    expect(await model.testOnBatch(x, y)).toEqual(logs)
    const lists = make()
    lists.compile({ loss: ['mse', null], metrics: [[], ['mae']] })
    expect(await lists.evaluate(x, y, { verbose: 0 })).toEqual({
      loss: 10,
      plain_loss: 10,
      shifted_mae: 2,
    })
  })

  test('weigh samples for each output alike', async () => {
    const model = make()
    model.compile({ loss: 'mse' })
    const logs = await model.evaluate(x, y, { verbose: 0, sampleWeight: [3, 0] })
    expect(logs).toEqual({ loss: 12, plain_loss: 6, shifted_loss: 6 })
  })

  test('of one layer have names of their own', async () => {
    const [a, b] = [input({ shape: [1] }), input({ shape: [1] })]
    const shared = line('shared', 2, 1)
    const model = functional({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] })
    expect(model.modelOutputs.map(({ name }) => name)).toEqual(['shared', 'shared_1'])
    model.compile({ loss: 'mse' })
    expect(await model.evaluate([[[1]], [[2]]], [[[3]], [[6]]], { verbose: 0 })).toEqual({
      loss: 1,
      shared_loss: 0,
      shared_1_loss: 1,
    })
    expect(model.countParams()).toBe(2)
  })

  test('types: a list of outputs is predicted as a list, even of one', async () => {
    const x1 = input({ shape: [1] })
    const one: Functional<Tensor> = functional({ inputs: x1, outputs: line('one', 1, 1).apply(x1) })
    const listed: Functional<readonly Tensor[]> = functional({
      inputs: x1,
      outputs: [line('two', 1, 1).apply(x1)],
    })
    expect((await one.predict([1])).shape).toEqual([1, 1])
    const [only, ...none] = await listed.predict([1])
    expect(none).toEqual([])
    expect(only?.shape).toEqual([1, 1])
  })
})

describe('layers', () => {
  test('that are shared are trained by all their uses', async () => {
    const [a, b] = [input({ shape: [1] }), input({ shape: [1] })]
    const shared = line('shared', 1, 0)
    const model = functional({
      inputs: [a, b],
      outputs: layers.subtract().apply([shared.apply(a), shared.apply(b)]),
    })
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
    await model.fit([[[3]], [[1]]], [[0]], { verbose: 0 })
    // d/dw (3w − w)² = 2 · 2w · 2 at w = 1, and the bias cancels.
    expectClose(await flatWeights(model), [1 - 0.1 * 8, 0])
  })

  test('of one kind nest in models', async () => {
    const inner = sequential([line('inner_a', 2, 0), line('inner_b', 1, 1)], { name: 'inner' })
    const outer = sequential([inner, line('last', 3, 0)])
    outer.ensureBuilt([null, 1])
    expect(await values(await outer.predict([1, 2]))).toEqual([9, 15])
    expect(outer.weights.map(({ name }) => name)).toEqual([
      'inner_a/kernel',
      'inner_a/bias',
      'inner_b/kernel',
      'inner_b/bias',
      'last/kernel',
      'last/bias',
    ])
    outer.compile({ optimizer: optimizers.sgd({ learningRate: 0.5 }), loss: 'mse' })
    await outer.trainOnBatch([[1]], [[8]])
    // The error of 1 goes back through 3 and 1: slopes 2·(3, 1) in the last layer, 2·3·(2, 1), 2·3·1·(1, 1).
    expectClose(await flatWeights(outer), [2 - 3, 0 - 3, 1 - 6, 1 - 3, 3 - 3, 0 - 1])
  })

  test('of a subclass', async () => {
    class Scale extends Layer {
      readonly className = 'Scale'
      factor!: Variable
      override build(inputShape: SymbolicShape) {
        this.factor = this.addWeight({
          name: 'factor',
          shape: [inputShape.at(-1) as number],
          initializer: 'ones',
        })
      }
      call(x: Tensor) {
        return x.mul(this.factor.value)
      }
    }
    class Twice extends Layer {
      readonly className = 'Twice'
      readonly inner = new Scale({ name: 'within' })
      call(x: Tensor) {
        return this.inner.apply(this.inner.apply(x))
      }
    }
    const model = sequential([new Twice({ name: 'twice', inputShape: [2] })])
    expect(model.weights.map(({ name, shape }) => [name, shape])).toEqual([['within/factor', [2]]])
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
    await model.fit([[1, 2]], [[0, 0]], { verbose: 0 })
    // d/df (f²x)² / 2 = 2f³x² at f = 1.
    expectClose(await flatWeights(model), [1 - 0.1 * 2, 1 - 0.1 * 8])
  })

  test('with weights that are drawn on the way are drawn before the first trace', async () => {
    class Late extends Layer {
      readonly className = 'Late'
      readonly inner = layers.dense({ units: 3 })
      call(x: Tensor) {
        return this.inner.apply(x)
      }
    }
    const draw = async () => {
      setRandomSeed(3)
      const model = sequential([new Late({}), layers.dense({ units: 1 })])
      model.compile({ optimizer: 'sgd', loss: 'mse' })
      await model.fit([[1, 2]], [1], { verbose: 0, epochs: 2 })
      return flatWeights(model)
    }
    const [first, again] = [await draw(), await draw()]
    expect(again).toEqual(first)
    expect(new Set(first.slice(0, 6)).size).toBe(6)
  })
})

test('trainOnBatch, testOnBatch and predictOnBatch', async () => {
  const model = sequential([line('l', 2, 1)])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse', metrics: ['mae'] })
  expect(await model.trainOnBatch([[1], [2]], [[0], [0]])).toEqual({ loss: 17, mae: 4 })
  // Slopes: the mean of 2·3·1 and 2·5·2, and of 2·3 and 2·5.
  expectClose(await flatWeights(model), [2 - 1.3, 1 - 0.8])
  const logs = await model.testOnBatch([[1]], [[0]], { sampleWeight: [0.5] })
  expectClose([logs.loss as number, logs.mae as number], [0.5 * 0.81, 0.9])
  expectClose(await values(await model.predictOnBatch([[2]])), [1.6])
})

test('a sequential model may begin with an input or a model', async () => {
  const inner = sequential([
    input({ shape: [3], dtype: 'int32' }),
    layers.embedding({ inputDim: 4, outputDim: 2 }),
  ])
  expect(inner.modelInputs).toMatchObject([{ shape: [null, 3], dtype: 'int32' }])
  const outer = sequential([inner, layers.flatten(), layers.dense({ units: 1 })])
  expect(outer.countParams()).toBe(4 * 2 + 6 + 1)
  expect(outer.modelInputs).toMatchObject([{ shape: [null, 3], dtype: 'int32' }])
  expect((await outer.predict([[0, 1, 3]])).shape).toEqual([1, 1])
})

test('a model is built by its first data', async () => {
  const model = sequential([layers.flatten(), layers.dense({ units: 2 })])
  expect(model.built).toBe(false)
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  expect(
    (
      await model.predict([
        [
          [1, 2],
          [3, 4],
        ],
      ])
    ).shape,
  ).toEqual([1, 2])
  expect(model.countParams()).toBe(10)
  const other = sequential()
  other.add(layers.dense({ units: 4 }))
  other.add(layers.dense({ units: 1 }))
  other.compile({ optimizer: 'adam', loss: 'mse' })
  await other.fit([[1, 2, 3]], [1], { verbose: 0 })
  expect(other.countParams()).toBe(3 * 4 + 4 + 5)
})
