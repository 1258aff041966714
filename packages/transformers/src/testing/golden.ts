/**
 * `testing/`: how this package is compared with Hugging Face's: the golden files of `tools/golden/make_transformers_*.py`,
 * and folders of checkpoints made of them. It knows all of the package.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluateAll, type Tensor, tensor, type Variable, valueAndGrad } from 'typegrad'
import { encodeSafetensors } from 'typegrad/formats'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { inverseOf } from '../checkpoint/names.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { EncoderDecoderBody, type NetworkContext, networkInputs } from '../layers/network.ts'

export interface GoldenValues {
  readonly shape: readonly number[]
  readonly values: readonly number[]
  readonly dtype?: 'int32' | 'float32'
}

/** Numbers that {@link hashedNumbers} makes of a name. */
interface HashedValues {
  readonly shape: readonly number[]
  readonly hashed: string
}

/** A tensor by its length and what it is along three others. */
export interface Projections {
  readonly length: number
  readonly along: readonly number[]
}

export interface GoldenCase {
  readonly inputs: Readonly<Record<string, GoldenValues | HashedValues>>
  readonly outputs: Readonly<Record<string, GoldenValues>>
  readonly states?: readonly Projections[]
  /** The encoder's, of an encoder–decoder. */
  readonly encoderStates?: readonly Projections[]
  readonly gradients?: Readonly<Record<string, Projections>>
}

export interface GoldenWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly base: number
  readonly scale: number
}

export interface GoldenModel {
  readonly config: Readonly<Record<string, unknown>>
  readonly output: string
  readonly weights: readonly GoldenWeight[]
  readonly cases: readonly GoldenCase[]
}

function fnv1a(text: string): number {
  let value = 2166136261
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 16777619)
  return value >>> 0
}

/** Numbers from −1 to 1 of a name and an index alone, as `numbers` of `transformers_golden.py` makes them. */
export function hashedNumbers(name: string, count: number): Float32Array {
  const seed = fnv1a(name)
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (i + seed) >>> 0
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1
  })
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export function weightValues({ name, shape, base, scale }: GoldenWeight): Float32Array {
  return hashedNumbers(name, sizeOf(shape)).map((value) => base + scale * value)
}

export const readJson = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../golden/${file}.json`, import.meta.url), 'utf8'))

export const readGolden = (file: string): GoldenModel => readJson(file) as GoldenModel

/** A file of several models. */
export const readGoldens = (file: string): readonly GoldenModel[] => readJson(file) as readonly GoldenModel[]

/**
 * A folder as Hugging Face lays it out, with a golden file's model. The caller removes it.
 *
 * @param nameOf what the folder calls a weight. Default: as the golden file.
 */
export function goldenFolder(
  { config, weights }: Pick<GoldenModel, 'config' | 'weights'>,
  nameOf: (name: string) => string = (name) => name,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-transformers-'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const tensors = weights.map((weight) => {
    const { name, shape } = weight
    return { name: nameOf(name), dtype: 'float32' as const, shape, data: weightValues(weight) }
  })
  writeFileSync(
    join(folder, 'model.safetensors'),
    Buffer.concat(encodeSafetensors(tensors, { format: 'pt' })),
  )
  return folder
}

const tensorOf = (input: GoldenValues | HashedValues): Tensor =>
  'hashed' in input
    ? tensor(hashedNumbers(input.hashed, sizeOf(input.shape))).reshape(input.shape)
    : tensor(input.values, { dtype: input.dtype ?? 'float32' }).reshape(input.shape)

/** The inputs of a case, by Hugging Face's names. */
export const inputsOf = ({ inputs }: Pick<GoldenCase, 'inputs'>): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, tensorOf(x)]))

export const dataOf = async (x: Tensor): Promise<Float32Array> => (await x.data()) as Float32Array

/**
 * What a tensor is along three others, against Python's: within a share of its length.
 *
 * @param least what is shorter than this is compared as if it were as long: it is 0 but for rounding.
 */
export function expectProjections(
  name: string,
  data: Float32Array,
  golden: Projections,
  key: string,
  share: number,
  least = 1e-6,
) {
  const size = data.length
  const room = share * Math.max(golden.length, least)
  const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0))
  expect(
    Math.abs(length - golden.length),
    `${name}: length ${length}, expected ${golden.length}`,
  ).toBeLessThanOrEqual(room)
  for (const [i, expected] of golden.along.entries()) {
    const other = hashedNumbers(`${key}#${i}`, size)
    const along = data.reduce((sum, value, j) => sum + value * (other[j] as number), 0)
    // The other's length is √(size / 3), and errors are in any direction.
    expect(
      Math.abs(along - expected),
      `${name}: along ${i}: ${along}, expected ${expected}`,
    ).toBeLessThanOrEqual(2 * room)
  }
}

/** The first input and the context of a network's call, of inputs by Hugging Face's names. */
export function callOf(
  model: PretrainedModel,
  inputs: Readonly<Record<string, Tensor>>,
): [Tensor, NetworkContext] {
  const { takes } = model.network
  // Of what it may be told beside what it takes.
  const options = [...takes, ...Object.values(networkInputs)].flatMap(({ name, option }) =>
    option === undefined || inputs[name] === undefined ? [] : [[option, inputs[name]]],
  )
  return [inputs[takes[0]?.name ?? ''] as Tensor, { ...Object.fromEntries(options), training: false }]
}

/**
 * Compares a model with Hugging Face's: outputs to 1e-4 of the largest, hidden states, and gradients of each weight to 1e-3
 * of their length.
 *
 * @param file of `golden/`, without `.json`.
 */
export function describeAsInPython(file: string, options: { readonly className?: string } = {}): void {
  describeModelAsInPython(file, readGolden(file), options)
}

/** The same of a model that was read. */
export function describeModelAsInPython(
  name: string,
  golden: GoldenModel,
  { className }: { readonly className?: string } = {},
): void {
  describe(`${name} gives what Python's transformers gives`, () => {
    let folder: string
    let model: PretrainedModel
    beforeAll(async () => {
      folder = goldenFolder(golden)
      model = await fromPretrained(folder, className === undefined ? {} : { className })
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test.each(golden.cases.map((one, i) => [i, one] as const))('case %i', async (_, one) => {
      const [first, context] = callOf(model, inputsOf(one))
      const outputs = model.network.outputs(first, context)
      const states = model.network.hiddenStates(first, context)
      const encoderStates =
        model.network instanceof EncoderDecoderBody ? model.network.encoderHiddenStates(first, context) : []
      await evaluateAll([...Object.values(outputs), ...states, ...encoderStates])
      for (const [name, expected] of Object.entries(one.outputs)) {
        const got = outputs[name] as Tensor
        expect(got?.shape, name).toEqual(expected.shape)
        const [a, b] = [await dataOf(got), Float32Array.from(expected.values)]
        const mask = maskOf(one, name, expected.shape)
        // What stands at padding is anything.
        const row = mask === undefined ? 1 : expected.values.length / mask.values.length
        const counts = (_: number, i: number) => (mask?.values[Math.floor(i / row)] ?? 1) !== 0
        expectClose(a.filter(counts), b.filter(counts), { scaled: 1e-4 }, name)
      }
      if (one.encoderStates !== undefined && one.inputs.attention_mask === undefined) {
        expect(encoderStates.length).toBe(one.encoderStates.length)
        for (const [i, expected] of one.encoderStates.entries()) {
          const name = `encoder state ${i}`
          expectProjections(name, await dataOf(encoderStates[i] as Tensor), expected, name, 1e-4)
        }
      }
      if (one.states !== undefined && sequenceMask(one, golden.output) === undefined) {
        expect(states.length).toBe(one.states.length)
        for (const [i, expected] of one.states.entries())
          expectProjections(`state ${i}`, await dataOf(states[i] as Tensor), expected, `state ${i}`, 1e-4)
      }
    })

    const withGradients = golden.cases.filter(({ gradients }) => gradients !== undefined)
    if (withGradients.length === 0) return
    test('gradients with respect to every weight', async () => {
      for (const one of withGradients) {
        const [first, context] = callOf(model, inputsOf(one))
        const { shape } = one.outputs[golden.output] as GoldenValues
        const cotangent = cotangentOf(shape, maskOf(one, golden.output, shape))
        const named = model.checkpointWeights.filter(({ name }) => name in (one.gradients ?? {}))
        expect(named.length).toBe(Object.keys(one.gradients ?? {}).length)
        const variables: readonly Variable[] = named.map(({ weight }) => weight)
        const { grads } = valueAndGrad(
          () => (model.network.outputs(first, context)[golden.output] as Tensor).mul(cotangent).sum(),
          variables,
        )
        const kept = named.map(({ axes }, i) => {
          const gradient = grads[i] as Tensor
          return axes === undefined ? gradient : gradient.transpose(inverseOf(axes))
        })
        await evaluateAll(kept)
        // Some are zero but for rounding: a key's bias adds the same to all scores of a query, which changes no weight.
        const least = 1e-3 * Math.max(...Object.values(one.gradients ?? {}).map(({ length }) => length))
        for (const [i, { name }] of named.entries()) {
          const expected = one.gradients?.[name] as Projections
          expectProjections(name, await dataOf(kept[i] as Tensor), expected, name, 1e-3, least)
        }
      }
    })
  })
}

/** The mask of the sequences that an output is of: in an encoder–decoder the decoder's, but for what the encoder gives. */
function sequenceMask({ inputs }: GoldenCase, output: string): GoldenValues | undefined {
  const isOfDecoder = inputs.decoder_input_ids !== undefined && !output.startsWith('encoder_')
  const mask = isOfDecoder ? inputs.decoder_attention_mask : inputs.attention_mask
  return mask === undefined || 'hashed' in mask ? undefined : mask
}

/** The same where an output has something for each position, and not for each text. */
function maskOf(one: GoldenCase, output: string, shape: readonly number[]): GoldenValues | undefined {
  const mask = sequenceMask(one, output)
  return mask?.shape.every((size, i) => size === shape[i]) ? mask : undefined
}

/** What gradients begin with: nothing at padding, which is anything. */
function cotangentOf(shape: readonly number[], mask: GoldenValues | undefined): Tensor {
  const all = tensor(hashedNumbers('cotangent', sizeOf(shape))).reshape(shape)
  if (mask === undefined) return all
  return all.mul(tensor(mask.values).reshape([...mask.shape, ...shape.slice(2).map(() => 1)]))
}
