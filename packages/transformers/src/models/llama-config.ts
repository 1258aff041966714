import { ArgumentError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { type RopeSettings, ropeSettings } from '../layers/rope-frequencies.ts'
import { type ClassifierConfig, classifierConfig } from '../layers/text-heads.ts'

/** What the networks of Llama and its relatives are made by. */
export interface LlamaConfig {
  readonly vocabSize: number
  readonly width: number
  readonly inner: number
  readonly heads: number
  readonly keyHeads: number
  /** Features of a head, which need not be width / heads. */
  readonly dim: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly stddev: number
  readonly attentionDropout: number
  readonly rope: RopeSettings
  readonly blocks: readonly BlockConfig[]
  readonly biases: { readonly input: boolean; readonly output: boolean; readonly feedForward: boolean }
  /** Whether each head's queries and keys are normalized. */
  readonly normalizesQueries: boolean
  /** Whether the word embeddings are the head too. */
  readonly isTied: boolean
  /** What products of queries and keys are multiplied with. */
  readonly scale: number
  /** Bounds of attention's scores, and of the logits. */
  readonly scoreCap: number | undefined
  readonly logitCap: number | undefined
  /** Gemma's ways: scales counted from 1, embeddings multiplied with √width, a normalization behind each part too. */
  readonly isGemma: boolean
  readonly classifier: ClassifierConfig
}

/** Wherein the blocks of a network differ. */
export interface BlockConfig {
  /** A query sees so many keys, its own counted; undefined for all. */
  readonly window: number | undefined
  /** Whether queries and keys are turned by their positions. */
  readonly isRotary: boolean
}

/** Wherein an architecture differs from Llama. What stands for missing entries is what Hugging Face's classes have. */
export interface LlamaRelative {
  readonly modelType: string
  /** The names of Hugging Face's classes begin with it. */
  readonly className: string
  /** Default: as many as there are heads. */
  readonly keyHeads?: number
  /** Default: width / heads. */
  readonly dim?: number
  readonly theta?: number
  readonly isTied?: boolean
  /** Biases that the configuration may ask for. Default both. */
  readonly biases?: readonly ('attention_bias' | 'mlp_bias')[]
  /** Whether queries, keys and values have biases in any case. */
  readonly hasInputBias?: boolean
  readonly normalizesQueries?: boolean
  readonly isGemma?: boolean
  /** The window of each block. Default: none has one. */
  readonly windows?: (config: ConfigReader, blocks: number) => readonly (number | undefined)[]
  /** Which blocks turn queries and keys by their positions. Default: all. */
  readonly rotary?: (config: ConfigReader, blocks: number) => readonly boolean[]
}

/** @throws FormatError and ArgumentError for entries that are none, or that no network can be made by. */
export function llamaConfig(config: ConfigReader, relative: LlamaRelative): LlamaConfig {
  const { isGemma = false, biases = ['attention_bias', 'mlp_bias'], hasInputBias = false } = relative
  config.refuse('use_bidirectional_attention', 'false', (value) => value === true)
  const width = config.count('hidden_size')
  const heads = config.count('num_attention_heads')
  const keyHeads = config.countOrNull('num_key_value_heads', relative.keyHeads ?? heads) ?? heads
  if (heads % keyHeads !== 0) {
    throw new ArgumentError({
      where: 'config.json: num_key_value_heads',
      expected: `a divisor of the ${heads} heads`,
      received: String(keyHeads),
    })
  }
  const dim = config.count('head_dim', relative.dim ?? Math.floor(width / heads))
  const activation = isGemma ? 'hidden_activation' : 'hidden_act'
  const stddev = config.number('initializer_range', 0.02)
  const hasBias = (name: 'attention_bias' | 'mlp_bias') =>
    biases.includes(name) && config.boolean(name, false)
  return {
    vocabSize: config.count('vocab_size'),
    width,
    inner: config.count('intermediate_size'),
    heads,
    keyHeads,
    dim,
    activation: activationOf(
      config.string(activation, isGemma ? 'gelu_pytorch_tanh' : 'silu'),
      `config.json: ${activation}`,
    ),
    epsilon: config.number('rms_norm_eps', 1e-6),
    stddev,
    attentionDropout: config.number('attention_dropout', 0),
    rope: ropeSettings(config, dim, relative.theta === undefined ? {} : { theta: relative.theta }),
    blocks: blocksOf(config, relative),
    biases: {
      input: hasInputBias || hasBias('attention_bias'),
      output: hasBias('attention_bias'),
      feedForward: hasBias('mlp_bias'),
    },
    normalizesQueries: relative.normalizesQueries ?? false,
    isTied: config.boolean('tie_word_embeddings', relative.isTied ?? false),
    scale: (isGemma ? config.number('query_pre_attn_scalar', 256) : dim) ** -0.5,
    scoreCap: isGemma ? config.numberOrNull('attn_logit_softcapping', 50) : undefined,
    logitCap: isGemma ? config.numberOrNull('final_logit_softcapping', 30) : undefined,
    isGemma,
    classifier: classifierConfig(config, stddev),
  }
}

function blocksOf(config: ConfigReader, { windows, rotary }: LlamaRelative): readonly BlockConfig[] {
  const blocks = config.count('num_hidden_layers')
  const [widths, turns] = [windows?.(config, blocks), rotary?.(config, blocks)]
  return Array.from({ length: blocks }, (_, i) => ({ window: widths?.[i], isRotary: turns?.[i] ?? true }))
}

/**
 * The window of each block by `layer_types`.
 *
 * @param size of those that have one; undefined where the configuration has none.
 * @param isSliding which blocks have one where there are no `layer_types`.
 */
export function windowsByLayerTypes(
  config: ConfigReader,
  blocks: number,
  size: number | undefined,
  isSliding: (block: number) => boolean,
): readonly (number | undefined)[] {
  const counted = Array.from({ length: blocks }, (_, i) => isSliding(i))
  const types = config.strings(
    'layer_types',
    counted.map((slides) => (slides ? 'sliding_attention' : 'full_attention')),
  )
  checkLength('layer_types', types, blocks)
  return types.map((type) => {
    if (type === 'full_attention') return undefined
    if (type === 'sliding_attention' && size !== undefined) return size
    throw new ArgumentError({
      where: 'config.json: layer_types',
      expected: `'full_attention'${size === undefined ? '' : " or 'sliding_attention'"} for each block`,
      received: `'${type}'${size === undefined ? ', and no sliding_window' : ''}`,
    })
  })
}

/** An entry with something for each block: more than there are blocks is allowed, as in Hugging Face's. */
export function checkLength(name: string, list: readonly unknown[], blocks: number): void {
  if (list.length >= blocks) return
  throw new ArgumentError({
    where: `config.json: ${name}`,
    expected: `an entry for each of ${blocks} blocks`,
    received: `${list.length}`,
  })
}
