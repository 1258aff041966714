import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  Dataset,
  input,
  layers,
  model,
  readKeras,
  sequential,
  tensor,
  writeKeras,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

type Strings = readonly (readonly string[])[]
type Numbers = readonly (readonly number[])[]

interface Case {
  readonly file: string
  readonly x: readonly (Strings | Numbers)[]
  readonly predictions: GoldenTensor
}

const { cases } = readGolden<{ cases: readonly Case[] }>('keras-files/text-models.json')
const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/keras-files/${file}`, import.meta.url)))

describe("Keras's models that take strings", () => {
  test.each(cases.map((one) => [one.file, one] as const))(
    '%s predicts as there, and is written again',
    async (file, { x, predictions }) => {
      const given = x.map((one) =>
        typeof one[0]?.[0] === 'string' ? (one as Strings) : tensor(one as number[][]),
      )
      const data = given.length === 1 ? (given[0] as Strings) : given
      const read = await readKeras(bytesOf(file))
      expectClose(await (await read.predict(data)).data(), goldenValues(predictions), {}, file)
      expectClose(await (await read.predictOnBatch(data)).data(), goldenValues(predictions), {}, file)
      const again = await readKeras(await writeKeras(read))
      expectClose(await (await again.predict(data)).data(), goldenValues(predictions), {}, `${file} of ours`)
    },
  )
})

const texts = ['good good film', 'a good one', 'bad film', 'a bad bad one', 'very good', 'very bad']
const labels = [1, 1, 0, 0, 1, 0]

function classifier(lookup: InstanceType<typeof layers.TextVectorization>) {
  const text = input({ shape: [1], dtype: 'string' })
  const words = layers.embedding({ inputDim: 10, outputDim: 4, maskZero: true }).apply(lookup.apply(text))
  const mean = layers.globalAveragePooling1d().apply(words)
  const whole = model({
    inputs: text,
    outputs: layers.dense({ units: 1, activation: 'sigmoid' }).apply(mean),
  })
  whole.compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] })
  return whole
}

async function adapted() {
  const lookup = layers.textVectorization({ maxTokens: 10 })
  await lookup.adapt(texts)
  return lookup
}

describe('a model that begins with strings', () => {
  test('learns from them, and from streams of them', async () => {
    const whole = classifier(await adapted())
    const { history } = await whole.fit(texts, labels, { epochs: 60, verbose: 0 })
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number)
    const batches = Dataset.fromGenerator(() =>
      texts.map((text, i) => [text, labels[i] as number] as const),
    ).batch(4)
    await whole.fit(batches, { epochs: 2, verbose: 0 })
    const wholly = await whole.evaluate(texts, labels, { verbose: 0 })
    const byBatches = await whole.evaluate(batches, { verbose: 0 })
    expect(byBatches.loss).toBeCloseTo(wholly.loss as number, 5)
    const predicted = await (await whole.predict(texts)).data()
    expectClose(await (await whole.predict(batches)).data(), [...predicted], {})
    expectClose(await (await whole.predict(texts.map((text) => [text]))).data(), [...predicted], {})
  })

  test('gives what its layers give one after the other', async () => {
    const lookup = await adapted()
    const rest = sequential([
      layers.embedding({ inputDim: 10, outputDim: 3 }),
      layers.globalAveragePooling1d(),
    ])
    const indices = lookup.apply(texts)
    const expected = await (await rest.predict(indices)).data()
    for (const first of [[], [input({ shape: [1], dtype: 'string' })]]) {
      const whole = sequential([...first, lookup, ...rest.layers])
      expectClose(await (await whole.predict(texts)).data(), [...expected], {})
    }
  })

  test('takes inputs by name', async () => {
    const [colour, size] = [input({ shape: [1], dtype: 'string' }), input({ shape: [1] })]
    const lookup = layers.stringLookup({ vocabulary: ['red', 'blue'], outputMode: 'oneHot' })
    const whole = model({
      inputs: { colour, size },
      outputs: layers.concatenate().apply([lookup.apply(colour), size]),
    })
    const predicted = await whole.predict({ colour: [['blue'], ['red']], size: tensor([[3], [4]]) })
    expect(await predicted.toArray()).toEqual([
      [0, 0, 1, 3],
      [0, 1, 0, 4],
    ])
  })

  test('says what does not fit', async () => {
    const text = input({ shape: [1], dtype: 'string' })
    expect(String(text)).toContain('string [batch, 1]')
    expect(() => layers.dense({ units: 1 }).apply(text)).toThrow(
      /dense.*: expected numbers: only layers that work on the host take strings/,
    )
    expect(() => layers.stringLookup({ outputMode: 'oneHot' }).apply(text)).toThrow(
      /expected a layer that has a vocabulary/,
    )
    expect(() => layers.hashing({ numBins: 3 }).apply(input({ shape: [1] }))).toThrow(
      /Hashing works on the host/,
    )
    expect(() => model({ inputs: text, outputs: text })).toThrow('expected outputs that are tensors')
    const whole = classifier(await adapted())
    await expect(whole.predict(tensor([[1]]))).rejects.toThrow(ArgumentError)
    await expect(whole.predict(tensor([[1]]))).rejects.toThrow(/expected strings in nested arrays/)
    await expect(whole.predict([])).rejects.toThrow(/at least one sample/)
  })
})
