import { checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { ConfigReader, RawConfig } from '../base/config.ts'

export interface PromptTuningOptions {
  /** How many vectors are learnt. Default 20, as in PEFT's guide `task_guides/prompt_based_methods.md`. */
  readonly tokens?: number
  /**
   * Words whose embeddings the vectors begin as, repeated as often as need be: PEFT's `prompt_tuning_init_text`, as ids. Default:
   * normal numbers.
   */
  readonly initialIds?: readonly number[]
}

/** What {@link promptTuning} makes. */
export interface PromptTuningConfig extends PromptTuningOptions {
  readonly kind: 'prompt'
  readonly tokens: number
}

export interface PrefixTuningOptions {
  /** How many keys and values are learnt for each attention. Default 20, as in PEFT's guide `task_guides/prompt_based_methods.md`. */
  readonly tokens?: number
}

/** What {@link prefixTuning} makes. */
export interface PrefixTuningConfig {
  readonly kind: 'prefix'
  readonly tokens: number
}

const promptChecks = optionsOf<PromptTuningOptions>()({
  tokens: checks.count,
  initialIds: {
    expected: 'ids of words, at least one',
    accepts: (value: unknown) =>
      Array.isArray(value) && value.length > 0 && value.every((id) => Number.isInteger(id) && id >= 0),
  },
})

/**
 * Prompt tuning: vectors in front of the words' embeddings are learnt, and all weights stay. For `PromptedModel`.
 *
 * Lester et al. 2021, https://arxiv.org/abs/2104.08691
 *
 * @throws ArgumentError for options that are none.
 */
export function promptTuning(options: PromptTuningOptions = {}): PromptTuningConfig {
  checkOptions('promptTuning', options, promptChecks)
  return { kind: 'prompt', ...options, tokens: options.tokens ?? 20 }
}

const prefixChecks = optionsOf<PrefixTuningOptions>()({ tokens: checks.count })

/**
 * Prefix tuning: keys and values in front of those of each attention are learnt, and all weights stay. For `PromptedModel`.
 *
 * Li and Liang 2021, https://arxiv.org/abs/2101.00190
 *
 * @throws ArgumentError for options that are none.
 */
export function prefixTuning(options: PrefixTuningOptions = {}): PrefixTuningConfig {
  checkOptions('prefixTuning', options, prefixChecks)
  return { kind: 'prefix', tokens: options.tokens ?? 20 }
}

/** PEFT's words for it. @param sizes of the attention's cache, which are what PEFT has of the model. */
export const promptToPeft = (
  { kind, tokens }: PromptTuningConfig | PrefixTuningConfig,
  { blocks, heads, width }: { readonly blocks: number; readonly heads: number; readonly width: number },
): RawConfig => ({
  peft_type: kind === 'prompt' ? 'PROMPT_TUNING' : 'PREFIX_TUNING',
  task_type: 'CAUSAL_LM',
  num_virtual_tokens: tokens,
  num_layers: blocks,
  num_attention_heads: heads,
  token_dim: width,
  num_transformer_submodules: 1,
  inference_mode: true,
})

/**
 * What a file says. P-tuning's vectors are a prompt's: what made them while they were trained is not in the file.
 *
 * @throws FormatError for another method.
 */
export function promptFromPeft(reader: ConfigReader): PromptTuningConfig | PrefixTuningConfig {
  const type = reader.string('peft_type')
  const tokens = reader.count('num_virtual_tokens')
  if (type === 'PROMPT_TUNING' || type === 'P_TUNING') return promptTuning({ tokens })
  if (type === 'PREFIX_TUNING') return prefixTuning({ tokens })
  throw new FormatError({
    where: reader.at('peft_type'),
    expected: "'PROMPT_TUNING', 'P_TUNING' or 'PREFIX_TUNING'",
    received: `'${type}'`,
    fix: "Adapters of weights, such as 'LORA', are loaded by loadAdapter(model, folder).",
  })
}
