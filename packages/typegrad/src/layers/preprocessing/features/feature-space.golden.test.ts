import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  DataError,
  Dataset,
  FeatureSpace,
  featureSpace,
  layers,
  model,
  readKeras,
  StateError,
  type Tensor,
  UnknownNameError,
  writeKeras,
} from '../../../index.ts'
import { expectClose } from '../../../testing/closeness.ts'
import { type GoldenTensor, goldenValues, readGolden } from '../../../testing/golden.ts'
import type { Feature, FeatureKind, FeatureSpaceOptions } from './index.ts'

type Column =
  | GoldenTensor
  | readonly (string | number)[]
  | readonly (readonly (string | number)[])[]
  | string
  | number
type Told = FeatureKind | readonly [kind: string, options: Readonly<Record<string, unknown>>]

interface Case {
  readonly features: Readonly<Record<string, Told>>
  readonly options: Omit<FeatureSpaceOptions, 'features'>
  readonly given: Readonly<Record<string, Column>>
  readonly batched?: number
  readonly output?: GoldenTensor
  readonly outputs?: Readonly<Record<string, GoldenTensor>>
}

const golden = readGolden<{
  readonly table: Readonly<Record<string, Column>>
  readonly model: {
    readonly file: string
    readonly given: Readonly<Record<string, Column>>
    readonly predictions: GoldenTensor
  }
  readonly cases: readonly Case[]
}>('feature-space.json')

const isGolden = (column: Column): column is GoldenTensor => typeof column === 'object' && 'dtype' in column

/** A column as nested arrays, in the shape that it has there. */
function plain(column: Column): unknown {
  if (!isGolden(column)) return column
  const values = goldenValues(column)
  if (column.shape.length === 0) return values[0]
  return column.shape.length === 1 ? values : values.map((value) => [value])
}

const plainTable = (table: Readonly<Record<string, Column>>): Record<string, never> =>
  Object.fromEntries(Object.entries(table).map(([name, column]) => [name, plain(column) as never]))

const table: Readonly<Record<string, readonly (string | number)[]>> = plainTable(golden.table)
const rows = (table.age as readonly number[]).map((_, i) =>
  Object.fromEntries(Object.entries(table).map(([name, column]) => [name, column[i] as string | number])),
)

function featureOf(told: Told): FeatureKind | Feature {
  if (typeof told === 'string') return told
  const [kind, options] = told as readonly [string, Readonly<Record<string, unknown>>]
  if (kind === 'normalization')
    return { dtype: 'float32', preprocessor: layers.normalization(options), outputMode: 'float' }
  const make = FeatureSpace as unknown as Record<string, (options: unknown) => Feature>
  return (make[kind] as (options: unknown) => Feature)(options)
}

const spaceOf = ({ features, options }: Pick<Case, 'features' | 'options'>): FeatureSpace =>
  featureSpace({
    features: Object.fromEntries(Object.entries(features).map(([name, told]) => [name, featureOf(told)])),
    ...options,
  })

/** Batches of columns. */
const batchesOf = (size: number) =>
  Dataset.fromGenerator(function* () {
    for (let at = 0; at < rows.length; at += size)
      yield Object.fromEntries(
        Object.entries(table).map(([name, column]) => [name, column.slice(at, at + size)]),
      )
  })

async function expectAs(tensor: Tensor, expected: GoldenTensor, where: string): Promise<void> {
  expect(tensor.shape, where).toEqual(expected.shape)
  // Standard deviations are sums in another order.
  expectClose(await tensor.data(), goldenValues(expected), { scaled: 2e-6 }, where)
}

describe("Keras's FeatureSpace", () => {
  test.each(
    golden.cases.map(
      (one, i) => [`${i} ${JSON.stringify(one.features)} ${JSON.stringify(one.options)}`, one] as const,
    ),
  )('%s', async (_, one) => {
    const sources =
      one.batched === undefined ? [table, rows, Dataset.fromGenerator(() => rows)] : [batchesOf(one.batched)]
    for (const source of sources) {
      const space = spaceOf(one)
      await space.adapt(source)
      const encoded = await space.encode(plainTable(one.given))
      if (one.output !== undefined) await expectAs(encoded as Tensor, one.output, 'concat')
      for (const [name, output] of Object.entries(one.outputs ?? {}))
        await expectAs((encoded as Record<string, Tensor>)[name] as Tensor, output, name)
      if (one.outputs !== undefined)
        expect(Object.keys(encoded).sort()).toEqual(Object.keys(one.outputs).sort())
    }
  })

  test('is the beginning of a model, in a file of Keras and in one of ours', async () => {
    const { file, given, predictions } = golden.model
    const bytes = readFileSync(new URL(`../../../../golden/keras-files/${file}`, import.meta.url))
    const read = await readKeras(new Uint8Array(bytes))
    const x = plainTable(given)
    expectClose(await (await read.predict(x)).data(), goldenValues(predictions), { scaled: 2e-6 }, file)
    const again = await readKeras(await writeKeras(read))
    expectClose(await (await again.predict(x)).data(), goldenValues(predictions), { scaled: 2e-6 }, 'ours')
  })
})

describe('featureSpace', () => {
  const features = { age: 'floatNormalized', city: 'stringCategorical', kind: 'stringHashed' } as const
  const labels = rows.map(({ kind }) => (kind === 'house' ? 1 : 0))

  test('gives a model what it encodes, and the model learns from raw rows', async () => {
    const space = featureSpace({ features, crosses: [['city', 'kind']], crossingDim: 8, hashingDim: 4 })
    await space.adapt(rows)
    const encoded = space.getEncodedFeatures()
    const whole = model({ inputs: space.getInputs(), outputs: encoded as never })
    const x = { age: table.age as number[], city: table.city as string[], kind: table.kind as string[] }
    const expected = await ((await space.encode(rows)) as Tensor<number[], 'float32'>).data()
    expectClose(await ((await whole.predict(x)) as Tensor).data(), [...expected], {})
    const scores = layers.dense({ units: 1, activation: 'sigmoid' }).apply(encoded as never)
    const classifier = model({ inputs: space.getInputs(), outputs: scores as never })
    classifier.compile({ optimizer: 'adam', loss: 'binary_crossentropy' })
    const { history } = await classifier.fit(x, labels, { epochs: 10, verbose: 0 })
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number)
  })

  test('takes boundaries, and layers of the user’s that are not to be adapted', async () => {
    const space = featureSpace({
      features: {
        age: FeatureSpace.floatDiscretized({ binBoundaries: [30, 50] }),
        city: {
          dtype: 'string',
          preprocessor: layers.stringLookup({ vocabulary: ['Ulm'], outputMode: 'oneHot' }),
          outputMode: 'float',
        },
      },
    })
    const vectors = (await space.encode({ age: [20, 30, 70], city: ['Ulm', 'Rom', 'Ulm'] })) as Tensor
    expect(await vectors.toArray()).toEqual([
      [1, 0, 0, 0, 1],
      [0, 1, 0, 1, 0],
      [0, 0, 1, 0, 1],
    ])
  })

  test('says what does not fit', async () => {
    expect(() => featureSpace({ features: {} })).toThrow(ArgumentError)
    expect(() => featureSpace({ features: { age: 'floatNormalised' as never } })).toThrow(UnknownNameError)
    expect(() => featureSpace({ features, crosses: [['city', 'town']] })).toThrow(/received 'town'/)
    expect(() => featureSpace({ features, crosses: [['city']] })).toThrow(/two or more of the features/)
    const space = featureSpace({ features })
    expect(() => space.getEncodedFeatures()).toThrow(StateError)
    await expect(space.encode(rows)).rejects.toThrow(/expected features that were adapted/)
    await expect(space.adapt([{ age: 1, town: 'Ulm' }])).rejects.toThrow(DataError)
    await expect(space.adapt([{ age: 1, town: 'Ulm' }])).rejects.toThrow(
      /row 0: expected a value of 'city', received age, town alone/,
    )
    await expect(space.adapt({ age: [1, 2], city: ['Ulm'] })).rejects.toThrow(
      /expected 2 values, as of 'age'/,
    )
    await expect(space.adapt(rows.values())).rejects.toThrow(/read several times/)
    await expect(space.adapt(7 as never)).rejects.toThrow(ArgumentError)
    await space.adapt(rows)
    await expect(space.encode({ age: [1], city: ['Ulm'] })).rejects.toThrow(/a value of 'kind'/)
    const whole = featureSpace({
      features: { n: FeatureSpace.integerHashed({ numBins: 3, outputMode: 'int' }) },
    })
    expect(() => whole.getEncodedFeatures()).toThrow(/'n': expected floats, where outputMode is 'concat'/)
    const odd = {
      dtype: 'float32',
      preprocessor: layers.rescaling({ scale: 2 }),
      outputMode: 'oneHot',
    } as const
    expect(() => featureSpace({ features: { odd } }).getEncodedFeatures()).toThrow(/whole numbers/)
  })
})
