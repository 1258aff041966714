import { expect, test } from 'vitest'
import {
  Callback,
  model as functional,
  input,
  Layer,
  type Logs,
  layers,
  metrics,
  optimizers,
  type Sequential,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import { flatWeights, linearData, linearPair } from '../testing/linear-reference.ts'

const data = linearData(64, 3)
const x = data.x.map((row) => [...row])
const y = [...data.y]

const make = (seed: number): Sequential => {
  setRandomSeed(seed)
  const model = sequential([
    layers.dense({ units: 16, activation: 'relu', inputShape: [3] }),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1 }),
  ])
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  return model
}
const options = { verbose: 0, batchSize: 8, epochs: 6 } as const

test('predictions and evaluations beside a training neither wait for it nor change it', async () => {
  const alone = make(3)
  const { history } = await alone.fit(x, y, options)
  const model = make(3)
  let isTraining = true
  const training = model.fit(x, y, options).finally(() => {
    isTraining = false
  })
  let beside = 0
  while (isTraining) {
    const [predicted, logs] = await Promise.all([
      model.predict(x),
      model.evaluate(x, y, { verbose: 0 }),
      model.testOnBatch(x.slice(0, 3), y.slice(0, 3)),
      model.getWeights()[0]?.data(),
      model.toOnnx(),
    ])
    expect(predicted.shape).toEqual([64, 1])
    expect(logs.loss).toBeGreaterThan(0)
    beside += 1
  }
  expect(beside).toBeGreaterThan(0)
  expect((await training).history).toEqual(history)
  expect(await flatWeights(model)).toEqual(await flatWeights(alone))
})

test('evaluations at the same time give what each gives alone', async () => {
  const { model, reference } = linearPair(3)
  const parts = [0, 16, 32, 48].map(
    (start) => [x.slice(start, start + 16), y.slice(start, start + 16)] as const,
  )
  const logs = await Promise.all(
    parts.map(([xs, ys]) => model.evaluate(xs as number[][], ys as number[], { verbose: 0, batchSize: 3 })),
  )
  logs.forEach(({ loss }, i) => {
    const [xs, ys] = parts[i] as (typeof parts)[number]
    expect(loss).toBeCloseTo(reference.loss({ x: xs, y: ys }), 5)
  })
})

test('a callback may evaluate the model that is trained', async () => {
  const model = make(4)
  const seen: Logs[] = []
  class Judge extends Callback {
    override async onTrainBatchEnd(batch: number) {
      if (batch === 3) seen.push(await model.evaluate(x, y, { verbose: 0 }))
    }
  }
  const { history } = await model.fit(x, y, { ...options, callbacks: [new Judge()] })
  const alone = await make(4).fit(x, y, options)
  expect(history).toEqual(alone.history)
  expect(seen.length).toBe(6)
})

test('metrics that the user made are not shared between a training and an evaluation', async () => {
  const { model } = linearPair(3)
  model.compile({
    optimizer: optimizers.sgd({ learningRate: 0 }),
    loss: 'mse',
    metrics: [metrics.meanAbsoluteError({ name: 'off' })],
  })
  const whole = await model.evaluate(x, y, { verbose: 0 })
  class Judge extends Callback {
    override async onTrainBatchEnd() {
      await model.evaluate(x.slice(0, 2), y.slice(0, 2), { verbose: 0 })
    }
  }
  const { history } = await model.fit(x, y, { verbose: 0, shuffle: false, callbacks: [new Judge()] })
  expect(history.off?.[0]).toBeCloseTo(whole.off as number, 5)
})

test('two models train at once', async () => {
  const expected = await Promise.all(
    [5, 6].map(async (seed) => {
      const model = make(seed)
      await model.fit(x, y, options)
      return flatWeights(model)
    }),
  )
  const models = [make(5), make(6)]
  await Promise.all(models.map((model) => model.fit(x, y, options)))
  expect(await Promise.all(models.map(flatWeights))).toEqual(expected)
})

test('one model is trained by one fit at a time', async () => {
  const model = make(7)
  const first = model.fit(x, y, options)
  const second = model.fit(x, y, options)
  await expect(second).rejects.toMatchObject({
    code: 'state',
    message: `fit: expected a model that is not being trained, received '${model.name}', which another call of fit is training. Await the first call before the second.`,
  })
  await first
  const alone = make(7)
  await alone.fit(x, y, options)
  expect(await flatWeights(model)).toEqual(await flatWeights(alone))
  await model.fit(x, y, options)
})

test('steps of one batch at the same time are made one after another', async () => {
  const { model, reference } = linearPair(3)
  const batches = [0, 16, 32, 48].map((start) => ({
    x: x.slice(start, start + 16),
    y: y.slice(start, start + 16),
  }))
  const logs = await Promise.all(batches.map((batch) => model.trainOnBatch(batch.x, batch.y)))
  const losses = batches.map((batch) => reference.step(batch))
  logs.forEach(({ loss }, i) => {
    expect(loss).toBeCloseTo(losses[i] as number, 5)
  })
  const weights = await flatWeights(model)
  reference.weights.forEach((weight, i) => {
    expect(weights[i]).toBeCloseTo(weight, 5)
  })
})

test('a layer may be a part of two models, which train it in turn', async () => {
  const a = input({ shape: [3] })
  const shared = layers.dense({ units: 1 })
  const out = shared.apply(a)
  const [one, two] = [functional({ inputs: a, outputs: out }), functional({ inputs: a, outputs: out })]
  shared.setWeights([tensor([[1], [1], [1]]), tensor([0])])
  one.compile({ optimizer: 'sgd', loss: 'mse' })
  two.compile({ optimizer: 'sgd', loss: 'mse' })
  await one.trainOnBatch(x, y)
  const after = await flatWeights(shared)
  expect(await flatWeights(two)).toEqual(after)
  await two.trainOnBatch(x, y)
  expect(await flatWeights(one)).not.toEqual(after)
})

test('a deep model is traced in several turns of the event loop, in which variables have their values', async () => {
  const first = layers.dense({ units: 4, inputShape: [3] })
  const kindOfWeight = () => first.weights[0]?.value.node.kind
  let turns = 0
  const traced: { readonly turn: number; readonly kind: string | undefined }[] = []
  class Slow extends Layer {
    readonly className = 'Slow'
    /** A call reads the weights of what its layer has in fields alone. */
    readonly watched = first
    call(x: Tensor): Tensor {
      traced.push({ turn: turns, kind: kindOfWeight() })
      const start = performance.now()
      while (performance.now() - start < 1);
      return x.add(1)
    }
  }
  const deep = Array.from({ length: 40 }, () => new Slow())
  const model = sequential([first, ...deep, layers.dense({ units: 1 })])
  model.compile({ optimizer: 'adam', loss: 'mse' })
  traced.length = 0
  const between: (string | undefined)[] = []
  let isOver = false
  const turn = (): void => {
    turns++
    between.push(kindOfWeight())
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await model.trainOnBatch(x, y)
  isOver = true
  expect(traced.length).toBe(deep.length)
  expect(new Set(traced.map((call) => call.turn)).size).toBeGreaterThan(3)
  // A stand-in that is differentiated by in the traced step, the value itself for everybody else.
  expect(new Set(traced.map((call) => call.kind))).toEqual(new Set(['identity']))
  expect(between).not.toContain('identity')
  expect(between).not.toContain('input')
})
