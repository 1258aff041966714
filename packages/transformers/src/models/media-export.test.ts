// Networks of pictures and sounds as ONNX files, in plain ONNX Runtime: Python's numbers, and at other sizes the model's own.
import { rmSync } from 'node:fs'
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { type Tensor, tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { goldenFolder, hashedNumbers, inputsOf, readGolden } from '../testing/golden.ts'

/** typegrad's engine shares the library, and is to be there first. */
let Session: typeof InferenceSession
beforeAll(async () => {
  await tensor([1]).add(1).data()
  Session = (await import('onnxruntime-node')).InferenceSession
})
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Inputs = Readonly<Record<string, Tensor>>

/** Ids and masks are int64 in files. */
async function feedsOf(session: InferenceSession, inputs: Inputs): Promise<Record<string, OrtTensor>> {
  const feeds = session.inputNames.map(async (name): Promise<[string, OrtTensor]> => {
    const given = inputs[name]
    if (given === undefined) throw new Error(`no '${name}'`)
    const data = await given.data()
    return given.dtype === 'float32'
      ? [name, new OrtTensor('float32', data as Float32Array, given.shape)]
      : [name, new OrtTensor('int64', BigInt64Array.from(data as Int32Array, BigInt), given.shape)]
  })
  return Object.fromEntries(await Promise.all(feeds))
}

const hashed = (...shape: number[]): Tensor =>
  tensor(
    hashedNumbers(
      'media',
      shape.reduce((a, b) => a * b, 1),
    ),
  ).reshape(shape)
const words = (rows: number, length: number): Tensor =>
  tensor(
    Array.from({ length: rows }, (_, i) => Array.from({ length }, (_, j) => 1 + ((7 * i + 5 * j) % 30))),
    { dtype: 'int32' },
  )
/** The last `padding` of each row do not count, one fewer in each further row. */
const maskOf = (rows: number, length: number, padding = 0): Tensor =>
  tensor(
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length }, (_, j) => Number(j < length - padding + i)),
    ),
    { dtype: 'int32' },
  )
const sound = (rows: number, samples: number, padding = 0): Inputs => ({
  input_values: hashed(rows, samples),
  attention_mask: maskOf(rows, samples, padding),
})
const picture = (rows: number, height: number, width: number): Inputs => ({
  pixel_values: hashed(rows, 3, height, width),
})
const both = (pictures: number, texts: number, length: number): Inputs => ({
  ...picture(pictures, 16, 16),
  input_ids: words(texts, length),
  attention_mask: maskOf(texts, length),
})
const speech = (rows: number, length: number): Inputs => ({
  input_features: hashed(rows, 8, 22),
  decoder_input_ids: words(rows, length),
})

// Sizes that leave remainders behind strides; a picture of the size that positions are for; one of a single patch.
test.each<[string, readonly Inputs[]]>([
  ['dinov2', [picture(3, 4, 9)]],
  ['dinov2-classification', [picture(3, 13, 9)]],
  ['wav2vec2-group', [sound(1, 97), sound(3, 130, 40)]],
  ['wav2vec2-layer', [sound(2, 411, 111)]],
  ['vit', [picture(3, 16, 16)]],
  ['clip', [both(4, 4, 5)]],
  ['whisper', [speech(3, 5)]],
])('%s', async (file, others) => {
  const golden = readGolden(file)
  const folder = goldenFolder(golden)
  folders.push(folder)
  const model = await fromPretrained(folder)
  const session = await Session.create(await model.toOnnx(), { logSeverityLevel: 3 })
  const run = async (inputs: Inputs) => {
    const results = await session.run(await feedsOf(session, inputs))
    return (name: string, shape: readonly number[]) => {
      expect(results[name]?.dims, name).toEqual(shape)
      return results[name]?.data as Float32Array
    }
  }
  for (const one of golden.cases) {
    const given = inputsOf(one)
    // What a case leaves out counts as a whole.
    const masked = model.network.takes.some(({ option }) => option === 'attentionMask')
    const [rows = 1, length = 1] = (given.input_ids ?? given.input_values)?.shape ?? []
    const outputs = await run({ ...(masked && { attention_mask: maskOf(rows, length) }), ...given })
    if (given.attention_mask !== undefined) continue
    for (const [name, { shape, values }] of Object.entries(one.outputs))
      expectClose(outputs(name, shape), Float32Array.from(values), { scaled: 1e-4 }, name)
  }
  for (const inputs of others) {
    const predicted = await model.predict(inputs)
    const outputs = await run(inputs)
    for (const [name, expected] of Object.entries(predicted))
      expectClose(
        outputs(name, expected.shape),
        (await expected.data()) as Float32Array,
        { scaled: 1e-4 },
        name,
      )
  }
})

test('whisper in its two files, and its decoder in pieces', async () => {
  const golden = readGolden('whisper')
  const folder = goldenFolder(golden)
  folders.push(folder)
  const model = await fromPretrained(folder)
  const [encoder, decoder] = [
    await Session.create(await model.toOnnx({ form: 'encoder' }), { logSeverityLevel: 3 }),
    await Session.create(await model.toOnnx({ form: 'decoder' }), { logSeverityLevel: 3 }),
  ]
  for (const one of golden.cases) {
    const { input_features, decoder_input_ids: ids } = inputsOf(one)
    if (input_features === undefined || ids === undefined) throw new Error('a case of speech')
    const [rows = 0, length = 0] = ids.shape
    const { last_hidden_state: states } = await encoder.run(await feedsOf(encoder, { input_features }))
    if (states === undefined) throw new Error('no states')
    const pasts = decoder.inputMetadata.filter(({ name }) => name.startsWith('past_'))
    let cache: Record<string, OrtTensor> = Object.fromEntries(
      pasts.map((one) => {
        const [, heads = 0, , dim = 0] = one.isTensor ? one.shape.map(Number) : []
        return [one.name, new OrtTensor('float32', new Float32Array(0), [rows, heads, 0, dim])]
      }),
    )
    const expected = one.outputs.logits
    const width = expected?.shape.at(-1) ?? 0
    for (const [from, to] of length === 1 ? [[0, 1] as const] : [[0, 2] as const, [2, length] as const]) {
      const piece = BigInt64Array.from(
        (await ids.slice([0, from], [-1, to - from]).data()) as Int32Array,
        BigInt,
      )
      const results = await decoder.run({
        input_ids: new OrtTensor('int64', piece, [rows, to - from]),
        encoder_hidden_states: states,
        ...cache,
      })
      const wanted = Array.from({ length: rows }, (_, row) =>
        expected?.values.slice((row * length + from) * width, (row * length + to) * width),
      ).flat()
      expectClose(results.logits?.data as Float32Array, Float32Array.from(wanted as number[]), {
        scaled: 1e-4,
      })
      cache = Object.fromEntries(
        Object.keys(cache).map((name) => [
          name,
          results[name.replace('past_key_values', 'present')] as OrtTensor,
        ]),
      )
    }
  }
})
