import { describe, expect, test } from 'vitest'
import { type Data, DataError, input, layers, ones, optimizers, sequential, tensor } from '../index.ts'

const classWeight = { 0: 1, 1: 3 }

/** Two classes, each with probability ½: a label's loss is ln 2 times its weight. */
async function lossOf(
  loss: 'sparseCategoricalCrossentropy' | 'categoricalCrossentropy' | 'binaryCrossentropy',
  y: Data,
  {
    shape,
    units = 2,
    sampleWeight,
  }: { shape: number[]; units?: number; sampleWeight?: number[] | number[][] },
): Promise<number> {
  const activation = loss === 'binaryCrossentropy' ? 'sigmoid' : 'softmax'
  const model = sequential([
    input({ shape }),
    layers.dense({ units, activation, kernelInitializer: 'zeros' }),
  ])
  model.compile({ optimizer: optimizers.sgd({ learningRate: 1e-9 }), loss, weightedMetrics: ['accuracy'] })
  const { history } = await model.fit(ones([2, ...shape]), y, {
    verbose: 0,
    classWeight,
    ...(sampleWeight === undefined ? {} : { sampleWeight }),
  })
  return (history.loss[0] as number) / Math.LN2
}

describe('classWeight', () => {
  test('weighs samples by class number and by one-hot row', async () => {
    expect(await lossOf('sparseCategoricalCrossentropy', [1, 0], { shape: [2] })).toBeCloseTo(4 / 2, 4)
    expect(await lossOf('binaryCrossentropy', [1, 0], { shape: [2], units: 1 })).toBeCloseTo(4 / 2, 4)
    const rows = [
      [0, 1],
      [1, 0],
    ]
    expect(await lossOf('categoricalCrossentropy', rows, { shape: [2] })).toBeCloseTo(4 / 2, 4)
  })

  const steps = [
    [0, 1, 1],
    [0, 0, 0],
  ]
  const hot = steps.map((row) => row.map((label) => (label === 1 ? [0, 1] : [1, 0])))

  // Weights 1, 3, 3, 1, 1, 1 of six steps.
  test('weighs each step of labels for every step', async () => {
    const shape = [3, 2]
    expect(await lossOf('sparseCategoricalCrossentropy', steps, { shape })).toBeCloseTo(10 / 6, 4)
    expect(
      await lossOf('sparseCategoricalCrossentropy', tensor(steps).expandDims(-1), { shape }),
    ).toBeCloseTo(10 / 6, 4)
    expect(await lossOf('categoricalCrossentropy', hot, { shape })).toBeCloseTo(10 / 6, 4)
    expect(await lossOf('binaryCrossentropy', steps, { shape, units: 1 })).toBeCloseTo(10 / 6, 4)
  })

  test('times the weight of the sample, or of the step', async () => {
    const shape = [3, 2]
    const loss = 'sparseCategoricalCrossentropy'
    expect(await lossOf(loss, steps, { shape, sampleWeight: [2, 0] })).toBeCloseTo(14 / 6, 4)
    const sampleWeight = [
      [1, 2, 0],
      [0, 1, 0],
    ]
    expect(await lossOf(loss, steps, { shape, sampleWeight })).toBeCloseTo((1 + 6 + 1) / 6, 4)
  })

  test('a step without a class, a row of zeros, has no weight of one', async () => {
    const padded = hot.map((row, i) => (i === 0 ? [...row.slice(0, 2), [0, 0]] : row))
    expect(await lossOf('categoricalCrossentropy', padded, { shape: [3, 2] })).toBeCloseTo(7 / 6, 4)
  })

  test('refuses labels of several classes at once, and those that are no classes', async () => {
    const both = [
      [1, 1],
      [0, 1],
    ]
    await expect(lossOf('binaryCrossentropy', both, { shape: [2] })).rejects.toThrow(DataError)
    await expect(lossOf('binaryCrossentropy', both, { shape: [2] })).rejects.toThrow(
      'fit: classWeight: expected labels of one class each: class numbers, or one-hot rows, received [1, 1]',
    )
    await expect(lossOf('binaryCrossentropy', [0.5, 1], { shape: [2], units: 1 })).rejects.toThrow(
      'expected labels that are class numbers, received 0.5',
    )
  })
})
