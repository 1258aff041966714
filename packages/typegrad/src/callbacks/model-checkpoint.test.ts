import { describe, expect, test } from 'vitest'
import { ArgumentError, UnknownNameError } from '../base/errors.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { modelCheckpoint } from './model-checkpoint.ts'

const logs = [3, 2, 2.5, 1].map((loss) => ({ loss, val_loss: loss + 0.125 }))

describe('modelCheckpoint', () => {
  test('saves after each epoch', async () => {
    const model = new FakeModel()
    const callback = modelCheckpoint({ filepath: 'runs/{epoch:02d}-{val_loss:.2f}' })
    await fakeTraining(model, [callback], { logs })
    expect(model.saved).toEqual(['runs/01-3.13', 'runs/02-2.13', 'runs/03-2.63', 'runs/04-1.13'])
    expect(callback.lastPath).toBe('runs/04-1.13')
  })

  test('saves the best only', async () => {
    const model = new FakeModel()
    const callback = modelCheckpoint({
      filepath: '{epoch}.safetensors',
      saveBestOnly: true,
      saveWeightsOnly: true,
    })
    await fakeTraining(model, [callback], { logs })
    expect(model.saved).toEqual(['1.safetensors', '2.safetensors', '4.safetensors'])
    expect(callback.best).toBe(1.125)
  })

  test('saves what beats a threshold', async () => {
    const model = new FakeModel()
    const callback = modelCheckpoint({ filepath: '{epoch}', saveBestOnly: true, initialValueThreshold: 2.2 })
    await fakeTraining(model, [callback], { logs })
    expect(model.saved).toEqual(['2', '4'])
  })

  test('saves after so many batches, across epochs', async () => {
    const model = new FakeModel()
    await fakeTraining(model, [modelCheckpoint({ filepath: '{epoch}.{batch}', saveFreq: 3 })], { logs })
    expect(model.saved).toEqual(['2.1', '3.2'])
  })

  test('a model that could not be saved is not the one to beat', async () => {
    const model = new FakeModel()
    model.save = () => Promise.reject(new Error('the disk is full'))
    const callback = modelCheckpoint({ filepath: 'best', saveBestOnly: true })
    await expect(fakeTraining(model, [callback], { logs })).rejects.toThrow('the disk is full')
    expect(callback.best).toBeUndefined()
  })

  test('goes on from a saved state', () => {
    const callback = modelCheckpoint({ filepath: 'best', saveBestOnly: true })
    callback.setState({ best: 1.5, lastPath: 'best', batchesSinceSave: 0 })
    expect(callback.getState()).toEqual({ best: 1.5, lastPath: 'best', batchesSinceSave: 0 })
  })

  test('says before anything runs what is wrong', async () => {
    expect(() => modelCheckpoint({ filepath: 'x', saveFreq: 0 })).toThrow(ArgumentError)
    const unknown = modelCheckpoint({ filepath: '{epoch}-{val_acuracy}' })
    const training = fakeTraining(new FakeModel(), [unknown], { logs: [{ loss: 1, val_accuracy: 1 }] })
    await expect(training).rejects.toThrow(UnknownNameError)
    await expect(training).rejects.toThrow("Did you mean 'val_accuracy'?")
    const between = modelCheckpoint({ filepath: 'x', saveFreq: 5, saveBestOnly: true })
    await expect(fakeTraining(new FakeModel(), [between], { logs })).rejects.toThrow(
      /expected one of loss, received/,
    )
  })
})
