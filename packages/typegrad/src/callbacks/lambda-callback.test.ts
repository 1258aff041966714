import { expect, test } from 'vitest'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { lambdaCallback } from './lambda-callback.ts'

test('each function is called at its moment, and awaited', async () => {
  const calls: string[] = []
  const callback = lambdaCallback({
    onTrainBegin: async () => {
      await Promise.resolve()
      calls.push('begin')
    },
    onEpochEnd: (epoch, logs) => {
      calls.push(`epoch ${epoch}: ${logs.loss}`)
    },
    onTrainBatchEnd: async (batch, logs) => {
      calls.push(`batch ${batch}: ${(await logs()).loss}`)
    },
    onTrainEnd: (_, ending) => {
      calls.push(ending)
    },
  })
  await fakeTraining(new FakeModel(), [callback], { logs: [{ loss: 3 }], steps: 1 })
  expect(calls).toEqual(['begin', 'batch 0: 3', 'epoch 0: 3', 'end'])
})
