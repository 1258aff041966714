import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { registerLayer } from '../doors/layers.ts'
import {
  callbacks,
  constraints,
  Dataset,
  Functional,
  input,
  layers,
  loadModel,
  Model,
  metrics,
  optimizers,
  regularizers,
  Sequential,
  type StepBatch,
  type StepOutputs,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const x = Array.from({ length: 10 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
const y = x.map(([a = 0, b = 0]) => [a - 2 * b])
const sampleWeight = x.map((_, i) => 1 + (i % 3))

/** Keras's own example of a custom step, in its own words. */
class Custom extends Functional<Tensor> {
  override trainStep({ x, y, sampleWeight }: StepBatch) {
    let yPred: Tensor | undefined
    const { value: loss, grads } = valueAndGrad(() => {
      yPred = this.apply(x, { training: true })
      return this.computeLoss({ y, yPred, sampleWeight })
    }, this.trainableWeights)
    this.optimizer.apply(grads, this.trainableWeights)
    for (const metric of this.metrics) {
      if (metric.name === 'loss') metric.updateState(loss, tensor([x.shape[0]]))
      else metric.updateState(y, yPred as Tensor)
    }
    return Object.fromEntries(this.metrics.map((metric) => [metric.name, metric.result()]))
  }
}

function places() {
  const inputs = input({ shape: [2] })
  const hidden = layers
    .dense({
      units: 6,
      activation: 'relu',
      kernelConstraint: constraints.maxNorm({ maxValue: 0.7 }),
      kernelRegularizer: regularizers.l2({ l2: 0.01 }),
      activityRegularizer: 'l1',
    })
    .apply(inputs)
  const dropped = layers.dropout({ rate: 0.3 }).apply(hidden)
  return { inputs, outputs: layers.dense({ units: 1 }).apply(dropped) }
}

describe('a trainStep that is written out', () => {
  test('does what the built-in one does, to the bit', async () => {
    const results = []
    for (const Class of [Functional<Tensor>, Custom]) {
      setRandomSeed(4)
      const model = new Class(places())
      model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
      // The last batch is smaller.
      const { history } = await model.fit(x, y, {
        epochs: 3,
        batchSize: 4,
        sampleWeight,
        validationData: [x, y],
        verbose: 0,
      })
      results.push({ history, weights: await flatWeights(model) })
    }
    expect(results[1]).toEqual(results[0])
    expect(Object.keys(results[0]?.history ?? {})).toEqual(['loss', 'mae', 'val_loss', 'val_mae'])
  })

  test('works on single batches, on streams, and with callbacks that wait for its logs', async () => {
    const model = new Custom(places())
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })
    expect(Object.keys(await model.trainOnBatch(x, y))).toEqual(['loss', 'mae'])
    expect(Object.keys(await model.testOnBatch(x, y))).toEqual(['loss', 'mae'])
    const stopping = callbacks.earlyStopping({ monitor: 'mae', minDelta: 100, patience: 1 })
    const stream = Dataset.fromTensors([x, y]).batch(5)
    const history = await model.fit(stream as never, { epochs: 9, verbose: 0, callbacks: [stopping] })
    expect(history.epoch).toEqual([0, 1])
  })
})

test('single hooks: a loss of its own, with a metric in a field', async () => {
  class Scaled extends Sequential {
    readonly squares = metrics.mean({ name: 'squares' })
    override computeLoss({ y, yPred }: StepOutputs) {
      const loss = (yPred as Tensor)
        .sub((y as readonly Tensor[])[0] as Tensor)
        .square()
        .mean()
      this.squares.updateState(loss)
      return loss.mul(0.5)
    }
  }
  const model = new Scaled([layers.dense({ units: 1, useBias: false, inputShape: [1] })])
  model.setWeights([tensor([[0]])])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }) })
  // Squares 1 and 9: a loss of 2.5, a gradient of −Σx²/2 = −5 … of half the mean square.
  const { history } = await model.fit([[1], [3]], [[1], [3]], {
    epochs: 1,
    verbose: 0,
    validationData: [[[2]], [[2]]],
  })
  expect(history.loss[0]).toBeCloseTo(2.5, 6)
  expect(history.squares?.[0]).toBeCloseTo(5, 6)
  expect(await model.getWeights()[0]?.item()).toBeCloseTo(0.5, 6)
  expect(history.val_loss?.[0]).toBeCloseTo(0.5, 6)
  expect(history.val_squares?.[0]).toBeCloseTo(1, 6)
})

/** A line against a shift: losses and gradients that can be written down. */
class Gan extends Model {
  readonly className = 'Gan'
  readonly generator = sequential([layers.dense({ units: 1, inputShape: [1], name: 'g' })])
  readonly discriminator = sequential([layers.dense({ units: 1, inputShape: [1], name: 'd' })])
  readonly generatorOptimizer: optimizers.Optimizer = optimizers.sgd({ learningRate: 0.1 })
  readonly discriminatorOptimizer = optimizers.sgd({ learningRate: 0.2 })

  override trainStep({ x: real }: StepBatch) {
    const made = () => this.generator.apply(zeros(real.shape).add(1), { training: true })
    const judge = (samples: Tensor) => this.discriminator.apply(samples, { training: true })
    const { value: discriminatorLoss, grads } = valueAndGrad(
      () => judge(made()).mean().sub(judge(real).mean()),
      this.discriminator.trainableWeights,
    )
    this.discriminatorOptimizer.apply(grads, this.discriminator.trainableWeights)
    const generator = valueAndGrad(() => judge(made()).mean().neg(), this.generator.trainableWeights)
    this.generatorOptimizer.apply(generator.grads, this.generator.trainableWeights)
    return { discriminatorLoss, generatorLoss: generator.value }
  }
}

test('two models with an optimizer each, without labels', async () => {
  const gan = new Gan()
  const one = (value: number) => [tensor([[value]]), tensor([0])]
  gan.generator.setWeights(one(0.5))
  gan.discriminator.setWeights(one(2))
  gan.compile({})
  const { history } = await gan.fit([[1], [3]], null, { epochs: 1, batchSize: 2, verbose: 0 })
  // Mean of the real 2, of the made 0.5: a loss of 2·(0.5 − 2), whose gradient in d is 0.5 − 2.
  expect(history.discriminatorLoss?.[0]).toBeCloseTo(-3, 5)
  const d = 2 - 0.2 * (0.5 - 2)
  // The discriminator is the one that has just learned: −d·0.5, and −d as the gradient in g and its bias.
  expect(history.generatorLoss?.[0]).toBeCloseTo(-d * 0.5, 5)
  expect((await flatWeights(gan)).flat().map((value) => Number(value.toFixed(5)))).toEqual(
    [0.5 + 0.1 * d, 0.1 * d, d, 0].map((value) => Number(value.toFixed(5))),
  )
  expect(Object.keys(history)).toEqual(
    ['loss', 'discriminatorLoss', 'generatorLoss'].slice(Object.keys(history).length === 2 ? 1 : 0),
  )

  const streamed = await gan.fit(Dataset.fromTensors([[[1], [3]]]).batch(1) as never, { verbose: 0 })
  expect(streamed.history.generatorLoss).toHaveLength(1)
  await expect(gan.predict([[1]])).rejects.toThrow('expected a class with a call')
})

test('the state of its optimizers is kept with a training, which resumes as if nothing had been', async () => {
  class AdamGan extends Gan {
    override readonly generatorOptimizer = optimizers.adam({ learningRate: 0.1 })
    constructor() {
      super()
      this.generatorOptimizer.build(this.generator.trainableWeights)
      this.discriminatorOptimizer.build(this.discriminator.trainableWeights)
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-gan-'))
  try {
    const train = async (backupDir: string, killedIn?: number) => {
      setRandomSeed(2)
      const gan = new AdamGan()
      gan.compile({ optimizer: 'sgd' })
      const stop = new AbortController()
      const kill = callbacks.lambdaCallback({
        onEpochBegin: (epoch) => (epoch === killedIn ? stop.abort() : undefined),
      })
      const backup = callbacks.backupAndRestore({ backupDir: join(folder, backupDir) })
      await gan.fit(
        x.map(([a]) => [a as number]),
        null,
        { epochs: 4, batchSize: 4, verbose: 0, signal: stop.signal, callbacks: [kill, backup] },
      )
      return flatWeights(gan)
    }
    const whole = await train('whole')
    await train('killed', 2)
    expect(await train('killed')).toEqual(whole)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

class Autoencoder extends Model {
  readonly className: string = 'Autoencoder'
  readonly encoder = layers.dense({ units: 2, activation: 'tanh', name: 'encoder' })
  readonly decoder = layers.dense({ units: 3, name: 'decoder' })
  override call(inputs: Tensor) {
    return this.decoder.apply(this.encoder.apply(inputs))
  }
}
registerLayer('Autoencoder', (config) => new Autoencoder(config) as never)

describe('a model that is a class', () => {
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
  ]

  test('is built, trained, shown, saved and read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-own-'))
    try {
      const model = new Autoencoder({ name: 'auto' })
      model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
      const { history } = await model.fit(rows, rows, { epochs: 3, verbose: 0 })
      expect(Object.keys(history)).toEqual(['loss', 'mae'])
      expect(history.loss[2]).toBeLessThan(history.loss[0] as number)
      expect(model.countParams()).toBe(3 * 2 + 2 + 2 * 3 + 3)
      expect(model.summary({ print: null })).toMatch(/encoder \(Dense\) +│ \[batch, 2\]/)
      expect(model.getLayer('decoder')).toBe(model.decoder)
      await model.save(join(folder, 'auto'))
      const copy = await loadModel(join(folder, 'auto'))
      expect(await (await copy.predict(rows)).toArray()).toEqual(await (await model.predict(rows)).toArray())
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('refuses labels of another shape before it trains', async () => {
    const model = new Autoencoder()
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await expect(
      model.fit(
        rows,
        [
          [1, 2],
          [3, 4],
        ],
        { verbose: 0 },
      ),
    ).rejects.toMatchObject({ code: 'data' })
  })

  test('of several inputs and outputs predicts a list', async () => {
    class Both extends Model<readonly Tensor[]> {
      readonly className = 'Both'
      override call(inputs: readonly Tensor[]) {
        const [a, b] = inputs as [Tensor, Tensor]
        return [a.add(b), a.sub(b)]
      }
    }
    const [sum, difference] = await new Both().predict([tensor([[1], [2]]), tensor([[3], [5]])])
    expect(await sum?.toArray()).toEqual([[4], [7]])
    expect(await difference?.toArray()).toEqual([[-2], [-3]])
  })

  test('predicts by its own predictStep', async () => {
    class Rounded extends Autoencoder {
      override predictStep(x: Tensor) {
        return this.apply(x, { training: false }).mul(0).add(7)
      }
    }
    expect(await (await new Rounded().predict(rows)).toArray()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ])
  })
})

describe('says', () => {
  class Wrong extends Sequential {
    override trainStep({ x, y }: StepBatch) {
      return { errors: this.apply(x).sub(y) }
    }
  }
  const wrong = () => {
    const model = new Wrong([layers.dense({ units: 1, inputShape: [2] })])
    model.compile({ loss: 'mse' })
    return model
  }
  test('that logs are scalars', async () => {
    await expect(wrong().trainOnBatch(x, y)).rejects.toThrow(
      "trainStep: 'errors': expected scalars to log, received shape [10, 1]. Reduce it first, with mean() or sum().",
    )
  })
  test('that a step needs labels which there are not', async () => {
    await expect(wrong().trainOnBatch(x, null)).rejects.toThrow(
      'trainStep: expected labels in the data, received inputs alone.',
    )
    const plain = sequential([layers.dense({ units: 1, inputShape: [2] })])
    plain.compile({ loss: 'mse' })
    await expect(plain.fit(x, null, { verbose: 0 })).rejects.toThrow(
      'fit: expected labels y beside x, received none.',
    )
  })
  test('that metrics of compile are gathered in steps', () => {
    expect(() => wrong().computeMetrics({ y: [], yPred: [] })).toThrow(
      'computeMetrics: expected a call within fit',
    )
  })
  test('that there is no loss', async () => {
    const model = new Autoencoder()
    model.compile({ optimizer: 'sgd' })
    await expect(model.fit([[1, 2, 3]], [[1, 2, 3]], { verbose: 0 })).rejects.toThrow(
      'expected a loss for at least one output',
    )
  })
})

test('averages of the weights of an optimizer of its own take their place at the end', async () => {
  class Averaged extends Gan {
    override readonly generatorOptimizer = optimizers.sgd({
      learningRate: 0.1,
      useEma: true,
      emaMomentum: 0.5,
    })
  }
  const gan = new Averaged()
  gan.compile({ optimizer: optimizers.sgd({ useEma: true }) }) // which no step uses
  await gan.fit([[1], [3]], null, { epochs: 3, verbose: 0 })
  const averages = [...gan.generatorOptimizer.averages]
  expect(averages).toHaveLength(2)
  for (const [weight, average] of averages) {
    expect(await weight.value.toArray()).toEqual(await average.value.toArray())
  }
})
