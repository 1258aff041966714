import { rmSync } from 'node:fs'
import { ops, type Tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { EncoderDecoder } from '../layers/network.ts'
import { callOf, describeAsInPython, goldenFolder, inputsOf, readGolden } from '../testing/golden.ts'
import { TinyCache } from '../testing/tiny-cache.ts'

describeAsInPython('whisper')

const golden = readGolden('whisper')
const folder = goldenFolder(golden)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('piece by piece with a cache as all at once', async () => {
  const model = await fromPretrained(folder)
  const { network } = model
  if (!(network instanceof EncoderDecoder)) throw new Error('an encoder and a decoder')
  const [one] = golden.cases
  if (one === undefined) throw new Error('a case')
  const [mel, context] = callOf(model, inputsOf(one))
  const ids = context.decoderInputIds as Tensor
  const encoderStates = network.encode(mel, context)
  // Keys and values over the encoder's states are made once.
  const cache = new TinyCache(ids.shape[1] as number)
  const pieces: Tensor[] = []
  for (const piece of ids.split([3, 1, (ids.shape[1] as number) - 4], 1)) {
    pieces.push(network.head(network.decode(piece, { encoderStates, cache, training: false })))
    await cache.advance(piece.shape[1] as number)
  }
  const expected = one.outputs.logits?.values ?? []
  expect(expected.length).toBeGreaterThan(0)
  expectClose(await ops.concat(pieces, 1).data(), Float32Array.from(expected), { scaled: 1e-4 })
})

test('the positions of the encoder begin as sinusoids', async () => {
  const { checkpointWeights } = new PretrainedModel(golden.config)
  const found = checkpointWeights.find(({ name }) => name === 'model.encoder.embed_positions.weight')
  if (found === undefined) throw new Error('positions')
  const { weight } = found
  const [positions, width] = weight.shape as readonly [number, number]
  const values = (await weight.value.data()) as Float32Array
  // The sine of the fastest and the slowest frequency, and the cosine of the fastest.
  for (let i = 0; i < positions; i++) {
    expect(values[i * width]).toBeCloseTo(Math.sin(i), 5)
    expect(values[i * width + width / 2 - 1]).toBeCloseTo(Math.sin(i / 10_000), 5)
    expect(values[i * width + width / 2]).toBeCloseTo(Math.cos(i), 5)
  }
  expect(weight.trainable).toBe(false)
})
