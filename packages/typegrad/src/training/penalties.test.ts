import { expect, test } from 'vitest'
import { constraints, layers, optimizers, regularizers, sequential, tensor } from '../index.ts'

const x = [
  [1, 2],
  [3, 4],
]
const y = [[1], [2]]

function model(options: Partial<Parameters<typeof layers.dense>[0]>) {
  const made = sequential([layers.dense({ units: 1, useBias: false, inputShape: [2], ...options })])
  made.setWeights([tensor([[0.5], [-0.25]])])
  made.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
  return made
}

// Predictions are 0 and 0.5, errors −1 and −1.5: a mean square of 1.625.
test('activities cost what their regularizer says, divided by the batch', async () => {
  const logs = await model({ activityRegularizer: regularizers.l1({ l1: 0.1 }) }).testOnBatch(x, y)
  expect(logs.loss).toBeCloseTo(1.625 + (0.1 * (0 + 0.5)) / 2, 6)
})

test('weights cost what theirs says', async () => {
  const logs = await model({ kernelRegularizer: regularizers.l2({ l2: 0.1 }) }).testOnBatch(x, y)
  expect(logs.loss).toBeCloseTo(1.625 + 0.1 * (0.25 + 0.0625), 6)
})

test('a constraint holds after every step', async () => {
  const made = model({ kernelConstraint: constraints.nonNeg() })
  await made.trainOnBatch(x, y)
  // Gradient: xᵀ(ŷ − y) = [−5.5, −8], so the step leads to [1.05, 0.55].
  const [kernel] = made.getWeights()
  const values = Array.from((await kernel?.data()) as Float32Array)
  expect(values[0]).toBeCloseTo(1.05, 6)
  expect(values[1]).toBeCloseTo(0.55, 6)
  const tight = model({ kernelConstraint: constraints.maxNorm({ maxValue: 0.3 }) })
  await tight.trainOnBatch(x, y)
  const [short] = tight.getWeights()
  expect(await short?.norm().item()).toBeCloseTo(0.3, 5)
})
