import { describe, expect, it } from 'vitest'
import { ShapeError } from '../base/errors.ts'
import { compile, grad, type Tensor, tensor, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { dice, meanSquaredError, sparseCategoricalCrossentropy, tversky } from './index.ts'

describe('weights and masks', () => {
  const yTrue = zeros([2, 3, 1])
  const yPred = tensor([
    [[1], [2], [3]],
    [[4], [5], [6]],
  ])
  const [loss, sum] = [meanSquaredError(), meanSquaredError({ reduction: 'sum' })]

  it('a weight of a sample counts for all its positions', async () => {
    // (1 + 4 + 9)·1 + (16 + 25 + 36)·2
    expect(await sum.apply(yTrue, yPred, tensor([1, 2])).item()).toBe(168)
    expect(await loss.apply(yTrue, yPred, tensor([1, 2])).item()).toBe(28)
  })

  it('masked values leave the mean', async () => {
    const mask = tensor(
      [
        [true, true, false],
        [true, false, false],
      ],
      { dtype: 'bool' },
    )
    expectClose([await loss.apply(yTrue, yPred, undefined, mask).item()], [21 / 3])
    expectClose([await loss.apply(yTrue, yPred, tensor([1, 2]), mask).item()], [37 / 3])
    expect(await sum.apply(yTrue, yPred, undefined, mask).item()).toBe(21)
    const none = zeros([2, 3], { dtype: 'bool' })
    expect(await loss.apply(yTrue, yPred, undefined, none).item()).toBe(0)
  })

  it.each([
    ['sumOverBatchSize', [0.6]],
    ['sum', [1.2]],
    ['meanWithSampleWeight', [0.3]],
    ['none', [0.3, 0.9]],
  ] as const)('weights multiply a loss of the whole batch, as in Keras: %s', async (reduction, expected) => {
    const [labels, predictions] = [
      tensor([
        [0, 1],
        [1, 1],
      ]),
      tensor([
        [0.25, 0.5],
        [0.75, 0.5],
      ]),
    ]
    for (const made of [dice({ reduction }), tversky({ reduction })])
      expectClose(Array.from(await made.apply(labels, predictions, tensor([1, 3])).data(), Number), expected)
  })

  it('refuses shapes that do not fit', () => {
    expect(() => loss.apply(yTrue, yPred, tensor([1, 2, 3]))).toThrow(ShapeError)
    expect(() => loss.apply(zeros([2, 1]), zeros([2, 3]))).toThrow(
      "MeanSquaredError: expected labels of the predictions' shape [2, 3], received [2, 1].",
    )
    expect(() => sparseCategoricalCrossentropy().apply(zeros([2, 3]), zeros([2, 3]))).toThrow(
      'For one-hot labels',
    )
  })
})

it('the name of a loss also computes the values of samples', async () => {
  expect(await meanSquaredError(tensor([[0, 1]]), tensor([[1, 1]])).toArray()).toEqual([0.5])
})

describe('sparse categorical cross-entropy', () => {
  it('makes no one-hot of the vocabulary', () => {
    const loss = sparseCategoricalCrossentropy({ fromLogits: true })
    const gradient = compile((labels: Tensor, logits: Tensor) =>
      grad((x: Tensor) => loss.apply(labels, x))(logits),
    )
    const wide = gradient
      .explain(zeros([4], { dtype: 'int32' }), zeros([4, 1000]))
      .split('\n')
      .filter((line) => line.includes('[4, 1000]'))
    // logits, log softmax, its exponential, that times the cotangent, the scatter, their sum
    expect(wide.length).toBeLessThanOrEqual(6)
  })

  it('takes classes along another axis', async () => {
    const logits = tensor([
      [0.3, 2, -1],
      [1, 0, 0.5],
    ])
    const labels = tensor([2, 0], { dtype: 'int32' })
    const along = (axis: number) => sparseCategoricalCrossentropy({ fromLogits: true, axis })
    const [last, first] = [along(-1).apply(labels, logits), along(0).apply(labels, logits.transpose())]
    expectClose([await first.item()], [await last.item()])
  })
})
