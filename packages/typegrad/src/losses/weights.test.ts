// Weights and masks of fewer axes than what they weigh, and of more. Found by tools/differential.
import { expect, test } from 'vitest'
import { losses, metrics, type Tensor, tensor } from '../index.ts'

const yTrue = tensor([
  [[1], [2]],
  [[3], [4]],
]) // (2, 2, 1)
const yPred = tensor([
  [[1.5], [1]],
  [[0], [6]],
])
// Absolute errors: 0.5, 1; 3, 2.

test.each([
  [
    'a mask of samples, weights of steps',
    [
      [1, 2],
      [3, 4],
    ],
    [true, false],
    [0.5 * 1 * 2, 1 * 2 * 2],
  ],
  [
    'a mask of samples, weights of steps with an axis of 1',
    [
      [[1], [2]],
      [[3], [4]],
    ],
    [true, false],
    [1, 4],
  ],
  [
    'a mask of steps, weights of samples',
    [5, 7],
    [
      [true, false],
      [true, true],
    ],
    [0.5 * 5, 3 * 7, 2 * 7].map((x) => (x * 4) / 3),
  ],
] as const)('%s', async (_, weights, mask, terms) => {
  // The mean over all values of those that count, which get the share of the others.
  const loss = losses.meanAbsoluteError().apply(yTrue, yPred, tensor(weights as never), tensor(mask as never))
  expect(await loss.item()).toBeCloseTo(terms.reduce((a: number, b: number) => a + b, 0) / 4, 5)
})

const labels: Readonly<Record<string, readonly [Tensor, Tensor]>> = {
  oneHotIoU: [
    tensor([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]),
    tensor([
      [0.1, 0.8, 0.1],
      [0.3, 0.4, 0.3],
      [0, 0, 1],
    ]),
  ],
  iou: [tensor([0, 1, 1]), tensor([0, 1, 0])],
  meanIoU: [tensor([0, 1, 1]), tensor([0, 1, 0])],
  auc: [tensor([0, 1, 1]), tensor([0.2, 0.7, 0.4])],
  precision: [tensor([0, 1, 1]), tensor([0.7, 0.7, 0.4])],
  r2Score: [tensor([[1], [2], [4]]), tensor([[1], [3], [3.5]])],
}
const options: Readonly<Record<string, object>> = {
  oneHotIoU: { numClasses: 3, targetClassIds: [0, 1] },
  iou: { numClasses: 2, targetClassIds: [1] },
  meanIoU: { numClasses: 2 },
}

test.each(Object.keys(labels))('%s takes weights of samples with an axis of 1 as without', async (name) => {
  const results = []
  for (const weights of [tensor([1, 2, 0.5]), tensor([[1], [2], [0.5]])]) {
    const metric = metrics.getMetric({ className: name, config: { ...options[name] } })
    const [t, p] = labels[name] as readonly [Tensor, Tensor]
    metric.updateState(t, p, weights)
    results.push(await metric.result().item())
  }
  expect(results[1]).toBe(results[0])
  expect(Number.isFinite(results[0])).toBe(true)
})

test('null is a choice where Keras has it as one', async () => {
  expect(losses.getLoss({ className: 'MeanSquaredError', config: { reduction: null } }).reduction).toBe(
    'none',
  )
  const scores = metrics.getMetric({ className: 'R2Score', config: { classAggregation: null, name: null } })
  scores.updateState(
    tensor([
      [1, 2],
      [3, 5],
    ]),
    tensor([
      [1, 2],
      [3, 4],
    ]),
  )
  expect(scores.result().shape).toEqual([2])
})
