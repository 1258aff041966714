import { describe, expect, test } from 'vitest'
import { input, layers, losses, model, sequential, TypegradError } from '../index.ts'
import { classifier, labels, refuses, rows } from '../testing/bad-input.ts'

describe('shapes that do not fit', () => {
  test('of samples', () =>
    refuses(
      classifier(),
      rows(6, 5),
      labels(6),
      'data',
      "fit: expected samples of shape [batch, 4] for input 'rows_input', received [6, 5]. " +
        'Reshape the data, or build the model for another inputShape.',
    ))

  test('of samples in a typed array', () =>
    refuses(
      classifier(),
      new Float32Array(23),
      labels(6),
      'data',
      'fit: x: expected whole samples of shape [4], 4 elements each, received 23 elements. ' +
        'Cut the data to whole samples, or build the model for another inputShape.',
    ))

  test('of a single row', async () => {
    await expect(classifier().predict([1, 2, 3, 4])).rejects.toThrow(/expected samples of shape \[batch, 4\]/)
  })

  test('of labels against the output', async () => {
    await refuses(
      classifier('meanSquaredError'),
      rows(6),
      labels(6),
      'data',
      "MeanSquaredError: expected labels of the model's output shape [batch, 3], received labels of shape [6].",
    )
    await refuses(
      classifier('categoricalCrossentropy'),
      rows(6),
      rows(6, 2),
      'data',
      "CategoricalCrossentropy: expected labels of the model's output shape [batch, 3], received labels of shape " +
        '[6, 2]. Labels are one-hot here; for class numbers use sparseCategoricalCrossentropy.',
    )
    await refuses(
      classifier(),
      rows(6),
      rows(6, 3),
      'data',
      'SparseCategoricalCrossentropy: expected a class number for each row of the output [batch, 3]: labels of ' +
        'shape [batch], received labels of shape [6, 3]. For one-hot labels use categoricalCrossentropy.',
    )
  })

  test('of samples against labels and weights', async () => {
    const fix = 'Give every sample its label (and weight).'
    await refuses(
      classifier(),
      rows(6),
      labels(5),
      'data',
      `fit: expected 6 samples in y, as in x, received 5. ${fix}`,
    )
    await refuses(
      classifier(),
      rows(6),
      labels(6),
      'data',
      `fit: expected 6 samples in sampleWeight, as in x, received 2. ${fix}`,
      { sampleWeight: [1, 2] },
    )
  })

  test('of layers, when the model is made', () => {
    expect(() =>
      sequential([
        layers.dense({ units: 3, inputShape: [28, 28] }),
        layers.conv2d({ filters: 1, kernelSize: 3 }),
      ]),
    ).toThrow(/^Conv2D: expected an input of rank 4, .*, received shape \[batch, 28, 3\]\./)
    const [a, b] = [input({ shape: [2] }), input({ shape: [3] })]
    expect(() => layers.add().apply([a, b])).toThrow(TypegradError)
  })

  test('found by a layer that was built on data', async () => {
    const model = sequential([layers.flatten(), layers.dense({ units: 1 })])
    model.compile({ loss: 'mse' })
    await model.fit(rows(3), [1, 2, 3], { verbose: 0 })
    await expect(model.predict(rows(3, 5))).rejects.toThrow(
      /expected samples of shape \[batch, 4\].*received \[3, 5\]/,
    )
  })
})

describe('labels', () => {
  test('out of range', async () => {
    await refuses(
      classifier(),
      rows(4),
      [0, 1, 3, 2],
      'data',
      'SparseCategoricalCrossentropy: expected whole class numbers from 0 to 2 (the output has 3 classes), ' +
        'received 3 for sample 2. Number the classes from 0, or widen the last layer.',
    )
    await refuses(
      classifier(),
      rows(4),
      Int32Array.of(0, -1, 1, 2),
      'data',
      'SparseCategoricalCrossentropy: expected whole class numbers from 0 to 2 (the output has 3 classes), ' +
        'received -1 for sample 1. Number the classes from 0, or widen the last layer.',
    )
  })

  test('where each step is a class, so that inputs alone say how many there are', async () => {
    const steps = input({ shape: ['steps', 2] })
    const scores = layers.dense({ units: 1 }).apply(steps).at(0, -1)
    const pointer = model({ inputs: steps, outputs: scores })
    pointer.compile({ optimizer: 'sgd', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) })
    const x = [
      [
        [1, 2],
        [3, 4],
        [0, 1],
      ],
    ]
    const { history } = await pointer.fit(x, [2], { verbose: 0 })
    expect(history.loss?.[0]).toBeGreaterThan(0)
    await expect(pointer.fit(x, [-1], { verbose: 0 })).rejects.toThrow(
      /expected whole class numbers of at least 0, received -1 for sample 0/,
    )
  })

  test('out of range far behind', async () => {
    const y = new Uint8Array(200_000)
    y[150_001] = 77
    await expect(classifier().fit(new Float32Array(800_000), y)).rejects.toThrow(
      'received 77 for sample 150001.',
    )
  })

  test('not one-hot', async () => {
    const y = rows(4, 3).map((_, i) => [0, 0, 0].map((_, j) => Number(i === j || (i === 2 && j === 0))))
    await expect(classifier('categoricalCrossentropy').fit(rows(4), y)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(/sample 2/),
    })
  })

  test('of a validation are checked before the training', async () => {
    await refuses(
      classifier(),
      rows(4),
      labels(4),
      'data',
      'SparseCategoricalCrossentropy: expected whole class numbers from 0 to 2 (the output has 3 classes), ' +
        'received 9 for sample 1. Number the classes from 0, or widen the last layer.',
      { validationData: [rows(2), [0, 9]] },
    )
  })
})
