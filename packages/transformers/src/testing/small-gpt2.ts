/** A GPT-2 that takes no time, with weights large enough that its answers vary. */
export const smallGPT2 = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  vocab_size: 61,
  n_positions: 200,
  n_embd: 24,
  n_layer: 2,
  n_head: 3,
  initializer_range: 0.4,
} as const
