import { describe, expect, test } from 'vitest'
import {
  type Data,
  DataError,
  Dataset,
  model as functional,
  input,
  layers,
  sequential,
  tensor,
} from '../index.ts'
import { classifier, labels, refuses, rows } from '../testing/bad-input.ts'

describe('NaN', () => {
  const fix = 'Fill in or drop missing values, or pass allowNaN: true if the model is meant to see them.'
  const x = rows(6)
  ;(x[4] as number[])[2] = Number.NaN

  test('is named by sample and feature', async () => {
    await refuses(
      classifier(),
      x,
      labels(6),
      'data',
      `fit: expected numbers, received NaN in x, sample 4, feature 2. ${fix}`,
    )
    await refuses(
      classifier('meanSquaredError'),
      rows(2),
      [
        [1, 2, 3],
        [4, Number.NaN, 6],
      ],
      'data',
      `fit: expected numbers, received NaN in y, sample 1, feature 1. ${fix}`,
    )
    await refuses(
      classifier(),
      rows(2),
      labels(2),
      'data',
      `fit: expected numbers, received NaN in sampleWeight, sample 0. ${fix}`,
      { sampleWeight: [Number.NaN, 1], allowNaN: true },
    )
    const images = sequential([layers.flatten({ inputShape: [2, 2, 1] })])
    const pixels = new Float32Array(12).fill(1)
    pixels[11] = Number.NaN
    await expect(images.predict(pixels)).rejects.toThrow(
      'predict: expected numbers, received NaN in x, sample 2, feature [1, 1, 0].',
    )
  })

  test('is let through where it is meant', async () => {
    const predicted = await classifier().predict(x, { allowNaN: true })
    const values = (await predicted.data()) as Float32Array
    expect([...values.subarray(9, 15)].map(Number.isNaN)).toEqual([false, false, false, true, true, true])
    await classifier().fit(x, labels(6), { verbose: 0, allowNaN: true })
    await classifier().evaluate(x, labels(6), { verbose: 0, allowNaN: true })
  })
})

describe('too little data', () => {
  test('none', async () => {
    for (const nothing of [[], new Float32Array(0), tensor([], { shape: [0, 4] })] as Data[]) {
      await expect(classifier().fit(nothing, [])).rejects.toMatchObject({
        code: 'data',
        message: expect.stringMatching(/^fit: expected at least one sample, received x of shape \[0/),
      })
      await expect(classifier().predict(nothing)).rejects.toThrow('predict: expected at least one sample')
    }
  })

  test('fewer samples than a batch', async () => {
    const text =
      'fit: batchSize: expected a whole number from 1 to the 6 samples, received 7. ' +
      'Use a smaller batch, or leave the size out.'
    await refuses(classifier(), rows(6), labels(6), 'argument', text, { batchSize: 7 })
    // A size that was meant for more samples is cut to what there is, as in Keras.
    await expect(classifier().evaluate(rows(6), labels(6), { batchSize: 7 })).resolves.toHaveProperty('loss')
    for (const batchSize of [0, -1, 2.5, Number.NaN]) {
      await expect(classifier().fit(rows(6), labels(6), { batchSize })).rejects.toMatchObject({
        code: 'argument',
      })
      await expect(classifier().predict(rows(6), { batchSize })).rejects.toMatchObject({ code: 'argument' })
    }
  })

  test('a split that leaves nothing', async () => {
    for (const validationSplit of [1, 0.99, -0.1, 1.5, Number.NaN]) {
      await expect(classifier().fit(rows(6), labels(6), { validationSplit })).rejects.toMatchObject({
        code: 'argument',
        message: expect.stringContaining('fit: validationSplit: expected a share between 0 and 1'),
      })
    }
  })
})

describe('arrays', () => {
  const ragged = [
    [1, 2, 3, 4],
    [1, 2, 3],
    [1, 2, 3, 4],
  ]
  test('that are ragged', () =>
    refuses(
      classifier(),
      ragged,
      labels(3),
      'data',
      'fit: x: expected rows of one shape, [4] as in row 0, received [3] in row 1. ' +
        'Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
    ))

  test('that are ragged inside of a row, or hold no numbers', async () => {
    const model = classifier()
    await expect(model.predict([[[1, 2], [3]]])).rejects.toThrow(DataError)
    await expect(model.predict([['a', 'b', 'c', 'd']] as unknown as Data)).rejects.toThrow(
      /expected a number at .*\[0\]\[0\] \(row 0, column 0\), received the string "a"/,
    )
    await expect(model.predict([[1, 2, 3, null]] as unknown as Data)).rejects.toThrow(/received null/)
  })

  test('of other kinds', async () => {
    const model = classifier()
    await expect(model.predict(new Int16Array(4) as unknown as Data)).rejects.toThrow(
      /received Int16Array\. Convert it/,
    )
    await expect(model.predict(null as unknown as Data)).rejects.toThrow('received null')
    await expect(model.predict('rows' as unknown as Data)).rejects.toThrow('received the string "rows"')
    await expect(model.fit(rows(3), undefined as unknown as Data)).rejects.toThrow(
      'fit: expected labels y beside x',
    )
  })
})

describe('indices of an embedding', () => {
  const embed = () => layers.embedding({ inputDim: 5, outputDim: 2, inputShape: [3] })
  const good = [
    [0, 1, 2],
    [4, 4, 4],
  ]
  test.each<[string, Data, string]>([
    [
      'too large',
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      '5 in sample 1',
    ],
    ['negative', Int32Array.of(0, 1, 2, 3, -1, 4), '-1 in sample 1'],
    ['no whole number', [[0, 0.5, 1]], '0.5 in sample 0'],
  ])('%s', async (_, x, received) => {
    const model = sequential([embed(), layers.flatten(), layers.dense({ units: 1 })])
    const [name] = model.layers.map((layer) => layer.name)
    const text = `predict: expected whole numbers from 0 to 4 for '${name}', received ${received}. Number the words from 0, or make inputDim larger.`
    await expect(model.predict(x)).rejects.toMatchObject({ code: 'data', message: text })
    expect((await model.predict(good)).shape).toEqual([2, 1])
  })

  test('are found behind inputs and within models', async () => {
    const inner = sequential([embed(), layers.flatten()])
    const [a, b] = [input({ shape: [1] }), input({ shape: [3], dtype: 'int32' })]
    const both = functional({ inputs: [a, b], outputs: layers.concatenate().apply([a, inner.apply(b)]) })
    await expect(
      both.predict([
        [[9], [9]],
        [
          [0, 1, 2],
          [0, 7, 2],
        ],
      ]),
    ).rejects.toThrow('received 7 in sample 1')
    expect((await both.predict([[[9], [9]], good])).shape).toEqual([2, 7])
  })
})

test('a data set whose batches change their dtype is refused, in training and in evaluation', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [2] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const changing = (second: readonly [x: Float32Array | Int32Array, y: Float32Array | Int32Array]) =>
    Dataset.fromAsyncIterable([[Float32Array.of(1, 2), Float32Array.of(3)] as const, second]).batch(1)
  const fix = 'Give all batches the same dtypes.'
  await expect(
    model.fit(changing([Int32Array.of(3, 4), Float32Array.of(7)]), { verbose: 0 }),
  ).rejects.toMatchObject({
    code: 'data',
    message: `fit, batch 1: expected x of dtype float32, as in the first batch, received int32. ${fix}`,
  })
  await expect(
    model.evaluate(changing([Float32Array.of(3, 4), Int32Array.of(7)]), { verbose: 0 }),
  ).rejects.toThrow(
    `evaluate, batch 1: expected y of dtype float32, as in the first batch, received int32. ${fix}`,
  )
})
