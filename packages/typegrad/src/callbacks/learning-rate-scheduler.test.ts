import { expect, test } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { sgd } from '../optimizers/index.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { lambdaCallback } from './lambda-callback.ts'
import { learningRateScheduler } from './learning-rate-scheduler.ts'

const logs = [{ loss: 1 }, { loss: 1 }, { loss: 1 }]

test('sets the rate before each epoch', async () => {
  const model = new FakeModel(sgd({ learningRate: 0.8 }))
  const rates: number[] = []
  const callback = learningRateScheduler({ schedule: (epoch, rate) => (epoch === 0 ? rate : rate / 2) })
  const watch = lambdaCallback({
    onTrainBatchEnd: () => {
      rates.push(model.optimizer.learningRateValue)
    },
  })
  await fakeTraining(model, [callback, watch], { logs, steps: 1 })
  expect(rates).toEqual([0.8, 0.4, 0.2])
})

test('a rate that is none', async () => {
  const callback = learningRateScheduler({ schedule: () => Number.NaN })
  await expect(fakeTraining(new FakeModel(sgd()), [callback], { logs })).rejects.toThrow(ArgumentError)
})
