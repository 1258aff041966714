import { expect, test } from 'vitest'
import { layers, optimizers, sequential, tensor } from '../index.ts'

const x = [[1], [2]]
const y = [[2], [4]]

function model(options: Parameters<typeof optimizers.sgd>[0]) {
  const made = sequential([layers.dense({ units: 1, useBias: false, inputShape: [1] })])
  made.setWeights([tensor([[0]])])
  made.compile({ optimizer: optimizers.sgd({ learningRate: 0.1, ...options }), loss: 'mse' })
  return made
}

const kernel = async (made: ReturnType<typeof model>): Promise<number> =>
  (await made.getWeights()[0]?.item()) ?? Number.NaN

test('a loss scale changes neither the step nor the logs', async () => {
  const [plain, scaled] = [model({}), model({ lossScaleFactor: 1024 })]
  const logs = await Promise.all([plain.trainOnBatch(x, y), scaled.trainOnBatch(x, y)])
  // Errors −2 and −4: a mean square of 10, a gradient of −10, a step of 1.
  expect(logs.map(({ loss }) => loss)).toEqual([10, 10])
  expect(await kernel(plain)).toBeCloseTo(1, 6)
  expect(await kernel(scaled)).toBeCloseTo(1, 6)
})

test('averages of weights take their place when the training ends', async () => {
  const averaged = model({ useEma: true, emaMomentum: 0.5 })
  await averaged.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 })
  // w: 0 → 1 → 1.5; the average starts with the first step's weight: 1 → 1.25.
  expect(await kernel(averaged)).toBeCloseTo(1.25, 6)
})
