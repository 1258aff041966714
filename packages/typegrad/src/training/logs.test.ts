import { describe, expect, test, vi } from 'vitest'
import {
  Callback,
  callbacks,
  type EpochLogs,
  input,
  type Logs,
  layers,
  Model,
  metrics,
  model,
  ones,
  optimizers,
  type StepBatch,
  sequential,
  UnknownNameError,
} from '../index.ts'

/** Logs `val_f1` from some epoch on: half of what the epoch before had. */
class F1 extends Callback {
  readonly #from: number
  constructor(from = 0) {
    super()
    this.#from = from
  }
  override onEpochEnd(epoch: number, logs: EpochLogs): void {
    if (epoch >= this.#from) logs.val_f1 = 0.5 ** epoch
  }
}

const still = () => {
  const made = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })])
  made.compile({ optimizer: optimizers.sgd({ learningRate: 1e-9 }), loss: 'mse' })
  return made
}

describe('what a callback adds to the logs of an epoch', () => {
  test('is in the history, and callbacks behind it see it', async () => {
    const seen: Logs[] = []
    const watch = callbacks.lambdaCallback({ onEpochEnd: (_, logs) => void seen.push({ ...logs }) })
    const { history } = await still().fit([1], [1], { epochs: 2, verbose: 0, callbacks: [new F1(), watch] })
    expect(history.val_f1).toEqual([1, 0.5])
    expect(seen.map((logs) => logs.val_f1)).toEqual([1, 0.5])
  })

  test('is what earlyStopping, modelCheckpoint and reduceLROnPlateau can watch', async () => {
    const stopping = callbacks.earlyStopping({ monitor: 'val_f1', mode: 'max' })
    const reducing = callbacks.reduceLROnPlateau({ monitor: 'valF1', mode: 'max', patience: 1, factor: 0.5 })
    const { history, stoppedBy } = await still().fit([1], [1], {
      epochs: 9,
      verbose: 0,
      callbacks: [new F1(), reducing, stopping],
    })
    // 1, then 0.5: the second epoch is no better.
    expect(history.val_f1).toEqual([1, 0.5])
    expect([stoppedBy, stopping.best, stopping.bestEpoch]).toEqual(['callback', 1, 0])
    // The rate that the epoch was trained with, as Keras logs it.
    expect(history.learning_rate?.length).toBe(2)
  })

  test('may come in a later epoch only; epochs without it do not count, which is said once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const stopping = callbacks.earlyStopping({ monitor: 'val_f1', mode: 'max' })
    const { history } = await still().fit([1], [1], {
      epochs: 9,
      verbose: 0,
      callbacks: [new F1(3), stopping],
    })
    expect(history.loss.length).toBe(5)
    expect(history.val_f1?.length).toBe(2)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]?.[0]).toContain("epoch 1 has no 'val_f1', only loss")
    warn.mockRestore()
  })

  test('a name that nothing can log is an error before the first epoch', async () => {
    const stopping = callbacks.earlyStopping({ monitor: 'val_f1', mode: 'max' })
    const shown = callbacks.lambdaCallback({ onTrainEnd: () => {} })
    const fit = still().fit([1], [1], { verbose: 0, callbacks: [stopping, shown] })
    await expect(fit).rejects.toThrow(UnknownNameError)
  })

  test('is a number', async () => {
    const wrong = callbacks.lambdaCallback({
      onEpochEnd: (_, logs) => {
        ;(logs as Record<string, unknown>).f1 = ones([1])
      },
    })
    await expect(still().fit([1], [1], { verbose: 0, callbacks: [wrong] })).rejects.toThrow(
      'LambdaCallback.onEpochEnd: logs.f1: expected a number, received Tensor',
    )
  })

  test('is shown by the progress bar, below what the callback prints', async () => {
    const written: string[] = []
    const bar = callbacks.progressBar({ write: (text) => written.push(text), interactive: false })
    const prints = callbacks.lambdaCallback({ onEpochEnd: () => void written.push('printed') })
    await still().fit([1], [1], { verbose: 0, callbacks: [bar, new F1(), prints] })
    // With verbose 0 the bar says nothing: its order is what counts here.
    expect(written).toEqual(['printed'])
  })
})

test('a step that returns no loss leaves none in the history', async () => {
  class Discriminator extends Model {
    readonly className = 'Discriminator'
    readonly net = sequential([layers.dense({ units: 1, inputShape: [1] })])
    override trainStep({ x }: StepBatch) {
      return { d_loss: x.mean() }
    }
  }
  const own = new Discriminator()
  own.compile({})
  const { history } = await own.fit(ones([4, 1]), null, { verbose: 0 })
  expect(history).toEqual({ d_loss: [1] })
})

// Names as keras/src/trainers/compile_utils.py of Keras 3.15.1 gives them (CompileMetrics.result).
describe('metrics of one name', () => {
  test('the same one weighted and not: two entries', async () => {
    const made = sequential([layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })])
    made.compile({
      optimizer: optimizers.sgd({ learningRate: 1e-9 }),
      loss: 'mse',
      metrics: ['mae'],
      weightedMetrics: ['mae', 'mse', 'mae'],
    })
    const { history } = await made.fit([1, 1], [1, 3], { sampleWeight: [1, 0], verbose: 0 })
    expect(Object.keys(history)).toEqual(['loss', 'mae', 'weighted_mae', 'mse', 'weighted_mae_1'])
    expect(history.mae?.[0]).toBeCloseTo(2, 5)
    expect(history.weighted_mae?.[0]).toBeCloseTo(1, 5)
    expect(history.weighted_mae_1?.[0]).toBeCloseTo(1, 5)
    expect(history.mse?.[0]).toBeCloseTo(1, 5)
  })

  test('are counted, and of several outputs have the name of theirs in front', async () => {
    const x = input({ shape: [1] })
    const dense = (name: string) => layers.dense({ units: 1, name, kernelInitializer: 'zeros' }).apply(x)
    const made = model({ inputs: x, outputs: [dense('a'), dense('b')] })
    made.compile({
      optimizer: optimizers.sgd({ learningRate: 1e-9 }),
      loss: 'mse',
      metrics: [['mae', metrics.meanAbsoluteError({ name: 'mae' })], ['mae']],
      weightedMetrics: [['mae'], ['mse']],
    })
    const y = [
      [1, 3],
      [2, 4],
    ]
    const validationData = [[1, 1], y] as const
    const { history } = await made.fit([1, 1], y, { verbose: 0, validationData })
    const own = ['loss', 'a_loss', 'b_loss', 'a_mae', 'a_mae_1', 'a_weighted_mae', 'b_mae', 'b_mse']
    expect(Object.keys(history)).toEqual([...own, ...own.map((name) => `val_${name}`)])
    expect(history.a_weighted_mae?.[0]).toBeCloseTo(2, 5)
    expect(history.val_b_mse?.[0]).toBeCloseTo(10, 4)
  })
})
