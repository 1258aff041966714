/** Ends of modules' names. */
type Names = readonly string[]

const queryValue: Names = ['query', 'value']
const projections: Names = ['q_proj', 'v_proj']

/** What LoRA adapts where nothing is said, by `model_type`: as PEFT's tables have it, and the like for those that it lacks. */
export const loraTargets: Readonly<Record<string, Names>> = {
  gpt2: ['c_attn'],
  gpt_neox: ['query_key_value'],
  llama: projections,
  mistral: projections,
  qwen2: projections,
  qwen3: projections,
  smollm3: projections,
  gemma2: projections,
  bert: queryValue,
  roberta: queryValue,
  'xlm-roberta': queryValue,
  distilbert: ['q_lin', 'v_lin'],
  mpnet: ['q', 'v'],
  modernbert: ['Wqkv'],
  'deberta-v2': ['query_proj', 'value_proj'],
  t5: ['q', 'v'],
  mt5: ['q', 'v'],
  bart: projections,
  mbart: projections,
  marian: projections,
  whisper: projections,
  wav2vec2: projections,
  clip: projections,
  clip_text_model: projections,
  clip_vision_model: projections,
  vit: queryValue,
  dinov2: queryValue,
}

/** What (IA)³ scales where nothing is said: all targets, and those that are feed-forward modules. As PEFT's tables have it. */
export const ia3Targets: Readonly<Record<string, { readonly targets: Names; readonly feedForward: Names }>> =
  {
    gpt2: { targets: ['c_attn', 'mlp.c_proj'], feedForward: ['mlp.c_proj'] },
    gpt_neox: { targets: ['query_key_value', 'dense_4h_to_h'], feedForward: ['dense_4h_to_h'] },
    llama: { targets: ['k_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    mistral: { targets: ['k_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    gemma2: { targets: ['q_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    qwen2: { targets: ['q_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    qwen3: { targets: ['q_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    smollm3: { targets: ['k_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
    bert: { targets: ['key', 'value', 'output.dense'], feedForward: ['output.dense'] },
    roberta: { targets: ['key', 'value', 'output.dense'], feedForward: ['output.dense'] },
    'xlm-roberta': { targets: ['key', 'value', 'output.dense'], feedForward: ['output.dense'] },
    'deberta-v2': { targets: ['key_proj', 'value_proj', 'output.dense'], feedForward: ['output.dense'] },
    t5: { targets: ['k', 'v', 'wo'], feedForward: ['wo'] },
    mt5: { targets: ['k', 'v', 'wi_1'], feedForward: [] },
    bart: { targets: ['q_proj', 'v_proj', 'fc2'], feedForward: ['fc2'] },
    vit: { targets: ['key', 'value', 'intermediate.dense'], feedForward: [] },
  }
