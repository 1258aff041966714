import { expect, test, vi } from 'vitest'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { terminateOnNaN } from './terminate-on-nan.ts'

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a loss of %s ends the training', async (bad) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const callback = terminateOnNaN()
  const logs = [{ loss: 1 }, { loss: bad }, { loss: 1 }]
  expect(await fakeTraining(new FakeModel(), [callback], { logs })).toEqual([0, 1])
  expect(callback.terminatedBatch).toBe(0)
  expect(warn).toHaveBeenCalledWith(`typegrad: the loss is ${bad} after batch 1; the training ends.`)
  warn.mockRestore()
})

test('any other loss does not', async () => {
  const callback = terminateOnNaN()
  expect(await fakeTraining(new FakeModel(), [callback], { logs: [{ loss: 1e30 }] })).toEqual([0])
  expect(callback.terminatedBatch).toBeUndefined()
})
