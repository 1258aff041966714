import { expect, test } from 'vitest'
import {
  crossValidate,
  layers,
  optimizers,
  random,
  sequential,
  setRandomSeed,
  stratifiedKFold,
} from '../index.ts'

const build = () => {
  const model = sequential([layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] })])
  model.compile({
    optimizer: optimizers.sgd({ learningRate: 1 }),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  })
  return model
}

test('a score for each fold, of models that have not seen it, with mean and spread', async () => {
  setRandomSeed(1)
  const x = await random.normal([60, 2]).evaluate()
  const y = await x.sum(1, { keepDims: true }).greater(0).cast('float32').evaluate()
  const labels = (await y.data()) as Float32Array
  const seen: number[] = []
  const result = await crossValidate(
    build,
    { x, y },
    {
      folds: stratifiedKFold(labels, { folds: 3 }),
      epochs: 30,
      batchSize: 8,
      onFold: (fold) => seen.push(fold),
    },
  )
  expect(seen).toEqual([0, 1, 2])
  const losses = result.folds.map((logs) => logs.loss as number)
  const mean = losses.reduce((a, b) => a + b) / 3
  expect(result.mean.loss).toBeCloseTo(mean, 12)
  expect(result.spread.loss).toBeCloseTo(Math.sqrt(losses.reduce((s, l) => s + (l - mean) ** 2, 0) / 2), 12)
  expect(result.mean.accuracy).toBeGreaterThan(0.85)
})

test('the same model twice is refused: it would know the other folds', async () => {
  const model = build()
  const data = {
    x: [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
    y: [[0], [1], [0], [1]],
  }
  await expect(crossValidate(() => model, data, { folds: 2 })).rejects.toThrow('a new model from each call')
})

test('raw samples: what is fitted is fitted within each fold, without its test samples', async () => {
  setRandomSeed(1)
  const samples = Array.from({ length: 12 }, (_, i) => ({ size: i, isLarge: i > 5 }))
  const fitted: number[][] = []
  const prepared: number[][] = []
  const built: unknown[] = []
  const { folds } = await crossValidate(
    (training) => {
      built.push(training.x)
      const model = sequential([layers.dense({ units: 1, activation: 'sigmoid', inputShape: [1] })])
      model.compile({ optimizer: optimizers.sgd({ learningRate: 1 }), loss: 'binaryCrossentropy' })
      return model
    },
    {
      samples,
      prepare: (training) => {
        fitted.push(training.map(({ size }) => size))
        const most = Math.max(...training.map(({ size }) => size))
        return (some) => {
          prepared.push(some.map(({ size }) => size))
          return { x: some.map(({ size }) => [size / most]), y: some.map(({ isLarge }) => Number(isLarge)) }
        }
      },
    },
    { folds: 3, epochs: 2 },
  )
  expect(folds.length).toBe(3)
  expect(built.length).toBe(3)
  fitted.forEach((training, fold) => {
    expect(training.length).toBe(8)
    const [again, test] = [prepared[2 * fold], prepared[2 * fold + 1]] as [number[], number[]]
    expect(again).toEqual(training)
    expect([...training, ...test].sort((a, b) => a - b)).toEqual(samples.map(({ size }) => size))
  })
})
