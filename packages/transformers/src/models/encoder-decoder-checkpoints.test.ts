import { rmSync } from 'node:fs'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type GoldenWeight, goldenFolder, readGolden, weightValues } from '../testing/golden.ts'

interface Changes {
  readonly className?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly weights?: (weights: readonly GoldenWeight[]) => readonly GoldenWeight[]
}

/** A golden file's model, of a folder with changes. */
async function loaded(file: string, { className, config, weights }: Changes = {}): Promise<PretrainedModel> {
  const golden = readGolden(file)
  const folder = goldenFolder({
    ...golden,
    config: { ...golden.config, ...config },
    weights: weights?.(golden.weights) ?? golden.weights,
  })
  try {
    return await fromPretrained(folder, className === undefined ? {} : { className })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const without = (name: string) => (weights: readonly GoldenWeight[]) =>
  weights.filter((weight) => weight.name !== name)
const renamed = (from: string, to: string) => (weights: readonly GoldenWeight[]) =>
  weights.map((weight) => (weight.name === from ? { ...weight, name: to } : weight))
const added = (name: string, shape: readonly number[]) => (weights: readonly GoldenWeight[]) => [
  ...weights,
  { name, shape, base: 0, scale: 1 },
]

describe('T5', () => {
  test('the encoder of a whole model', async () => {
    const { network, checkpointWeights } = await loaded('t5', { className: 'T5EncoderModel' })
    expect(network.className).toBe('T5EncoderModel')
    const golden = readGolden('t5').weights.filter(({ name }) => !name.startsWith('decoder.'))
    expect(checkpointWeights.map(({ name }) => name).sort()).toEqual(golden.map(({ name }) => name).sort())
    const words = checkpointWeights.find(({ name }) => name === 'shared.weight')
    expectClose(
      (await words?.weight.value.data()) as Float32Array,
      weightValues(golden.find(({ name }) => name === 'shared.weight') as GoldenWeight),
    )
  })

  test('words under the encoder’s name', async () => {
    const { checkpointWeights } = await loaded('t5', {
      weights: renamed('shared.weight', 'encoder.embed_tokens.weight'),
    })
    const named = readGolden('t5').weights.find(({ name }) => name === 'shared.weight') as GoldenWeight
    const words = checkpointWeights.find(({ name }) => name === 'shared.weight')
    expectClose(
      (await words?.weight.value.data()) as Float32Array,
      weightValues({ ...named, name: 'encoder.embed_tokens.weight' }),
    )
  })

  test('a block that config.json does not know', async () => {
    const surplus = 'decoder.block.1.layer.0.SelfAttention.q.weight'
    await expect(loaded('t5', { weights: added(surplus, [18, 24]) })).rejects.toThrow(`besides '${surplus}'`)
  })

  test('a head of its own: by what transformers 4 or 5 writes', async () => {
    const isOwn = async (config: Changes['config']) => {
      const { checkpointWeights } = await loaded('t5-gated', config && { config })
      return checkpointWeights.some(({ name }) => name === 'lm_head.weight')
    }
    expect(await isOwn({ tie_word_embeddings: true, scale_decoder_outputs: false })).toBe(true)
    expect(await isOwn({ tie_word_embeddings: false, scale_decoder_outputs: undefined })).toBe(true)
  })

  test('mT5’s own head where config.json says that it is tied', async () => {
    await expect(loaded('mt5', { weights: added('lm_head.weight', [53, 24]) })).rejects.toThrow(
      "besides 'lm_head.weight'",
    )
  })

  test('feed-forward parts of another kind', async () => {
    await expect(loaded('t5', { config: { feed_forward_proj: 'gated-gelu-new' } })).rejects.toThrow(
      "feed_forward_proj: expected the name of an activation, or one behind 'gated-', received 'gated-gelu-new'",
    )
  })
})

describe('BART', () => {
  test('a body alone, which has nothing to add to scores', async () => {
    const { checkpointWeights } = await loaded('bart-model', { className: 'BartForConditionalGeneration' })
    const bias = checkpointWeights.find(({ name }) => name === 'final_logits_bias')
    expect(await bias?.weight.value.data()).toEqual(new Float32Array(47))
  })

  test('the body of a model with a head', async () => {
    const { checkpointWeights } = await loaded('bart', { className: 'BartModel' })
    expect(checkpointWeights.length).toBe(readGolden('bart').weights.length - 1)
  })

  test('anything else that is missing', async () => {
    const missing = 'model.decoder.layers.0.encoder_attn.v_proj.bias'
    await expect(loaded('bart', { weights: without(missing) })).rejects.toThrow(`nothing for '${missing}'`)
  })

  test('Marian’s sinusoids, which older files have', async () => {
    const table = 'model.encoder.embed_positions.weight'
    const { checkpointWeights } = await loaded('marian', { weights: added(table, [20, 24]) })
    expect(checkpointWeights.some(({ name }) => name === table)).toBe(false)
  })
})
