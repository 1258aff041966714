import { expect, test } from 'vitest'
import { ArgumentError, UnknownNameError } from '../base/errors.ts'
import { sgd } from '../optimizers/index.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { type ReduceLROnPlateauOptions, reduceLROnPlateau } from './reduce-lr-on-plateau.ts'

/** The rate after each epoch of these losses. */
async function rates(losses: readonly number[], options: ReduceLROnPlateauOptions): Promise<number[]> {
  const model = new FakeModel(sgd({ learningRate: 1 }))
  const found: number[] = []
  const callback = reduceLROnPlateau({ monitor: 'loss', factor: 0.5, ...options })
  const { onEpochEnd } = callback
  callback.onEpochEnd = (epoch, logs) => {
    onEpochEnd.call(callback, epoch, logs)
    found.push(model.optimizer.learningRateValue)
  }
  await fakeTraining(model, [callback], { logs: losses.map((loss) => ({ loss })) })
  return found
}

test('reduces the rate after so many epochs without improvement', async () => {
  expect(await rates([3, 2, 2, 2, 1, 1, 1], { patience: 2 })).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25])
})

test('epochs of the cooldown do not count', async () => {
  expect(await rates([1, 1, 1, 1, 1], { patience: 1, cooldown: 2 })).toEqual([1, 0.5, 0.5, 0.25, 0.25])
})

test('does not go below the smallest rate', async () => {
  expect(await rates([1, 1, 1, 1], { patience: 1, minLr: 0.4 })).toEqual([1, 0.5, 0.4, 0.4])
})

test('a change of less than minDelta is none', async () => {
  expect(await rates([1, 0.99995, 0.9], { patience: 1 })).toEqual([1, 0.5, 0.5])
})

test('goes on from a saved state', () => {
  const callback = reduceLROnPlateau()
  callback.setState({ best: 2, wait: 3, cooldownLeft: 1 })
  expect(callback.getState()).toEqual({ best: 2, wait: 3, cooldownLeft: 1 })
})

test('says what does not fit', async () => {
  expect(() => reduceLROnPlateau({ factor: 1 })).toThrow(ArgumentError)
  const training = fakeTraining(new FakeModel(), [reduceLROnPlateau()], { logs: [{ loss: 1 }] })
  await expect(training).rejects.toThrow(UnknownNameError)
})
