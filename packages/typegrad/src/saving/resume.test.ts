import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'
import {
  type BatchStream,
  Callback,
  callbacks,
  Dataset,
  type FitOptions,
  type History,
  layers,
  type Sequential,
  sequential,
  setRandomSeed,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

let root: string
let program: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-resume-'))
  program = await bundleProgram(new URL('../testing/killed-training.ts', import.meta.url), [
    new URL('../testing/one-thread.ts', import.meta.url),
  ])
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Trains in another process, which is killed at a moment. @returns whether it was. */
function train(folder: string, moment = '', form = 'arrays', saveFreq: 'epoch' | number = 'epoch'): boolean {
  mkdirSync(join(root, folder), { recursive: true })
  const options = [join(root, folder), moment, form, String(saveFreq)]
  const { status, signal, stderr } = spawnSync(process.execPath, [program, ...options])
  if (status !== 0 && moment === '') throw new Error(`exit ${status}, ${signal}: ${stderr}`)
  return status !== 0
}

/** The bytes that a training has left: final weights, the best model, the history. */
const left = (folder: string) =>
  ['weights.safetensors', 'best/model.safetensors', 'best/optimizer.safetensors', 'history.json'].map(
    (file) => readFileSync(join(root, folder, file)).toString('hex'),
  )

test('a training that is killed again and again ends bit for bit as one that was not', {
  timeout: 120_000,
}, () => {
  expect(train('whole')).toBe(false)
  expect(train('whole again')).toBe(false)
  expect(left('whole again'), 'two runs of one seed').toEqual(left('whole'))
  expect(JSON.parse(readFileSync(join(root, 'whole/history.json'), 'utf8'))).toMatchObject({
    epoch: [0, 1, 2, 3, 4, 5],
  })

  expect(train('killed', '0:3'), 'killed before there is any backup').toBe(true)
  expect(readdirSync(join(root, 'killed'))).toEqual([])
  expect(train('killed', '2:1')).toBe(true)
  expect(existsSync(join(root, 'killed/backup'))).toBe(true)
  expect(train('killed', 'after 3:5'), 'killed at the end of an epoch').toBe(true)
  expect(train('killed')).toBe(false)
  expect(left('killed')).toEqual(left('whole'))
  expect(readdirSync(join(root, 'killed')).sort()).toEqual(['best', 'history.json', 'weights.safetensors'])
})

describe('a training that is killed in the middle of its epochs goes on at the same sample', () => {
  test.each([
    ['arrays', 4, ['1:3', '3:5']],
    ['dataset', 4, ['0:5', '4:4']],
    ['repeated', 3, ['1:1']],
  ] as const)('%s, with a backup after %s', { timeout: 120_000 }, (form, saveFreq, moments) => {
    const [whole, killed] = [`${form} ${saveFreq} whole`, `${form} ${saveFreq} killed`]
    expect(train(whole, '', form, saveFreq)).toBe(false)
    for (const moment of moments) {
      expect(train(killed, moment, form, saveFreq), `killed at ${moment}`).toBe(true)
      expect(existsSync(join(root, killed, 'backup')), 'a backup').toBe(true)
    }
    expect(train(killed, '', form, saveFreq)).toBe(false)
    expect(left(killed)).toEqual(left(whole))
  })
})

describe('a training that is stopped by its signal', () => {
  const x = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(i)])
  const y = x.map(([a = 0, b = 0]) => a - b)
  const make = (): Sequential => {
    setRandomSeed(11)
    const model = sequential([
      layers.dense({ units: 8, activation: 'tanh', inputShape: [2] }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 1 }),
    ])
    model.compile({ optimizer: 'adam', loss: 'mse' })
    return model
  }
  const fit = (
    model: Sequential,
    backupDir: string,
    more: Callback[] = [],
    signal?: AbortSignal,
  ): Promise<History> =>
    model.fit(x, y, {
      epochs: 4,
      batchSize: 8,
      verbose: 0,
      ...(signal && { signal }),
      callbacks: [callbacks.backupAndRestore({ backupDir }), ...more],
    })

  test('goes on from its last epoch in the same model and in a new one', async () => {
    const whole = make()
    const { history } = await fit(whole, join(root, 'none'))
    expect(existsSync(join(root, 'none'))).toBe(false)

    const stop = new AbortController()
    class StopAt extends Callback {
      #batches = 0
      override onTrainBatchEnd() {
        this.#batches += 1
        if (this.#batches === 12) stop.abort() // the second of the third epoch's five
      }
    }
    const backup = join(root, 'stopped')
    const first = make()
    const stopped = await fit(first, backup, [new StopAt()], stop.signal)
    expect(stopped).toMatchObject({ epoch: [0, 1], stoppedBy: 'signal' })
    expect(await first.optimizer.iterations.value.item()).toBe(12)

    const rest = await fit(make(), backup)
    expect(rest.epoch).toEqual([0, 1, 2, 3])
    expect(rest.history).toEqual(history)
    expect(existsSync(backup)).toBe(false)
  })

  test.each([
    ['arrays', undefined],
    ['a data set', () => Dataset.fromTensors([x, y]).shuffle(40).batch(8)],
    [
      'a function',
      () => () =>
        Array.from({ length: 5 }, (_, i) => [x.slice(8 * i, 8 * i + 8), y.slice(8 * i, 8 * i + 8)] as const),
    ],
    ['a data set without end', () => Dataset.fromTensors([x, y]).shuffle(40).repeat().batch(7)],
  ])('goes on within an epoch, from its last backup, with %s', async (name, makeStream) => {
    const run = (stopAt: number, saveFreq: number) => {
      const stop = new AbortController()
      class StopAt extends Callback {
        #batches = 0
        override onTrainBatchEnd() {
          this.#batches += 1
          if (this.#batches === stopAt) stop.abort()
        }
      }
      const model = make()
      const options: FitOptions = {
        epochs: 4,
        verbose: 0,
        signal: stop.signal,
        callbacks: [callbacks.backupAndRestore({ backupDir: join(root, name), saveFreq }), new StopAt()],
        ...(makeStream === undefined ? { batchSize: 8 } : {}),
        ...(name.endsWith('end') ? { stepsPerEpoch: 5 } : {}),
      }
      const result =
        makeStream === undefined ? model.fit(x, y, options) : model.fit(makeStream() as BatchStream, options)
      return { model, result }
    }
    const whole = run(0, 1000)
    const { history } = await whole.result
    // In an epoch, behind the last batch of one before its end, and behind more than the backup knows.
    for (const [stopAt, saveFreq] of [
      [7, 7],
      [10, 5],
      [13, 4],
    ] as const) {
      expect((await run(stopAt, saveFreq).result).stoppedBy).toBe('signal')
      const rest = run(0, 1000)
      expect((await rest.result).history, `stopped at ${stopAt}`).toEqual(history)
      expect(await flatWeights(rest.model)).toEqual(await flatWeights(whole.model))
    }
  })

  test('builds a model that only its data would build', async () => {
    const build = () => {
      setRandomSeed(12)
      const model = sequential([layers.dense({ units: 3, activation: 'tanh' }), layers.dense({ units: 1 })])
      model.compile({ optimizer: 'adam', loss: 'mse' })
      return model
    }
    const run = (model: Sequential, more: Callback[], signal?: AbortSignal) =>
      model.fit(Dataset.fromTensors([x, y]).batch(8) as unknown as BatchStream, {
        epochs: 3,
        verbose: 0,
        ...(signal && { signal }),
        callbacks: [callbacks.backupAndRestore({ backupDir: join(root, 'unbuilt'), saveFreq: 2 }), ...more],
      })
    const whole = build()
    await run(whole, [])
    const stop = new AbortController()
    await run(
      build(),
      [callbacks.lambdaCallback({ onTrainBatchEnd: (batch) => void (batch === 3 && stop.abort()) })],
      stop.signal,
    )
    const resumed = build()
    await run(resumed, [])
    expect(await flatWeights(resumed)).toEqual(await flatWeights(whole))
  })

  test('the same model goes back to the end of its last epoch', async () => {
    const whole = make()
    await fit(whole, join(root, 'none'))
    const stop = new AbortController()
    class Stop extends Callback {
      override onEpochBegin(epoch: number) {
        if (epoch === 2) stop.abort()
      }
    }
    const model = make()
    await fit(model, join(root, 'same'), [new Stop()], stop.signal)
    await fit(model, join(root, 'same'))
    expect(await flatWeights(model)).toEqual(await flatWeights(whole))
  })
})
