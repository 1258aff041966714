import { setRandomSeed } from 'typegrad'
import { describe, expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { argMax } from './choice.ts'
import { Conversation } from './conversation.ts'
import { generateIds } from './generate.ts'

const llama = {
  vocab_size: 47,
  max_position_embeddings: 120,
  hidden_size: 24,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  initializer_range: 0.5,
}
const gptNeoX = { ...llama, num_key_value_heads: 4, rotary_pct: 0.5, hidden_size: 32 }
const gemma2 = { ...llama, head_dim: 8, sliding_window: 5, query_pre_attn_scalar: 8 }

/** Positions that rotate, heads that share keys, windows: what a cache and padding in front must not change. */
describe.each([
  ['llama', 'LlamaForCausalLM', llama],
  ['mistral', 'MistralForCausalLM', { ...llama, sliding_window: 6 }],
  ['gemma2', 'Gemma2ForCausalLM', gemma2],
  ['gpt_neox', 'GPTNeoXForCausalLM', gptNeoX],
] as const)('%s', (model_type, className, config) => {
  test('answers prompts of several lengths, also behind a shared beginning, as without a cache', async () => {
    setRandomSeed(4)
    const model = new PretrainedModel({ ...config, model_type, architectures: [className] })
    const prompts = [[3, 17, 40, 5, 9, 22], [8], Array.from({ length: 35 }, (_, i) => (i * 5) % 47)]
    const after = new Conversation(model)
    await after.add([7, 11, 30, 2, 2, 19, 28])
    for (const shared of [undefined, after]) {
      const answers = await generateIds(model, prompts, {
        maxNewTokens: 14,
        stopIds: [],
        ...(shared !== undefined && { after: shared }),
      })
      for (const [i, prompt] of prompts.entries()) {
        const answer = answers[i]?.[0]?.ids ?? []
        const begin = [...(shared?.ids ?? []), ...prompt]
        const ids = [...begin, ...answer]
        const { logits } = await model.predict({ input_ids: [ids], attention_mask: [ids.map(() => 1)] })
        const scores = (await logits?.data()) as Float32Array
        const row = (at: number) => scores.subarray(at * 47, (at + 1) * 47)
        expect(answer).toEqual(answer.map((_, at) => argMax(row(begin.length - 1 + at))))
      }
      expect(new Set(answers.map(([one]) => one?.ids.join())).size).toBe(3)
    }
  })
})
