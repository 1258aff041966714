import { expect, test } from 'vitest'
import { serialize } from '../../base/serialization.ts'
import type { Tensor } from '../../index.ts'
import { tensor } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'
import { deserializeLayer } from '../base/deserialize.ts'
import type { HostValues } from './host-values.ts'
import * as layers from './index.ts'

/** Floats as tensors; whole numbers and strings as they are. */
type Given = GoldenTensor | HostValues

interface Case {
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: Given
  readonly adapt?: Given
  readonly stream?: readonly Given[]
  readonly call?: { readonly countWeights: GoldenTensor }
  readonly vocabulary?: readonly (string | number)[]
  readonly boundaries?: readonly number[]
  readonly mean?: GoldenTensor
  readonly variance?: GoldenTensor
  readonly output?: GoldenTensor
  readonly strings?: unknown
  readonly rows?: readonly number[][]
  readonly note?: string
}

/** A layer of whichever class of this folder. */
interface AnyPreprocessing {
  adapt(data: unknown): Promise<void>
  apply(inputs: unknown, options?: unknown): Tensor
  getConfig(): Record<string, unknown>
  getVocabulary(): unknown
  toStrings(indices: unknown): Promise<unknown>
  toRows(texts: unknown): unknown
  readonly binBoundaries: readonly number[]
  readonly weights: readonly { readonly value: Tensor }[]
}

const factories = layers as unknown as Record<string, (options: unknown) => AnyPreprocessing>
const { cases } = readGolden<{ cases: readonly Case[] }>('preprocessing-tables.json')

const isGolden = (given: Given): given is GoldenTensor => typeof given === 'object' && 'dtype' in given
const given = (value: Given): Tensor | HostValues => (isGolden(value) ? fromGolden(value) : value)
/** Layers that take tensors of whole numbers. */
const takeTensors = new Set(['CategoryEncoding'])

const title = ({ layer, config, note, adapt, stream }: Case, i: number): string =>
  [`${i} ${layer} ${JSON.stringify(config)}`, adapt && 'adapted', stream && 'adapted to a stream', note]
    .filter(Boolean)
    .join(', ')

test.each(cases.map((golden, i) => [title(golden, i), golden] as const))('%s', async (_, golden) => {
  const { layer: name, config, inputs, call } = golden
  const { ragged, ...options } = config
  const layer = (
    factories[name.charAt(0).toLowerCase() + name.slice(1)] as (options: unknown) => AnyPreprocessing
  )(options)
  if (golden.adapt !== undefined) await layer.adapt(given(golden.adapt))
  if (golden.stream !== undefined) await layer.adapt(golden.stream.map(given).values())
  if (golden.vocabulary !== undefined) expect(layer.getVocabulary()).toEqual(golden.vocabulary)
  if (golden.boundaries !== undefined)
    expectClose(layer.binBoundaries, golden.boundaries, { scaled: 1e-6 }, 'boundaries')
  if (golden.mean !== undefined && golden.variance !== undefined) {
    expectClose(
      await (layer.weights[0] as { value: Tensor }).value.data(),
      goldenValues(golden.mean),
      { relative: 2e-6 },
      'mean',
    )
    expectClose(
      await (layer.weights[1] as { value: Tensor }).value.data(),
      goldenValues(golden.variance),
      { scaled: 2e-6 },
      'variance',
    )
  }
  const x = takeTensors.has(name) ? tensor(inputs as never, { dtype: 'int32' }) : given(inputs)
  if (golden.strings !== undefined) expect(await layer.toStrings(x)).toEqual(golden.strings)
  if (ragged === true) expect(layer.toRows(x)).toEqual(golden.rows)
  const copy = deserializeLayer(
    JSON.parse(JSON.stringify(serialize(layer as never))),
  ) as unknown as AnyPreprocessing
  expect(copy.getConfig()).toEqual(layer.getConfig())
  if (golden.output === undefined) return
  // Mean and variance that were found are weights, which a configuration does not have.
  const output = (golden.mean === undefined ? copy : layer).apply(
    x,
    call && { countWeights: fromGolden(call.countWeights) },
  )
  expect(output.shape).toEqual(golden.output.shape)
  expectClose(await output.data(), goldenValues(golden.output), {}, 'output')
  if (name !== 'IntegerLookup' || config.oovMethod === 'farmhash') return
  const inGraph = layer.apply(tensor(inputs as never, { dtype: 'int64' }))
  expect(inGraph.shape).toEqual(golden.output.shape)
  expectClose(await inGraph.data(), goldenValues(golden.output), {}, 'output of the graph')
})
