import { describe, expect, test } from 'vitest'
import { ArgumentError, UnknownNameError } from '../base/errors.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { earlyStopping } from './early-stopping.ts'

const losses = (...values: number[]) => ({ logs: values.map((value) => ({ loss: 1, val_loss: value })) })

describe('earlyStopping', () => {
  test('ends the training after so many epochs without improvement', async () => {
    const callback = earlyStopping({ patience: 2 })
    const trained = await fakeTraining(new FakeModel(), [callback], losses(5, 4, 4.5, 4.1, 3, 2))
    expect(trained).toEqual([0, 1, 2, 3])
    expect(callback).toMatchObject({ best: 4, bestEpoch: 1, stoppedEpoch: 3 })
  })

  test('ends with the weights of the best epoch', async () => {
    const model = new FakeModel()
    await fakeTraining(model, [earlyStopping({ patience: 1, restoreBestWeights: true })], losses(5, 3, 4))
    expect(await model.pending).toBe(2) // after epoch 1, the second
  })

  test('puts them back too where the training ends by itself', async () => {
    const model = new FakeModel()
    await fakeTraining(model, [earlyStopping({ patience: 9, restoreBestWeights: true })], losses(3, 4, 5))
    expect(await model.pending).toBe(1)
  })

  test('more of an accuracy is better, and a small change is none', async () => {
    const callback = earlyStopping({ monitor: 'accuracy', minDelta: 0.1, patience: 1 })
    const logs = [0.5, 0.7, 0.75, 0.9].map((accuracy) => ({ accuracy }))
    expect(await fakeTraining(new FakeModel(), [callback], { logs })).toEqual([0, 1, 2])
  })

  test('an epoch that does not beat the baseline does not count as improved', async () => {
    const callback = earlyStopping({ baseline: 2, patience: 3 })
    expect(await fakeTraining(new FakeModel(), [callback], losses(5, 4, 4.5, 1))).toEqual([0, 1, 2])
  })

  test('does not count epochs before the one it starts from', async () => {
    const callback = earlyStopping({ startFromEpoch: 3, patience: 0 })
    expect(await fakeTraining(new FakeModel(), [callback], losses(1, 2, 3, 4, 5))).toEqual([0, 1, 2, 3, 4])
  })

  test('NaN is never an improvement', async () => {
    const callback = earlyStopping({ patience: 2 })
    expect(await fakeTraining(new FakeModel(), [callback], losses(Number.NaN, Number.NaN, 1, 2))).toEqual([
      0, 1,
    ])
    expect(callback.best).toBeUndefined()
  })

  test('a loss that is NaN ends the training at once: its weights do not recover', async () => {
    const callback = earlyStopping({ patience: 12, monitor: 'loss', restoreBestWeights: true })
    const logs = [1, Number.NaN, Number.NaN, Number.NaN].map((loss) => ({ loss }))
    expect(await fakeTraining(new FakeModel(), [callback], { logs })).toEqual([0, 1])
    expect([callback.stoppedEpoch, callback.best, callback.bestEpoch]).toEqual([1, 1, 0])
  })

  test('goes on from a saved state as if it had not stopped', async () => {
    const model = new FakeModel()
    const first = earlyStopping({ patience: 2, restoreBestWeights: true })
    await fakeTraining(model, [first], { ...losses(5, 3, 4) })
    const second = earlyStopping({ patience: 2, restoreBestWeights: true })
    second.setState(JSON.parse(JSON.stringify(first.getState())), first.getTensors())
    expect(second.getState()).toEqual(first.getState())
    expect(await second.getTensors().best_0?.toArray()).toEqual([2])
  })

  test('names the logs that there are', async () => {
    const training = fakeTraining(new FakeModel(), [earlyStopping()], { logs: [{ loss: 1, accuracy: 0 }] })
    await expect(training).rejects.toThrow(UnknownNameError)
    await expect(training).rejects.toThrow(
      'earlyStopping: monitor: expected one of loss, accuracy, received "val_loss".',
    )
  })

  test('asks where it cannot know what is better', () => {
    expect(() => earlyStopping({ monitor: 'val_quality' })).toThrow(ArgumentError)
    expect(() => earlyStopping({ monitor: 'val_quality' })).toThrow("Say it: mode: 'min' or mode: 'max'.")
    expect(() => earlyStopping({ monitor: 'val_quality', mode: 'max' })).not.toThrow()
    expect(() => earlyStopping({ patience: -1 })).toThrow(ArgumentError)
  })
})
