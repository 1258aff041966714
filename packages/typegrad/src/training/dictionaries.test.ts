// Models whose inputs and outputs go by names, against Keras's.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  Dataset,
  input,
  layers,
  loadModel,
  type Model,
  model,
  optimizers,
  type Predicted,
  readKeras,
  readKerasH5,
  type Tensor,
  tensor,
  UnknownNameError,
  writeKeras,
  writeKerasH5,
} from '../index.ts'

const folder = new URL('../../golden/keras-files/', import.meta.url)
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)))
const told = JSON.parse(new TextDecoder().decode(bytesOf('dictionaries.json'))) as {
  readonly x: { readonly image: number[][]; readonly a_text: number[][] }
  readonly y: { readonly the_class: number[]; readonly box: number[][] }
  readonly weights: { readonly the_class: number[]; readonly box: number[] }
  readonly prediction: Answer
  readonly after: Answer
  readonly evaluated: Logs
  readonly weighted: Logs
  readonly history: Readonly<Record<string, number[]>>
  readonly nested: number[][][]
}
type Answer = Readonly<Record<'the_class' | 'box', number[][]>>
type Logs = Readonly<Record<string, number>>
type Predictions = Readonly<Record<'the_class' | 'box', Predicted>>
type Reader = Model<Predictions>

const near = (value: unknown): unknown => {
  if (typeof value === 'number') return expect.closeTo(value, 5)
  if (Array.isArray(value)) return value.map(near)
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, near(item)]))
}
const arrays = async (answer: Readonly<Record<string, Tensor>>): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(answer).map(async ([name, t]) => [name, await t.toArray()] as const)),
  )

const saved = () => readKeras<Predictions>(bytesOf('dictionaries.keras'))
const inFolder = async (): Promise<Reader> => {
  const at = mkdtempSync(join(tmpdir(), 'typegrad-names-'))
  await (await saved()).save(join(at, 'model'))
  const again = await loadModel<Predictions>(join(at, 'model'))
  rmSync(at, { recursive: true })
  return again
}

describe.each<[string, () => Promise<Reader>]>([
  ['.keras', saved],
  ['.h5', () => readKerasH5<Predictions>(bytesOf('dictionaries.h5'))],
  ['.keras written again', async () => readKeras<Predictions>(await writeKeras(await saved()))],
  ['.h5 written again', async () => readKerasH5<Predictions>(await writeKerasH5(await saved()))],
  ['a folder', inFolder],
])('%s', (_, load) => {
  test('predicts, evaluates and trains as in Keras', async () => {
    const reader = await load()
    expect(await arrays(await reader.predict(told.x))).toEqual(near(told.prediction))
    expect(await reader.evaluate(told.x, told.y, { verbose: 0 })).toEqual(near(told.evaluated))
    expect(await reader.evaluate(told.x, told.y, { sampleWeight: told.weights, verbose: 0 })).toEqual(
      near(told.weighted),
    )
    const { history } = await reader.fit(told.x, told.y, {
      batchSize: 3,
      epochs: 2,
      shuffle: false,
      verbose: 0,
    })
    expect(history).toEqual(near(told.history))
    expect(await arrays(await reader.predict(told.x))).toEqual(near(told.after))
  })
})

test('a model by names within another', async () => {
  for (const bytes of [
    bytesOf('nested_dictionary.keras'),
    await writeKeras(await readKeras(bytesOf('nested_dictionary.keras'))),
  ]) {
    const outer = await readKeras<readonly Tensor[]>(bytes)
    const predicted = await outer.predict([told.x.a_text, told.x.image].map((rows) => tensor(rows)))
    expect(await Promise.all(predicted.map((t) => t.toArray()))).toEqual(near(told.nested))
  }
})

const made = () => {
  const image = input({ shape: [4], name: 'pixels' })
  const text = input({ shape: [3] })
  const both = layers.concatenate().apply([image, text])
  const cls = layers.dense({ units: 3, activation: 'softmax' }).apply(both)
  const box = layers.dense({ units: 2 }).apply(both)
  const reader = model({ inputs: { text, image }, outputs: { cls, box } })
  reader.compile({
    optimizer: optimizers.sgd({ learningRate: 0.1 }),
    loss: { cls: 'sparseCategoricalCrossentropy', box: 'mse' },
    metrics: { cls: 'accuracy', box: ['mae'] },
    lossWeights: { box: 0.5 },
  })
  return reader
}
const x = { image: told.x.image, text: told.x.a_text }
const y = { cls: told.y.the_class, box: told.y.box }

test('everything that takes or gives data does so by name', async () => {
  const reader = made()
  expect(reader.modelInputs.map((port) => port.name)).toEqual(['image', 'text'])
  const { cls, box } = await reader.predict(x)
  expect([cls.shape, box.shape]).toEqual([
    [6, 3],
    [6, 2],
  ])
  expect(Object.keys(await reader.predictOnBatch(x))).toEqual(['box', 'cls'])
  const logs = await reader.trainOnBatch(x, y, { sampleWeight: { cls: [1, 1, 1, 1, 1, 0] } })
  expect(Object.keys(logs).sort()).toEqual(['box_loss', 'box_mae', 'cls_accuracy', 'cls_loss', 'loss'])
  expect(logs.loss).toBeCloseTo((logs.cls_loss as number) + 0.5 * (logs.box_loss as number), 5)
  const { history } = await reader.fit(x, y, {
    validationData: [x, y, { box: [1, 1, 1, 1, 1, 1] }],
    verbose: 0,
  })
  expect(Object.keys(history)).toContain('val_cls_accuracy')
  // On tensors, and as a layer of another model.
  const given = { image: tensor(x.image), text: tensor(x.text) }
  const answer = reader.apply(given)
  expect(await answer.box?.toArray()).toEqual(await (await reader.predict(x)).box.toArray())
})

test('elements of a data set are objects', async () => {
  const rows = x.image.map((image, i) => ({
    image: Float32Array.from(image),
    text: Float32Array.from(x.text[i] as number[]),
  }))
  const labels = rows.map((_, i) => ({
    cls: y.cls[i] as number,
    box: Float32Array.from(y.box[i] as number[]),
  }))
  const batches = Dataset.fromAsyncIterable(
    rows.map((row, i) => [row, labels[i] as (typeof labels)[0]] as const),
  ).batch(2)
  const [streamed, whole] = [made(), made()]
  whole.setWeights(streamed.getWeights())
  const { history } = await streamed.fit(batches, { verbose: 0, epochs: 2 })
  const other = await whole.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0, epochs: 2 })
  expect(history).toEqual(near(other.history))
  expect(await streamed.evaluate(batches, { verbose: 0 })).toEqual(
    near(await whole.evaluate(x, y, { verbose: 0 })),
  )
  const { box } = await streamed.predict(batches)
  expect(await box.toArray()).toEqual(near(await (await whole.predict(x)).box.toArray()))
})

test('a list of inputs and outputs goes by the names of the layers, too', async () => {
  const [a, b] = [input({ shape: [4], name: 'image' }), input({ shape: [3], name: 'text' })]
  const sum = layers.dense({ units: 2, name: 'of_image' }).apply(a)
  const other = layers.dense({ units: 2, name: 'of_text' }).apply(b)
  const listed = model({ inputs: [b, a], outputs: [sum, other] })
  listed.compile({ optimizer: 'sgd', loss: 'mse' })
  const [one, two] = await listed.predict(x)
  const again = await listed.predict([tensor(x.text), tensor(x.image)])
  expect([await one.toArray(), await two.toArray()]).toEqual(await Promise.all(again.map((t) => t.toArray())))
  const logs = await listed.trainOnBatch(x, { of_text: y.box, of_image: y.box })
  expect(Object.keys(logs)).toEqual(['loss', 'of_image_loss', 'of_text_loss'])
})

test('names that are not the model’s', async () => {
  const reader = made()
  const { image, text } = x
  await expect(reader.predict({ image } as never)).rejects.toThrow(ArgumentError)
  await expect(reader.predict({ image } as never)).rejects.toThrow(/inputs \(image, text\).*none for 'text'/)
  await expect(reader.predict({ image, texts: text } as never)).rejects.toThrow(UnknownNameError)
  await expect(reader.predict({ image, texts: text } as never)).rejects.toThrow(
    /'texts'.*Did you mean 'text'/,
  )
  await expect(reader.predict({ ...x, more: text } as never)).rejects.toThrow(/received 'more'/)
  await expect(reader.fit(x, { cls: y.cls }, { verbose: 0 })).rejects.toThrow(/outputs \(box, cls\).*'box'/)
  await expect(reader.fit(x, y, { sampleWeight: { boxes: y.cls }, verbose: 0 })).rejects.toThrow(
    /Did you mean 'box'/,
  )
  expect(() => reader.compile({ loss: { clss: 'mse' } })).toThrow(/Did you mean 'cls'/)
  expect(() => reader.apply({ image: tensor(image) } as never)).toThrow(/none for 'text'/)
})

test('one output by name is an object of one', async () => {
  const only = input({ shape: [3] })
  const single = model({ inputs: { only }, outputs: { value: layers.dense({ units: 1 }).apply(only) } })
  single.compile({ optimizer: 'sgd', loss: { value: 'mse' }, metrics: { value: ['mae'] } })
  const { value } = await single.predict({ only: x.text })
  expect(value.shape).toEqual([6, 1])
  const labels = { value: [0, 1, 0, 1, 1, 0] }
  const options = { classWeight: { 0: 1, 1: 3 }, verbose: 0 } as const
  expect(Object.keys((await single.fit({ only: x.text }, labels, options)).history)).toContain('loss')
  const again = await readKeras<{ readonly value: Predicted }>(await writeKeras(single))
  const predicted = await again.predict({ only: x.text })
  expect(await predicted.value.toArray()).toEqual(
    await (await single.predict({ only: x.text })).value.toArray(),
  )
})
