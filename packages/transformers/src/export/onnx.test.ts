// Exported files in ONNX Runtime's own package, as they are: one session for all sizes.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { attend, attendAcross, joinHeads, splitHeads } from '../layers/attention.ts'
import { embedding, linear } from '../layers/linear.ts'
import { EncoderDecoder, type NetworkContext, networkInputs, Part } from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { registerArchitecture } from '../models/registry.ts'
import { goldenFolder, readGolden } from '../testing/golden.ts'
import { GivenCache } from './given-cache.ts'

type Feeds = Record<string, OrtTensor>

/** Typegrad's engine shares the library, and is to be there first. */
async function sessionOf(bytes: Uint8Array): Promise<InferenceSession> {
  await tensor([1]).add(1).data()
  const { InferenceSession } = await import('onnxruntime-node')
  return await InferenceSession.create(bytes, { logSeverityLevel: 3 })
}
/** As tokenizers of transformers.js give them. */
const ids = (rows: readonly (readonly number[])[]): OrtTensor =>
  new OrtTensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0])
const floats = (shape: readonly number[]): OrtTensor =>
  new OrtTensor('float32', new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)
const dataOf = (results: InferenceSession.OnnxValueMapType, name: string): Float32Array =>
  results[name]?.data as Float32Array
const namesOf = (session: InferenceSession) =>
  Object.fromEntries(
    [...session.inputMetadata, ...session.outputMetadata].map((one) => [
      one.name,
      one.isTensor ? [one.type, one.shape] : [],
    ]),
  )
const counted = (rows: number, from: number, to: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: to - from }, (_, i) => from + i))
const words = (rows: number, length: number): number[][] =>
  Array.from({ length: rows }, (_, r) => Array.from({ length }, (_, i) => (7 * r + 5 * i + 3) % 60))
const columns = (rows: readonly (readonly number[])[], from: number, to: number): number[][] =>
  rows.map((row) => row.slice(from, to))

describe('a causal language model', () => {
  const golden = readGolden('gpt2-lm')
  let folder: string
  let model: PretrainedModel
  beforeAll(async () => {
    folder = goldenFolder(golden)
    model = await fromPretrained(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Rows of ids, of a mask, and the logits that Python gives, of each case. */
  const cases = golden.cases.map(({ inputs, outputs }) => {
    const rowsOf = (name: string): number[][] | undefined => {
      const input = inputs[name]
      if (input === undefined || !('values' in input)) return undefined
      const { values, shape: [rows = 0, length = 0] = [] } = input
      return Array.from({ length: rows }, (_, i) => values.slice(i * length, (i + 1) * length))
    }
    const given = rowsOf('input_ids') ?? []
    return {
      given,
      mask: rowsOf('attention_mask') ?? given.map((row) => row.map(() => 1)),
      logits: outputs.logits?.values ?? [],
    }
  })
  /** What stands at padding is anything. */
  const expectLogits = (
    got: Float32Array,
    expected: readonly number[],
    mask: readonly (readonly number[])[],
  ) => {
    const width = expected.length / mask.flat().length
    const counts = (_: number, i: number) => mask.flat()[Math.floor(i / width)] === 1
    expectClose(got.filter(counts), Float32Array.from(expected).filter(counts), { scaled: 1e-4 })
  }

  test('whole: what Python gives, with padding on either side', async () => {
    const session = await sessionOf(await model.toOnnx())
    expect(namesOf(session)).toEqual({
      input_ids: ['int64', ['batch_size', 'sequence_length']],
      attention_mask: ['int64', ['batch_size', 'sequence_length']],
      logits: ['float32', ['batch_size', 'sequence_length', 61]],
    })
    for (const { given, mask, logits } of cases) {
      const results = await session.run({ input_ids: ids(given), attention_mask: ids(mask) })
      expectLogits(dataOf(results, 'logits'), logits, mask)
    }
  })

  test('whole: what the model gives, at other sizes', async () => {
    const session = await sessionOf(await model.toOnnx())
    for (const [rows, length] of [
      [1, 1],
      [5, 2],
      [3, 32],
    ] as const) {
      const given = words(rows, length)
      const mask = given.map((row, r) => row.map((_, i) => (i < length - (r % length) ? 1 : 0)))
      const results = await session.run({ input_ids: ids(given), attention_mask: ids(mask) })
      const expected = await model.predict({
        input_ids: tensor(given, { dtype: 'int32' }),
        attention_mask: tensor(mask, { dtype: 'int32' }),
      })
      expectLogits(
        dataOf(results, 'logits'),
        [...(await (expected.logits as Tensor).data())].map(Number),
        mask,
      )
    }
  })

  test('cached: piece by piece what Python gives for the whole', async () => {
    const session = await sessionOf(await model.toOnnx({ form: 'cached' }))
    expect(namesOf(session)).toMatchObject({
      input_ids: ['int64', ['batch_size', 'sequence_length']],
      attention_mask: ['int64', ['batch_size', 'past_sequence_length + sequence_length']],
      position_ids: ['int64', ['batch_size', 'sequence_length']],
      'past_key_values.1.value': ['float32', ['batch_size', 3, 'past_sequence_length', 8]],
      'present.0.key': ['float32', ['batch_size', 3, 'past_sequence_length + sequence_length', 8]],
    })
    const past = session.inputNames.filter((name) => name.startsWith('past'))
    expect(past).toEqual([0, 1].flatMap((i) => [`past_key_values.${i}.key`, `past_key_values.${i}.value`]))
    expect(session.outputNames).toEqual([
      'logits',
      ...past.map((name) => name.replace('past_key_values', 'present')),
    ])
    for (const { given, mask, logits } of cases) {
      const [rows, length] = [given.length, given[0]?.length ?? 0]
      const width = logits.length / rows / length
      for (const cuts of [
        [0, length],
        [0, 1, length],
        [0, 2, length],
      ]) {
        let cache: Feeds = Object.fromEntries(past.map((name) => [name, floats([rows, 3, 0, 8])]))
        for (const [i, from] of cuts.slice(0, -1).entries()) {
          const to = cuts[i + 1] as number
          const results = await session.run({
            input_ids: ids(columns(given, from, to)),
            attention_mask: ids(columns(mask, 0, to)),
            position_ids: ids(counted(rows, from, to)),
            ...cache,
          })
          const expected = Array.from({ length: rows }, (_, r) =>
            logits.slice((r * length + from) * width, (r * length + to) * width),
          )
          expectLogits(dataOf(results, 'logits'), expected.flat(), columns(mask, from, to))
          expect(results['present.1.key']?.dims).toEqual([rows, 3, to, 8])
          cache = Object.fromEntries(
            past.map((name) => [name, results[name.replace('past_key_values', 'present')] as OrtTensor]),
          )
        }
      }
    }
  })

  test('with a fixed batch, and forms that there are not', async () => {
    const session = await sessionOf(await model.toOnnx({ form: 'cached', batchSize: 2 }))
    expect(namesOf(session)).toMatchObject({ input_ids: ['int64', [2, 'sequence_length']] })
    await expect(model.toOnnx({ form: 'encoder' })).rejects.toThrow(/'whole' or 'cached'.*'encoder'/)
    // @ts-expect-error: no such form
    await expect(model.toOnnx({ form: 'merged' })).rejects.toThrow(ArgumentError)
  })

  test('saveOnnx writes what transformers.js looks for', async () => {
    const target = mkdtempSync(join(tmpdir(), 'typegrad-onnx-'))
    model.generationConfig = { eos_token_id: 3 }
    await model.saveOnnx(target)
    const session = await sessionOf(new Uint8Array(readFileSync(join(target, 'onnx/model.onnx'))))
    expect(session.inputNames).toContain('past_key_values.0.key')
    expect(JSON.parse(readFileSync(join(target, 'config.json'), 'utf8'))).toEqual(model.config)
    expect(existsSync(join(target, 'generation_config.json'))).toBe(true)
    rmSync(target, { recursive: true })
  })
})

const [width, heads] = [8, 2]

/** Keys, values and queries of the same states or of others. */
class Attention extends Part {
  readonly className = 'ToyAttention'
  readonly q = linear(width, { stddev: 0.5 })
  readonly k = linear(width, { stddev: 0.5 })
  readonly v = linear(width, { stddev: 0.5 })

  split(x: Tensor, by: 'q' | 'k' | 'v'): Tensor {
    return splitHeads(this[by].apply(x), heads)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { encoderStates } = context
    if (encoderStates === undefined) {
      const [q, k, v] = [this.split(x, 'q'), this.split(x, 'k'), this.split(x, 'v')]
      return x.add(joinHeads(attend(q, k, v, context, { causal: context.cache !== undefined })))
    }
    const make = () => ({ keys: this.split(encoderStates, 'k'), values: this.split(encoderStates, 'v') })
    const across = context.cache?.cross?.(0, make) ?? make()
    return x.add(joinHeads(attendAcross(this.split(x, 'q'), across, context)))
  }
}

/** The least that reads and writes: an embedding, learned positions, and a block of attention each. */
class Toy extends EncoderDecoder {
  readonly className = 'ToyForConditionalGeneration'
  readonly takes = [
    networkInputs.inputIds,
    networkInputs.attentionMask,
    {
      ...networkInputs.inputIds,
      name: 'decoder_input_ids',
      option: 'decoderInputIds',
      shape: ['decoder_length'],
    } as const,
  ]
  readonly maxPositions = 32
  readonly cacheSizes = { blocks: 1, keyHeads: heads, dim: width / heads }
  readonly wte = embedding(61, width, 1)
  readonly wpe = embedding(32, width, 1)
  readonly reading = new Attention()
  readonly writing = new Attention()
  readonly asking = new Attention()

  #embedded(ids: Tensor, context: NetworkContext): Tensor {
    return this.wte.apply(ids).add(this.wpe.apply(positionsOf(ids.shape[1] as number, context)))
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const { attentionMask, training } = context
    const told = { training, ...(attentionMask !== undefined && { attentionMask }) }
    return [this.reading.apply(this.#embedded(ids, told), told)]
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const { encoderStates: _, ...own } = context
    return [this.asking.apply(this.writing.apply(this.#embedded(ids, own), own), context)]
  }

  override encode(ids: Tensor, context: NetworkContext): Tensor {
    return this.encoderHiddenStates(ids, context).at(-1) as Tensor
  }

  override decode(ids: Tensor, context: NetworkContext): Tensor {
    return this.decoderHiddenStates(ids, context).at(-1) as Tensor
  }

  head(states: Tensor): Tensor {
    return this.wte.reverse(states)
  }

  override hiddenStates(): readonly Tensor[] {
    return []
  }
}

describe('an encoder–decoder', () => {
  test('encoder, and decoder piece by piece, are what the whole is', async () => {
    registerArchitecture({
      modelType: 'toy',
      networks: { Toy: () => new Toy() },
      checkpoint: { prefix: 'model' },
    })
    const model = new PretrainedModel({ model_type: 'toy', architectures: ['Toy'] })
    const network = model.network as Toy
    const encoder = await sessionOf(await model.toOnnx({ form: 'encoder' }))
    const decoder = await sessionOf(await model.toOnnx({ form: 'decoder' }))
    expect(namesOf(encoder)).toEqual({
      input_ids: ['int64', ['batch_size', 'sequence_length']],
      attention_mask: ['int64', ['batch_size', 'sequence_length']],
      last_hidden_state: ['float32', ['batch_size', 'sequence_length', width]],
    })
    const cacheShape = (length: string) => ['float32', ['batch_size', heads, length, width / heads]]
    const encoderLength = 'encoder_past_length + encoder_new_length'
    expect(namesOf(decoder)).toMatchObject({
      input_ids: ['int64', ['batch_size', 'sequence_length']],
      encoder_hidden_states: ['float32', ['batch_size', encoderLength, width]],
      encoder_attention_mask: ['int64', ['batch_size', encoderLength]],
      'past_key_values.0.decoder.key': cacheShape('past_sequence_length'),
      'past_key_values.0.encoder.value': cacheShape('encoder_past_length'),
      'present.0.decoder.value': cacheShape('sequence_length + past_sequence_length'),
      'present.0.encoder.key': cacheShape(encoderLength),
    })
    const past = decoder.inputNames.filter((name) => name.startsWith('past'))
    for (const [rows, length, written] of [
      [2, 7, 5],
      [1, 3, 4],
      [3, 1, 6],
    ] as const) {
      const source = words(rows, length)
      const mask = source.map((row, r) => row.map((_, i) => (i < length - (r % length) ? 1 : 0)))
      const target = words(rows, written)
      const given = (x: number[][]) => tensor(x, { dtype: 'int32' })
      const context = { training: false, attentionMask: given(mask) }
      const states = network.encode(given(source), context)
      const encoded = await encoder.run({ input_ids: ids(source), attention_mask: ids(mask) })
      expectClose(dataOf(encoded, 'last_hidden_state'), (await states.data()) as Float32Array, {
        scaled: 1e-5,
      })
      // Causal, as a decoder with a cache is: each position's logits by a pass over those up to it.
      const whole = async (to: number) => {
        const own = { training: false, encoderStates: states, encoderMask: given(mask), cache: empty(rows) }
        return await network.head(network.decode(given(columns(target, 0, to)), own)).data()
      }
      const expected = await whole(written)
      let cache: Feeds = Object.fromEntries(
        past.map((name) => [name, floats([rows, heads, 0, width / heads])]),
      )
      for (const [from, to] of [
        [0, 2],
        [2, 3],
        [3, written],
      ] as const) {
        const results = await decoder.run({
          input_ids: ids(columns(target, from, to)),
          encoder_hidden_states: encoded.last_hidden_state as OrtTensor,
          encoder_attention_mask: ids(mask),
          ...cache,
        })
        const size = 61
        const part = Array.from({ length: rows }, (_, r) =>
          [...expected.slice((r * written + from) * size, (r * written + to) * size)].map(Number),
        )
        expectClose(dataOf(results, 'logits'), Float32Array.from(part.flat()), { scaled: 1e-5 })
        expect(results['present.0.encoder.key']?.dims).toEqual([rows, heads, length, width / heads])
        cache = Object.fromEntries(
          past.map((name) => [name, results[name.replace('past_key_values', 'present')] as OrtTensor]),
        )
      }
    }
  })
})

/** A cache that holds nothing yet. */
const empty = (rows: number) => {
  const nothing = () =>
    tensor(new Float32Array(0), { dtype: 'float32' }).reshape([rows, heads, 0, width / heads])
  return new GivenCache([nothing(), nothing()], [nothing(), nothing()])
}
