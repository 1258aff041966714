import { describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'

const sizes = {
  vocab_size: 60,
  hidden_size: 48,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  head_dim: 12,
  attention_bias: true,
  rotary_pct: 0.5,
  tie_word_embeddings: false,
  initializer_range: 0.05,
}

const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

describe('weights begin as Hugging Face’s: normal numbers of initializer_range, scales of 1, biases of 0', () => {
  const classes: readonly (readonly [string, string])[] = [
    ['llama', 'LlamaForCausalLM'],
    ['qwen3', 'Qwen3ForTokenClassification'],
    ['gemma2', 'Gemma2ForSequenceClassification'],
    ['gpt_neox', 'GPTNeoXForCausalLM'],
  ]
  test.each(classes)('%s: %s', async (modelType, className) => {
    const model = new PretrainedModel({ ...sizes, model_type: modelType }, className)
    for (const { name, weight } of model.checkpointWeights) {
      const values = (await weight.value.flatten().toArray()) as number[]
      if (name.endsWith('.bias')) expect(new Set(values), name).toEqual(new Set([0]))
      else if (/norm/.test(name))
        expect(new Set(values), name).toEqual(new Set([modelType === 'gemma2' ? 0 : 1]))
      // Five deviations of the deviation of so many numbers.
      else expect(Math.abs(deviation(values) / 0.05 - 1), name).toBeLessThan(5 / Math.sqrt(2 * values.length))
    }
  })
})
