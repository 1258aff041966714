import type { ConfigReader, RawConfig } from '../base/config.ts'

/** llama.cpp's names of a block's parts, by Hugging Face's. */
const parts: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}
const ends: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
}

/** What an architecture of llama.cpp is in Hugging Face's words. */
export interface GgufArchitecture {
  readonly modelType: string
  readonly className: string
  /** Names of a block's parts that are others than Llama's. */
  readonly parts?: Readonly<Record<string, string>>
  /** Whether rows of queries and keys stand as pairs to be turned together: neighbours there, halves of a head here. */
  readonly hasPairs?: boolean
  /** What is taken off the scales of normalizations, which are counted from 1 here and from 0 there. */
  readonly scaleOffset?: number
  /** Further entries of `config.json`. */
  readonly config?: (told: ConfigReader, prefix: string) => RawConfig
}

/** By `general.architecture`. */
export const ggufArchitectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: { modelType: 'llama', className: 'LlamaForCausalLM', hasPairs: true },
  qwen2: { modelType: 'qwen2', className: 'Qwen2ForCausalLM' },
  qwen3: { modelType: 'qwen3', className: 'Qwen3ForCausalLM' },
  gemma2: {
    modelType: 'gemma2',
    className: 'Gemma2ForCausalLM',
    parts: {
      ...parts,
      post_attention_layernorm: 'post_attention_norm',
      pre_feedforward_layernorm: 'ffn_norm',
      post_feedforward_layernorm: 'post_ffw_norm',
    },
    scaleOffset: 1,
    config: (told, prefix) => ({
      attn_logit_softcapping: told.number(`${prefix}.attn_logit_softcapping`, 50),
      final_logit_softcapping: told.number(`${prefix}.final_logit_softcapping`, 30),
      sliding_window: told.count(`${prefix}.attention.sliding_window`, 4096),
      // The file does not say it; the model of 27 billion is the one with 46 blocks.
      query_pre_attn_scalar:
        told.count(`${prefix}.block_count`) === 46
          ? told.count(`${prefix}.embedding_length`) / told.count(`${prefix}.attention.head_count`)
          : told.count(`${prefix}.attention.key_length`),
    }),
  },
}

/** llama.cpp's name of a weight that checkpoints have under this one; undefined for one that it has no name for. */
export function ggufName(name: string, architecture: GgufArchitecture): string | undefined {
  const dot = name.lastIndexOf('.')
  const [stem, kind] = [name.slice(0, dot), name.slice(dot + 1)]
  const found = /^model\.layers\.(\d+)\.(.+)$/.exec(stem)
  const part = found === null ? ends[stem] : (architecture.parts ?? parts)[found[2] as string]
  if (part === undefined) return undefined
  return found === null ? `${part}.${kind}` : `blk.${found[1]}.${part}.${kind}`
}

/** What tensors say of a model. */
export interface GgufTensors {
  readonly words: number
  readonly isTied: boolean
  /** What the periods of rotary positions are multiplied with, one a pair of features: how Llama 3's scaling is kept. */
  readonly periods?: readonly number[]
}

/** What stands for `config.json` in a file of llama.cpp. @throws FormatError for entries that are missing or none. */
export function ggufConfig(
  told: ConfigReader,
  prefix: string,
  { modelType, className, config }: GgufArchitecture,
  { words, isTied, periods }: GgufTensors,
): RawConfig {
  const width = told.count(`${prefix}.embedding_length`)
  const heads = told.count(`${prefix}.attention.head_count`)
  const scaling = told.string(`${prefix}.rope.scaling.type`, 'none')
  const factor = told.number(`${prefix}.rope.scaling.factor`, 1)
  return {
    architectures: [className],
    model_type: modelType,
    vocab_size: words,
    hidden_size: width,
    intermediate_size: told.count(`${prefix}.feed_forward_length`),
    num_hidden_layers: told.count(`${prefix}.block_count`),
    num_attention_heads: heads,
    num_key_value_heads: told.count(`${prefix}.attention.head_count_kv`, heads),
    head_dim: told.count(`${prefix}.attention.key_length`, width / heads),
    max_position_embeddings: told.count(`${prefix}.context_length`),
    rms_norm_eps: told.number(`${prefix}.attention.layer_norm_rms_epsilon`),
    rope_theta: told.number(`${prefix}.rope.freq_base`, 10_000),
    ...(scaling !== 'none' && {
      rope_scaling: {
        rope_type: scaling,
        factor,
        original_max_position_embeddings: told.count(
          `${prefix}.rope.scaling.original_context_length`,
          told.count(`${prefix}.context_length`),
        ),
      },
    }),
    ...(periods !== undefined && { rope_scaling: ofPeriods(told, prefix, scaling, periods) }),
    tie_word_embeddings: isTied,
    ...config?.(told, prefix),
  }
}

/** The same scaling for texts of all lengths. @throws FormatError where the file has another one as well. */
function ofPeriods(
  told: ConfigReader,
  prefix: string,
  scaling: string,
  periods: readonly number[],
): RawConfig {
  told.refuse(`${prefix}.rope.scaling.type`, "'none' beside 'rope_freqs.weight'", () => scaling !== 'none')
  return {
    rope_type: 'longrope',
    factor: 1,
    short_factor: periods,
    long_factor: periods,
    original_max_position_embeddings: told.count(`${prefix}.context_length`),
  }
}
