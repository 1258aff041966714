import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layers, optimizers, sequential, space, type TuneOptions, tune, type Values } from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const x = Array.from({ length: 48 }, (_, i) => [Math.sin(i), Math.cos(2 * i)])
const y = x.map(([a = 0, b = 0]) => [a * b])
const options = {
  units: space.int({ min: 1, max: 12, log: true }),
  learningRate: space.float({ min: 1e-4, max: 1, log: true }),
  activation: space.choice(['relu', 'tanh']),
  bias: space.boolean(),
}
/** Not built before its first data. */
function buildModel({ units, learningRate, activation, bias }: Values<typeof options>) {
  const named: 'relu' | 'tanh' = activation
  const model = sequential([
    layers.dense({ units, activation: named, useBias: bias, name: 'hidden' }),
    layers.dense({ units: 1, name: 'head' }),
  ])
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: 'mse' })
  return model
}
const run = (more: TuneOptions<typeof options>, killedAfter = Number.POSITIVE_INFINITY) => {
  let built = 0
  const kill = new AbortController()
  return tune(
    (values) => {
      built += 1
      if (built > killedAfter) kill.abort(new Error('killed'))
      return buildModel(values)
    },
    options,
    { x, y },
    { trials: 7, epochs: 3, validationSplit: 0.25, batchSize: 12, signal: kill.signal, ...more },
  )
}

for (const strategy of ['tpe', 'hyperband'] as const) {
  test(`${strategy} finds a model, and the same one after an interruption`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-tune-'))
    try {
      const whole = await run({ strategy, startupTrials: 3 })
      const scores = whole.trials.map(({ score }) => score)
      expect(scores).toEqual([...scores].sort((a, b) => a - b))
      expect(whole.best).toBe(whole.trials[0])
      const best = await whole.bestModel()
      const split = 36
      const { loss } = await best.evaluate(x.slice(split), y.slice(split), { verbose: 0 })
      expect(loss).toBeCloseTo(whole.best.score, 5)

      await expect(run({ strategy, startupTrials: 3, folder }, 4)).rejects.toThrow('killed')
      const resumed = await run({ strategy, startupTrials: 3, folder })
      expect(resumed.trials).toEqual(whole.trials)
      const again = await run({ strategy, startupTrials: 3, folder }, 1)
      for (const tuning of [resumed, again])
        expect(await flatWeights(await tuning.bestModel())).toEqual(await flatWeights(best))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

test('an objective that there is not, and a model that is handed out twice', async () => {
  await expect(run({ objective: 'val_accuracy' })).rejects.toThrow(
    "tune: objective: expected one of loss, val_loss, received 'val_accuracy'.",
  )
  const one = buildModel({ units: 2, learningRate: 0.1, activation: 'tanh', bias: true })
  await expect(
    tune(() => one, options, { x, y }, { trials: 2, epochs: 1, objective: 'loss' }),
  ).rejects.toThrow('a new model from each call')
})
