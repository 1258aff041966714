import { afterEach, expect, test, vi } from 'vitest'
import { callbacks, layers, optimizers, sequential } from '../index.ts'

const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {})
afterEach(() => warnings.mockClear())

const diverging = () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 1e30 }), loss: 'mse' })
  return model
}
const x = Array.from({ length: 8 }, (_, i) => [i])
const y = x.map(([i = 0]) => 2 * i)

test('a loss that is no number any more is told once, with where and what to try', async () => {
  await diverging().fit(x, y, { epochs: 4, batchSize: 2, verbose: 0 })
  expect(warnings).toHaveBeenCalledTimes(1)
  expect(warnings.mock.calls[0]?.[0]).toMatch(
    /^typegrad: the loss is (NaN|Infinity) in epoch 1, after batch 4 or before it\. Try a lower learning rate or clipnorm/,
  )
})

test('early stopping does not wait for it to become better', async () => {
  const patient = callbacks.earlyStopping({ patience: 12, monitor: 'loss' })
  const { epoch } = await diverging().fit(x, y, {
    epochs: 13,
    batchSize: 2,
    verbose: 0,
    callbacks: [patient],
  })
  expect(epoch.length).toBeLessThanOrEqual(2)
})

test('a callback that reads the logs is enough to find it, with its batch', async () => {
  let reads = 0
  const model = diverging()
  const reader = callbacks.lambdaCallback({
    onTrainBatchEnd: async (batch, logs) => {
      if (batch === 1) reads += Number((await logs()).loss !== undefined)
    },
  })
  await model.fit(x, y, { epochs: 1, batchSize: 2, verbose: 0, callbacks: [reader] })
  expect(reads).toBe(1)
  expect(warnings.mock.calls[0]?.[0]).toContain('after batch 2 or before it')
})
