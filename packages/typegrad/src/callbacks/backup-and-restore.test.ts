import { describe, expect, test } from 'vitest'
import { ArgumentError, FormatError, StateError } from '../base/errors.ts'
import { FakeModel, fakeTraining } from '../testing/fake-training.ts'
import { backupAndRestore } from './backup-and-restore.ts'
import type { Callback } from './callback.ts'
import { csvLogger } from './csv-logger.ts'
import { earlyStopping } from './early-stopping.ts'
import { History } from './history.ts'
import { lambdaCallback } from './lambda-callback.ts'
import { modelCheckpoint } from './model-checkpoint.ts'
import { reduceLROnPlateau } from './reduce-lr-on-plateau.ts'

const losses = [5, 3, 4, 3.5, 3.2, 3.1]
const logs = losses.map((val_loss) => ({ loss: 1, val_loss }))

/** The callbacks of one call of fit; the backup stands first, and is called last all the same. */
const callbacks = () => {
  const stopping = earlyStopping({ patience: 3, restoreBestWeights: true })
  const history = new History()
  return { stopping, history, all: [backupAndRestore({ backupDir: 'backup' }), history, stopping] }
}

describe('backupAndRestore', () => {
  test('a killed and resumed training ends as an uninterrupted one', async () => {
    const whole = callbacks()
    const uninterrupted = new FakeModel()
    const trained = await fakeTraining(uninterrupted, whole.all, { logs })

    for (let killedIn = 0; killedIn < trained.length; killedIn++) {
      const model = new FakeModel()
      const before = await fakeTraining(model, callbacks().all, { logs, killedIn })
      model.weight = -1
      const resumed = callbacks()
      const after = await fakeTraining(model, resumed.all, { logs })
      expect([...before, ...after]).toEqual(trained)
      expect(resumed.history.history).toEqual(whole.history.history)
      expect(resumed.stopping.getState()).toEqual(whole.stopping.getState())
      expect(await model.pending).toBe(await uninterrupted.pending)
      expect(model.disk.size, 'a backup after the end').toBe(0)
    }
  })

  test('is kept where the training was interrupted, and on demand', async () => {
    const model = new FakeModel()
    await fakeTraining(model, callbacks().all, { logs, ending: 'signal' })
    expect([...model.disk.keys()]).toEqual([]) // early stopping had ended it before the signal
    await fakeTraining(model, callbacks().all, { logs: logs.slice(0, 2), ending: 'signal' })
    expect([...model.disk.keys()]).toEqual(['backup'])
    const kept = new FakeModel()
    await fakeTraining(kept, [backupAndRestore({ backupDir: 'b', deleteCheckpoint: false })], { logs })
    expect([...kept.disk.keys()]).toEqual(['b'])
  })

  test('is made after so many batches, where saveFreq says so', async () => {
    const model = new FakeModel()
    const made: unknown[] = []
    const save = model.saveTrainingState.bind(model)
    model.saveTrainingState = async (folder, state) => {
      const { epoch, batch } = state.extra as { epoch: number; batch: number }
      made.push([epoch, batch])
      await save(folder, state)
    }
    const backup = () => backupAndRestore({ backupDir: 'backup', saveFreq: 3, deleteCheckpoint: false })
    await fakeTraining(model, [backup()], { logs, steps: 4 })
    // Every third of 24 batches; at the end of an epoch only where that is one of them.
    expect(made).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
      [2, 4],
      [3, 3],
      [4, 2],
      [5, 1],
      [5, 4],
    ])
    const resuming = backup()
    resuming.model = model
    resuming.params = { callbacks: [], epochs: 6, steps: 4 } as never
    expect(await resuming.resumeFrom()).toMatchObject({ epoch: 5, batch: 4 })
    for (const saveFreq of [0, -1, 1.5, 'batch' as never]) {
      expect(() => backupAndRestore({ backupDir: 'b', saveFreq })).toThrow(ArgumentError)
    }
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a negative epoch', { epoch: -3 }, /extra\.epoch: expected a whole number of at least 0, received -3/],
    ['an epoch beyond the last', { epoch: 99 }, /at most 6 epochs of 4 batches, .* after 99 epochs/],
    ['a batch that is a text', { batch: 'x' }, /extra\.batch: expected a whole number .* received "x"/],
    ['half a batch', { batch: 1.5 }, /extra\.batch: .* received 1\.5/],
    ['a batch beyond the last', { batch: 1e9 }, /received one after 0 epochs and 1000000000 batches/],
    ['callbacks that are none', { callbacks: 5 }, /extra\.callbacks: expected a list, received 5/],
    ['something more', { more: 1 }, /extra\.more: expected .* and no more/],
  ])('does not believe %s', async (_, change, message) => {
    const model = new FakeModel()
    const good = { version: 1, epoch: 0, batch: 0, position: null, callbacks: [] }
    await model.saveTrainingState('backup', { extra: { ...good, ...change }, tensors: {} })
    const resuming = backupAndRestore({ backupDir: 'backup' })
    resuming.model = model
    resuming.params = { callbacks: [], epochs: 6, steps: 4 } as never
    await expect(resuming.resumeFrom()).rejects.toThrow(message)
  })

  test.each<[string, Callback, unknown, RegExp]>([
    [
      'history',
      new History(),
      { epoch: [0, 1], history: { loss: [1] } },
      /values of the 2 epochs, received 1/,
    ],
    [
      'history',
      new History(),
      { epoch: [0], history: { loss: 5 } },
      /history\.history\.loss: expected a list/,
    ],
    ['earlyStopping', earlyStopping(), null, /expected an object of best, bestEpoch/],
    [
      'earlyStopping',
      earlyStopping(),
      { best: 1, bestEpoch: 0, wait: 1e9, hasWeights: false },
      /wait: expected a whole/,
    ],
    [
      'earlyStopping',
      earlyStopping(),
      { best: null, lastPath: null, batchesSinceSave: 0 },
      /lastPath: expected best,/,
    ],
    [
      'modelCheckpoint',
      modelCheckpoint({ filepath: 'x' }),
      { best: 'low', lastPath: null, batchesSinceSave: 0 },
      /best/,
    ],
    ['reduceLROnPlateau', reduceLROnPlateau(), { best: 1, wait: -1, cooldownLeft: 0 }, /wait/],
    ['csvLogger', csvLogger({ filename: 'x' }), { lines: -1 }, /lines: expected a whole/],
    ['csvLogger', csvLogger({ filename: 'x' }), { columns: [1], bytes: 0 }, /columns: expected lines, bytes/],
  ])('%s does not believe its state', async (_, callback, state, message) => {
    await expect((async () => callback.setState(state, {}))()).rejects.toThrow(message)
  })

  test('does not mind callbacks that have no state', async () => {
    const model = new FakeModel()
    await fakeTraining(model, callbacks().all, { logs, killedIn: 2 })
    expect(await fakeTraining(model, [lambdaCallback({}), ...callbacks().all], { logs })).toEqual([2, 3, 4])
  })

  test('refuses another training, with all that differs, before anything is loaded', async () => {
    const model = new FakeModel()
    const of = (identity: Record<string, unknown>) => [backupAndRestore({ backupDir: 'backup', identity })]
    await fakeTraining(model, of({ data: 'a.txt', batch: 8, length: 64 }), { logs, killedIn: 2 })
    model.weight = -1
    const other = fakeTraining(model, of({ data: 'b.txt', batch: 8, seed: 3 }), { logs })
    await expect(other).rejects.toThrow(
      'backupAndRestore: expected the training that was interrupted: data "a.txt", length 64, seed nothing, ' +
        'received data "b.txt", length nothing, seed 3. Go on with what it was, or remove backup to begin anew.',
    )
    expect(model.weight).toBe(-1)
    expect(await fakeTraining(model, of({ length: 64, batch: 8, data: 'a.txt' }), { logs })).toEqual([
      2, 3, 4, 5,
    ])
  })

  test('tells trainings apart that differ at the end of a long list', async () => {
    const model = new FakeModel()
    const files = Array.from({ length: 50 }, (_, i) => `corpus/part-${i}.txt`)
    const of = (last: string) => [
      backupAndRestore({ backupDir: 'backup', identity: { files: [...files, last] } }),
    ]
    await fakeTraining(model, of('a.txt'), { logs, killedIn: 2 })
    await expect(fakeTraining(model, of('b.txt'), { logs })).rejects.toThrow(/files \["corpus/)
  })

  test('says what does not fit', async () => {
    const model = new FakeModel()
    await fakeTraining(model, callbacks().all, { logs, killedIn: 2 })
    const fewer = fakeTraining(model, callbacks().all.slice(0, 2), { logs })
    await expect(fewer).rejects.toThrow(StateError)
    await expect(fewer).rejects.toThrow(
      'backupAndRestore: expected the 2 callbacks with a state of the training that was interrupted, ' +
        'received 1 (History). Give fit the same callbacks, or remove backup to begin anew.',
    )
    await model.saveTrainingState('backup', { extra: { version: 2 }, tensors: {} })
    await expect(fakeTraining(model, callbacks().all, { logs })).rejects.toThrow(FormatError)
  })
})
