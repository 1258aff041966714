import { type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { compareQuantized, formatComparison, weightBytes } from './compare.ts'
import { quantizeModel } from './quantize-model.ts'

const config = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  vocab_size: 50,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  initializer_range: 0.2,
}
const ids = tensor([[3, 17, 40, 5, 9, 22, 31, 8]], { dtype: 'int32' })
const logits = async (model: PretrainedModel): Promise<Float32Array> => {
  const { logits: found } = model.network.outputs(ids, { training: false })
  return (await (found as Tensor).data()) as Float32Array
}

describe.each([true, false])('a model whose head is tied: %s', (tied) => {
  test.each([
    [8, 0.998],
    [4, 0.85],
  ] as const)('in %i bits gives nearly what it gave', async (bits, least) => {
    const model = new PretrainedModel({ ...config, tie_word_embeddings: tied })
    const exact = await logits(model)
    const before = weightBytes(model)
    const paths = await quantizeModel(model, { bits })
    expect(paths.length).toBe(2 * 7 + (tied ? 1 : 2))
    const got = await logits(model)
    const dot = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
    const cosine = dot(exact, got) / Math.sqrt(dot(exact, exact) * dot(got, got))
    expect(cosine).toBeGreaterThan(least)
    expect(cosine).toBeLessThan(1)
    // A scale of 4 bytes for 32 numbers.
    expect(weightBytes(model) / before).toBeLessThan(bits / 32 + 1 / 32 + 0.02)
  })
})

test('a filter says which, and what is kept so already stays', async () => {
  const model = new PretrainedModel(config)
  const some = await quantizeModel(model, { bits: 8, filter: '**/{q_proj,v_proj}/kernel' })
  expect(some.length).toBe(4)
  const rest = await quantizeModel(model, { bits: 4, blockSize: 16, isSymmetric: false })
  expect(rest.length).toBe(2 * 5 + 2)
})

test('one call tells size, speed and score before and after', async () => {
  const model = new PretrainedModel(config)
  const told = await compareQuantized(model, {
    bits: 4,
    inputs: { input_ids: ids, attention_mask: tensor([[1, 1, 1, 1, 1, 1, 1, 1]], { dtype: 'int32' }) },
    score: async () => 12.345,
    scoreName: 'perplexity',
    runs: 3,
  })
  expect(told.after.bytes).toBeLessThan(0.3 * told.before.bytes)
  expect(told.difference).toBeGreaterThan(0)
  const lines = formatComparison(told).split('\n')
  expect(lines[1]).toMatch(/^weights +\d+\.\d MB +\d+\.\d MB +0\.\d\d ×$/)
  expect(lines[3]).toMatch(/^perplexity +12\.345 +12\.345$/)
})

test('refuses options that are none', async () => {
  const model = new PretrainedModel(config)
  await expect(quantizeModel(model, { bits: 3 as 4 })).rejects.toThrow(ArgumentError)
  await expect(quantizeModel(model, { bits: 4, filter: '**/nothing' })).rejects.toThrow(ArgumentError)
})
