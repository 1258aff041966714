import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  cloneModel,
  Dataset,
  input,
  layers,
  model,
  plotModel,
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
    expect(() => model({ inputs: text, outputs: text })).toThrow('expected outputs that are tensors')
    const whole = classifier(await adapted())
    await expect(whole.predict(tensor([[1]]))).rejects.toThrow(ArgumentError)
    await expect(whole.predict(tensor([[1]]))).rejects.toThrow(/expected strings in nested arrays/)
    await expect(whole.predict([])).rejects.toThrow(/at least one sample/)
  })
})

describe('the host’s part of a model', () => {
  const colours = [['red'], ['blue'], ['green'], ['red']]
  const sizes = [[1], [2], [1], [2]]

  /** Bins as Keras has them: those of the layer by itself, which golden values hold. */
  const crossing = () => layers.hashedCrossing({ numBins: 5, outputMode: 'oneHot', name: 'cross' })

  test('may be layers of several inputs, strings and numbers', async () => {
    const [colour, size] = [
      input({ shape: [1], dtype: 'string', name: 'colour' }),
      input({ shape: [1], dtype: 'int64', name: 'size' }),
    ]
    const crossed = crossing().apply([colour, size])
    expect(crossed.shape).toEqual([null, 5])
    const whole = model({ inputs: [colour, size], outputs: crossed })
    const expected = await crossing().apply([colours, sizes]).toArray()
    expect(await (await whole.predict({ colour: colours, size: sizes })).toArray()).toEqual(expected)
    expect(await (await whole.predict([colours.flat(), tensor(sizes)])).toArray()).toEqual(expected)
    const again = await readKeras(await writeKeras(whole))
    expect(await (await again.predict([colours, sizes])).toArray()).toEqual(expected)
  })

  test('may read what other layers make of strings and of numbers', async () => {
    const [colour, size] = [input({ shape: [1], dtype: 'string' }), input({ shape: [1] })]
    const lookup = layers.stringLookup({ vocabulary: ['red', 'blue'] })
    const bins = layers.discretization({ binBoundaries: [1.5] })
    const [index, bin] = [lookup.apply(colour), bins.apply(size)]
    const crossed = crossing().apply([index, bin])
    const rest = layers
      .concatenate()
      .apply([crossed, layers.categoryEncoding({ numTokens: 2 }).apply(bin), size])
    const whole = model({ inputs: { colour, size }, outputs: rest })
    const expected = await crossing()
      .apply([
        [[1], [2], [0], [1]],
        [[0], [1], [0], [1]],
      ])
      .toArray()
    const predicted = await (await whole.predict({ colour: colours, size: sizes })).toArray()
    expect(predicted).toEqual(
      (expected as number[][]).map((row, i) => [...row, ...(i % 2 === 0 ? [1, 0] : [0, 1]), 1 + (i % 2)]),
    )
  })

  test('may be a hash of numbers', async () => {
    const hash = () => layers.hashing({ numBins: 7, outputMode: 'oneHot' })
    const expected = await hash().apply(sizes).toArray()
    const size = input({ shape: [1], dtype: 'int32' })
    const functional = model({ inputs: size, outputs: hash().apply(size) })
    expect(await (await functional.predict(Int32Array.of(1, 2, 1, 2))).toArray()).toEqual(expected)
    const inSequence = sequential([input({ shape: [1], dtype: 'int32' }), hash()])
    expect(await (await inSequence.predict(sizes)).toArray()).toEqual(expected)
    const words = sequential([
      input({ shape: [1], dtype: 'string' }),
      layers.stringLookup({ vocabulary: ['red', 'blue'] }),
      hash(),
      layers.dense({ units: 2 }),
    ])
    expect((await words.predict(colours)).shape).toEqual([4, 2])
  })

  test('is that of models within, too', async () => {
    const [colour, size] = [input({ shape: [1], dtype: 'string' }), input({ shape: [1] })]
    const lookup = layers.stringLookup({ vocabulary: ['red', 'blue'], outputMode: 'oneHot' })
    const part = model({
      inputs: [colour, size],
      outputs: layers.dense({ units: 3 }).apply(layers.concatenate().apply([lookup.apply(colour), size])),
    })
    const direct = await (await part.predict([colours, tensor(sizes)])).data()
    const [text, number] = [input({ shape: [1], dtype: 'string' }), input({ shape: [1] })]
    const scaled = layers.rescaling({ scale: 2 }).apply(number)
    const outer = model({ inputs: [text, number], outputs: part.apply([text, scaled]) })
    expectClose(
      await (await outer.predict([colours, tensor(sizes.map(([x]) => [(x as number) / 2]))])).data(),
      [...direct],
      {},
    )
    outer.compile({ optimizer: 'sgd', loss: 'mse' })
    const before = await part.weights[0]?.value.data()
    await outer.fit(
      [colours, tensor(sizes)],
      tensor([
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
      ]),
      { epochs: 1, verbose: 0 },
    )
    expect(await part.weights[0]?.value.data()).not.toEqual(before)
    const words = classifier(await adapted())
    const around = sequential([words, layers.dense({ units: 2 })])
    expect((await around.predict(texts)).shape).toEqual([6, 2])
    const clone = cloneModel(outer)
    clone.setWeights(outer.getWeights())
    const predicted = await (await outer.predict([colours, tensor(sizes)])).data()
    expectClose(await (await clone.predict([colours, tensor(sizes)])).data(), [...predicted], {})
    const again = await readKeras(await writeKeras(outer))
    expectClose(await (await again.predict([colours, tensor(sizes)])).data(), [...predicted], {})
  })

  test('is shown, and is no part of a file of ONNX', async () => {
    const whole = classifier(await adapted())
    const lines: string[] = []
    whole.summary({ print: (line) => lines.push(line) })
    expect(lines.join('\n')).toContain('TextVectorization')
    expect(await plotModel(whole)).toContain('TextVectorization')
    await expect(whole.toOnnx()).rejects.toThrow(
      /expected a model of tensors alone.*inputs: model\.getLayer/s,
    )
    const words = whole.layers.find((layer) => layer.className === 'TextVectorization')
    const rest = model({ inputs: words?.output as never, outputs: whole.outputs })
    expect((await rest.toOnnx()).length).toBeGreaterThan(100)
  })

  test('has no weights that would have to be trained', () => {
    const size = input({ shape: [1] })
    const scores = layers.dense({ units: 1, name: 'scores' }).apply(size)
    const hashed = layers.hashing({ numBins: 3, outputMode: 'oneHot' }).apply(scores)
    expect(() => model({ inputs: size, outputs: hashed })).toThrow(
      /no weights to train before layers that work on the host.*'scores'/,
    )
  })
})
