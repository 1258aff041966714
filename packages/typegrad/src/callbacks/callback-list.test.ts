import { expect, test } from 'vitest'
import type { Callback, TrainedModel, TrainingParams } from './callback.ts'
import { CallbackList } from './callback-list.ts'
import { lambdaCallback } from './lambda-callback.ts'

test('what is no callback is refused before anything is called', () => {
  const model = {} as TrainedModel
  const plain = { onEpochEnd: () => {} } as unknown as Callback
  const params = {} as Omit<TrainingParams, 'callbacks'>
  expect(() => new CallbackList(model, [lambdaCallback({}), plain], params)).toThrow(
    /callbacks\[1\]: .*a Callback.*an object with onEpochEnd.*lambdaCallback/s,
  )
  const none = undefined as unknown as Callback
  expect(() => new CallbackList(model, [none], params)).toThrow(/callbacks\[0\]: .*undefined/s)
})
