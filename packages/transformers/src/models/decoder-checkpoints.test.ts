import { rmSync } from 'node:fs'
import { FormatError } from 'typegrad/core'
import { describe, expect, test } from 'vitest'
import { type FromPretrainedOptions, fromPretrained } from '../checkpoint/from-pretrained.ts'
import { type GoldenWeight, goldenFolder, readGolden, weightValues } from '../testing/golden.ts'

/** Loads a golden model whose tensors are others than Hugging Face writes today. */
async function loaded(
  file: string,
  change: (weights: readonly GoldenWeight[]) => readonly GoldenWeight[],
  options?: FromPretrainedOptions,
) {
  const golden = readGolden(file)
  const folder = goldenFolder({ ...golden, weights: change(golden.weights) })
  try {
    return { golden, model: await fromPretrained(folder, options) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const weightOf = (file: string, name: string): GoldenWeight =>
  readGolden(file).weights.find((weight) => weight.name === name) as GoldenWeight

const extra = (name: string, shape: readonly number[]): GoldenWeight => ({ name, shape, base: 0, scale: 1 })

describe('checkpoints of decoders', () => {
  const older: readonly (readonly [string, readonly GoldenWeight[]])[] = [
    ['llama-lm', [extra('model.layers.0.self_attn.rotary_emb.inv_freq', [3])]],
    // The head, which is the embeddings, saved once more.
    ['qwen2-lm', [extra('lm_head.weight', [41, 24])]],
    [
      'gpt-neox-lm',
      [
        extra('gpt_neox.layers.0.attention.bias', [1, 1, 64, 64]),
        extra('gpt_neox.layers.0.attention.masked_bias', []),
        extra('gpt_neox.layers.1.attention.rotary_emb.inv_freq', [2]),
      ],
    ],
    [
      'gpt2-lm',
      [extra('transformer.h.0.attn.bias', [1, 1, 32, 32]), extra('transformer.h.0.attn.masked_bias', [])],
    ],
  ]
  test.each(older)('%s with what older versions wrote besides', async (file, besides) => {
    const { model, golden } = await loaded(file, (weights) => [...weights, ...besides])
    expect(model.checkpointWeights.map(({ name }) => name).sort()).toEqual(
      golden.weights.map(({ name }) => name).sort(),
    )
  })

  test('Pythia’s head has another name', async () => {
    const today = weightOf('gpt-neox-lm', 'lm_head.weight')
    const renamed = { ...today, name: 'embed_out.weight' }
    const { model } = await loaded('gpt-neox-lm', (weights) => [
      ...weights.filter(({ name }) => name !== today.name),
      renamed,
    ])
    const head = model.checkpointWeights.find(({ name }) => name === today.name)
    expect(await head?.weight.value.transpose().flatten().toArray()).toEqual([...weightValues(renamed)])
  })

  test('the body of a language model is a body, and one of a classifier whose head is new', async () => {
    const { model } = await loaded('llama-lm', (weights) => weights, { className: 'LlamaModel' })
    const names = model.checkpointWeights.map(({ name }) => name)
    expect(names).toContain('embed_tokens.weight')
    expect(names.some((name) => name.startsWith('lm_head') || name.startsWith('model.'))).toBe(false)

    const other = { className: 'LlamaForSequenceClassification' }
    await expect(loaded('llama-lm', (weights) => weights, other)).rejects.toThrow(FormatError)
    const loose = await loaded('llama-lm', (weights) => weights, { ...other, strict: false })
    const name = 'model.embed_tokens.weight'
    const embeddings = loose.model.checkpointWeights.find((weight) => weight.name === name)
    const expected = weightValues(weightOf('llama-lm', name))
    expect(await embeddings?.weight.value.flatten().toArray()).toEqual([...expected])
  })

  test('what is too much is an error that names it', async () => {
    const change = (weights: readonly GoldenWeight[]) => [
      ...weights.filter(({ name }) => name !== 'model.layers.1.self_attn.q_norm.weight'),
      extra('model.layers.1.self_attn.sinks', [4]),
    ]
    await expect(loaded('qwen3-lm', change)).rejects.toThrow(/self_attn\.sinks/)
  })
})
