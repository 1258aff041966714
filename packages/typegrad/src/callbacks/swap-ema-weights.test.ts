import { expect, test } from 'vitest'
import {
  callbacks,
  type Logs,
  layers,
  optimizers,
  StateError,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'

const x = [[1], [2]]
const y = [[2], [4]]

/** w: 0 → 1 → 1.5 → 1.75 with averages 1, 1.25, 1.5; the loss is 2.5·(2 − w)². */
function build(
  optimizer = optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 }) as optimizers.Optimizer,
) {
  const model = sequential([layers.dense({ units: 1, useBias: false, inputShape: [1] })])
  model.setWeights([tensor([[0]])])
  model.compile({ optimizer, loss: 'mse' })
  return model
}
const kernel = async (model: ReturnType<typeof build>) => (await model.getWeights()[0]?.item()) ?? Number.NaN
const lossAt = (w: number) => 2.5 * (2 - w) ** 2
const options = { epochs: 3, shuffle: false, verbose: 0, validationData: [x, y] } as const

for (const [name, optimizer] of [
  ['sgd', undefined],
  [
    'lossScaleOptimizer',
    () =>
      optimizers.lossScaleOptimizer(optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 })),
  ],
  [
    'multiOptimizer',
    () =>
      optimizers.multiOptimizer({
        defaultOptimizer: optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 }),
      }),
  ],
] as const) {
  test(`${name}: the averages are judged, and the weights are trained`, async () => {
    const model = build(optimizer?.())
    const { history } = await model.fit(x, y, { ...options, callbacks: [callbacks.swapEMAWeights()] })
    const rounded = (values: readonly number[] = []) => values.map((value) => Number(value.toFixed(5)))
    expect(rounded(history.loss)).toEqual([0, 1, 1.5].map(lossAt))
    expect(rounded(history.val_loss)).toEqual([1, 1.25, 1.5].map(lossAt))
    expect(await kernel(model)).toBeCloseTo(1.5, 6)
  })
}

test('swapOnEpoch shows the averages to the callbacks behind it, also where one of them ends the training', async () => {
  const model = build()
  const seen: number[] = []
  class Watch extends callbacks.Callback {
    override async onEpochEnd(epoch: number, _logs: Logs) {
      seen.push(await kernel(model))
      if (epoch === 1) this.model.stopTraining = true
    }
  }
  const { history } = await model.fit(x, y, {
    ...options,
    callbacks: [callbacks.swapEMAWeights({ swapOnEpoch: true }), new Watch()],
  })
  expect(history.loss.map((value) => Number(value.toFixed(5)))).toEqual([0, 1].map(lossAt))
  expect(seen.map((value) => Number(value.toFixed(5)))).toEqual([1, 1.25])
  expect(await kernel(model)).toBeCloseTo(1.25, 6)
})

test('a failure leaves the weights, and a backup knows them beside the averages', async () => {
  const model = build()
  const swap = callbacks.swapEMAWeights({ swapOnEpoch: true })
  let kept: Readonly<Record<string, Tensor>> = {}
  const failing = callbacks.lambdaCallback({
    onEpochEnd: () => {
      kept = swap.getTensors()
      throw new Error('full disk')
    },
  })
  await expect(model.fit(x, y, { ...options, callbacks: [swap, failing] })).rejects.toThrow('full disk')
  expect(await kernel(model)).toBeCloseTo(1, 6)
  expect(await kept.kept_0?.item()).toBeCloseTo(1, 6)

  model.setWeights([tensor([[9]])])
  swap.setState({ shown: true }, kept)
  swap.onEpochBegin()
  expect(await kernel(model)).toBeCloseTo(1, 6)
})

test('evaluate and predict with the callback judge the averages', async () => {
  const model = build()
  await model.trainOnBatch(x, y)
  await model.trainOnBatch(x, y)
  const swap = callbacks.swapEMAWeights()
  const { loss } = await model.evaluate(x, y, { verbose: 0, callbacks: [swap] })
  expect(loss).toBeCloseTo(lossAt(1.25), 6)
  const predicted = await model.predict([[1]], { callbacks: [swap] })
  expect(await predicted.item()).toBeCloseTo(1.25, 6)
  expect(await kernel(model)).toBeCloseTo(1.5, 6)
})

test('needs an optimizer with averages', async () => {
  const model = build(optimizers.sgd())
  const training = model.fit(x, y, { ...options, callbacks: [callbacks.swapEMAWeights()] })
  await expect(training).rejects.toThrow(StateError)
})
