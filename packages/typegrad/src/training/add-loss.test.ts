import { describe, expect, test } from 'vitest'
import {
  input,
  Layer,
  layers,
  model,
  ones,
  optimizers,
  ShapeError,
  StateError,
  sequential,
  type Tensor,
  tensor,
  type Variable,
} from '../index.ts'

/** x · w, which costs w² in training and evaluation. */
class Shrinking extends Layer {
  readonly className = 'Shrinking'
  w!: Variable
  override build() {
    this.w = this.addWeight({ name: 'w', shape: [], initializer: 'ones' })
  }
  call(x: Tensor) {
    this.addLoss(this.w.value.square())
    return x.mul(this.w.value)
  }
}

describe('addLoss', () => {
  test('is a part of the loss, and trained on', async () => {
    const made = sequential([input({ shape: [1] }), new Shrinking()])
    made.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
    // (1·w − 3)² + w² at w = 1; its gradient 2·(w − 3) + 2·w = −2.
    expect((await made.evaluate([1], [3], { verbose: 0 })).loss).toBeCloseTo(5, 5)
    const { history } = await made.fit([1], [3], { verbose: 0 })
    expect(history.loss[0]).toBeCloseTo(5, 5)
    expect(await made.getWeights()[0]?.item()).toBeCloseTo(1.2, 5)
    // A prediction costs nothing, and calls do not add up.
    expect(await (await made.predict([1])).toArray()).toEqual([[expect.closeTo(1.2, 5)]])
    expect((await made.evaluate([1], [3], { verbose: 0 })).loss).toBeCloseTo(1.8 ** 2 + 1.2 ** 2, 5)
  })

  test('counts each call of a layer that is shared', async () => {
    const shared = new Shrinking()
    const x = input({ shape: [1] })
    const made = model({ inputs: x, outputs: shared.apply(shared.apply(x)) })
    made.compile({ optimizer: 'sgd', loss: 'mse' })
    expect((await made.evaluate([1], [1], { verbose: 0 })).loss).toBeCloseTo(2, 5)
  })

  test('may be all that a model learns from: no loss in compile, and no labels', async () => {
    const made = sequential([input({ shape: [1] }), new Shrinking()])
    made.compile({ optimizer: optimizers.sgd({ learningRate: 0.25 }) })
    const { history } = await made.fit(ones([4, 1]), null, { verbose: 0, epochs: 2 })
    expect(history.loss).toEqual([expect.closeTo(1, 5), expect.closeTo(0.25, 5)])
    expect((await made.evaluate(ones([4, 1]), null, { verbose: 0 })).loss).toBeCloseTo(1 / 16, 5)
  })

  test('a model that learns from nothing is told so', async () => {
    const made = sequential([layers.dense({ units: 1, inputShape: [1] })])
    made.compile({ optimizer: 'sgd' })
    await expect(made.fit(ones([4, 1]), ones([4, 1]), { verbose: 0 })).rejects.toThrow(StateError)
  })

  test('takes scalars', () => {
    class Wrong extends Layer {
      readonly className = 'Wrong'
      call(x: Tensor) {
        this.addLoss(x)
        return x
      }
    }
    expect(() => new Wrong().apply(tensor([[1], [2]]))).toThrow(ShapeError)
  })
})

describe('a loss of one’s own', () => {
  test('knows whether the model trains', async () => {
    const made = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' })])
    made.compile({
      optimizer: optimizers.sgd({ learningRate: 1e-9 }),
      loss: (yTrue, yPred, { training }) => {
        const error = yPred.sub(yTrue).square().mean(-1)
        return training ? error.mul(10) : error
      },
    })
    const { history } = await made.fit([1], [3], { verbose: 0, validationData: [[1], [3]] })
    expect(history.loss[0]).toBeCloseTo(40, 4)
    expect(history.val_loss?.[0]).toBeCloseTo(4, 4)
    expect((await made.evaluate([1], [3], { verbose: 0 })).loss).toBeCloseTo(4, 4)
    expect((await made.trainOnBatch([1], [3])).loss).toBeCloseTo(40, 4)
  })
})

test('evaluate cuts a batch size to the samples that there are', async () => {
  const made = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' })])
  made.compile({ optimizer: 'sgd', loss: 'mse' })
  expect((await made.evaluate([1, 2, 3], [1, 2, 6], { batchSize: 128, verbose: 0 })).loss).toBeCloseTo(3, 5)
  await expect(made.evaluate([1], [1], { batchSize: 0, verbose: 0 })).rejects.toThrow('batchSize')
})
