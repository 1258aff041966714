import { expect, test } from 'vitest'
import { layers, metrics, sequential, tensor } from '../index.ts'

/** A model whose outputs are its inputs. */
function echo(width: number, options: Parameters<ReturnType<typeof sequential>['compile']>[0]) {
  const model = sequential([layers.dense({ units: width, useBias: false, inputShape: [width] })])
  const one = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => Number(i === j)),
  )
  model.setWeights([tensor(one)])
  model.compile({ loss: 'mse', ...options })
  return model
}

test('a metric that learns its shape from the first batch begins anew with each evaluation', async () => {
  const x = [
    [1, 0],
    [0, 1],
    [1, 0],
  ]
  const wrong = [
    [0, 1],
    [1, 0],
    [0, 1],
  ]
  const model = echo(2, { metrics: [metrics.f1Score({ average: 'macro', threshold: 0.5 })] })
  for (let i = 0; i < 2; i++) {
    expect((await model.evaluate(x, x, { verbose: 0, batchSize: 2 })).f1_score).toBeCloseTo(1, 6)
    expect((await model.evaluate(x, wrong, { verbose: 0, batchSize: 2 })).f1_score).toBeCloseTo(0, 6)
  }
})

test('a metric of several numbers has each in the logs', async () => {
  const model = echo(2, { metrics: ['mae', metrics.f1Score({ threshold: 0.5, name: 'f1' })] })
  const logs = await model.evaluate(
    [
      [1, 0],
      [1, 1],
    ],
    [
      [1, 0],
      [1, 0],
    ],
    { verbose: 0 },
  )
  expect(logs).toEqual({ loss: 0.25, mae: 0.25, f1_0: 1, f1_1: 0 })
})
