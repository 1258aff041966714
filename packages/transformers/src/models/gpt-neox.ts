import { layers, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { attend, joinHeads, splitHeads } from '../layers/attention.ts'
import { embedding, linear } from '../layers/linear.ts'
import {
  type CacheSizes,
  CausalLM,
  Network,
  type NetworkContext,
  networkInputs,
  Part,
} from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { RotaryEmbedding, type Rotation, rotate } from '../layers/rope.ts'
import { type RopeSettings, ropeSettings } from '../layers/rope-frequencies.ts'
import { type ClassifierConfig, classifierConfig } from '../layers/text-heads.ts'
import { wordStates } from '../layers/word-states.ts'
import type { Architecture } from './architecture.ts'
import { decoderClassifiers } from './decoder-networks.ts'

interface GPTNeoXConfig {
  readonly vocabSize: number
  readonly width: number
  readonly inner: number
  readonly blocks: number
  readonly heads: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly rope: RopeSettings
  readonly hasAttentionBias: boolean
  /** Whether both parts of a block see what the block got. */
  readonly isParallel: boolean
  readonly isTied: boolean
  readonly dropouts: { readonly attention: number; readonly residual: number }
  readonly stddev: number
  readonly classifier: ClassifierConfig
}

function configOf(config: ConfigReader): GPTNeoXConfig {
  const width = config.count('hidden_size')
  const heads = config.count('num_attention_heads')
  if (width % heads !== 0) {
    throw new ArgumentError({
      where: 'config.json: num_attention_heads',
      expected: `a divisor of the width of ${width}`,
      received: String(heads),
    })
  }
  const stddev = config.number('initializer_range', 0.02)
  return {
    vocabSize: config.count('vocab_size'),
    width,
    inner: config.count('intermediate_size'),
    blocks: config.count('num_hidden_layers'),
    heads,
    activation: activationOf(config.string('hidden_act', 'gelu'), 'config.json: hidden_act'),
    epsilon: config.number('layer_norm_eps', 1e-5),
    rope: ropeSettings(config, width / heads, { share: 0.25 }),
    hasAttentionBias: config.boolean('attention_bias', true),
    isParallel: config.boolean('use_parallel_residual', true),
    isTied: config.boolean('tie_word_embeddings', false),
    dropouts: {
      attention: config.number('attention_dropout', 0),
      residual: config.number('hidden_dropout', 0),
    },
    stddev,
    classifier: classifierConfig(config, stddev),
  }
}

class Attention extends Part {
  readonly className = 'GPTNeoXAttention'
  readonly queryKeyValue
  readonly dense
  readonly dropout
  readonly #heads: number
  readonly #block: number

  constructor({ width, heads, dropouts, hasAttentionBias, stddev }: GPTNeoXConfig, block: number) {
    super()
    this.#heads = heads
    this.#block = block
    this.queryKeyValue = linear(3 * width, { useBias: hasAttentionBias, stddev })
    this.dense = linear(width, { useBias: hasAttentionBias, stddev })
    this.dropout = layers.dropout({ rate: dropouts.attention })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    // Each head's query, key and value stand side by side: (B, T, H, 3 · D).
    const [query, key, value] = splitHeads(this.queryKeyValue.apply(x), this.#heads).split(3, -1) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const rotation = context.rotation as Rotation
    const mixed = attend(rotate(query, rotation), rotate(key, rotation), value, context, {
      causal: true,
      block: this.#block,
      dropout: (weights) => this.dropout.apply(weights, { training: context.training }),
    })
    return this.dense.apply(joinHeads(mixed))
  }
}

class FeedForward extends Part {
  readonly className = 'GPTNeoXFeedForward'
  readonly denseHTo4h
  readonly dense4hToH
  readonly #activation: ActivationFunction

  constructor({ width, inner, activation, stddev }: GPTNeoXConfig) {
    super()
    this.denseHTo4h = linear(inner, { stddev })
    this.dense4hToH = linear(width, { stddev })
    this.#activation = activation
  }

  call(x: Tensor): Tensor {
    return this.dense4hToH.apply(this.#activation(this.denseHTo4h.apply(x)))
  }
}

/** Attention and the feed-forward part side by side, or one behind the other. */
class Block extends Part {
  readonly className = 'GPTNeoXBlock'
  readonly inputLayernorm
  readonly postAttentionLayernorm
  readonly attention
  readonly mlp
  readonly dropout
  readonly #isParallel: boolean

  constructor(config: GPTNeoXConfig, block: number) {
    super()
    const { epsilon, dropouts, isParallel } = config
    this.#isParallel = isParallel
    this.inputLayernorm = layers.layerNormalization({ epsilon })
    this.postAttentionLayernorm = layers.layerNormalization({ epsilon })
    this.attention = new Attention(config, block)
    this.mlp = new FeedForward(config)
    this.dropout = layers.dropout({ rate: dropouts.residual })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const dropped = (y: Tensor) => this.dropout.apply(y, { training: context.training })
    const feed = (y: Tensor) => dropped(this.mlp.apply(this.postAttentionLayernorm.apply(y), context))
    const attended = x.add(dropped(this.attention.apply(this.inputLayernorm.apply(x), context)))
    return attended.add(feed(this.#isParallel ? x : attended))
  }
}

/**
 * GPT-NeoX, of which Pythia's models are: rotary positions in a part of each head, and blocks whose two parts work side by
 * side.
 *
 * Black et al. 2022, https://arxiv.org/abs/2204.06745; Pythia: Biderman et al. 2023, https://arxiv.org/abs/2304.01373
 */
class GPTNeoXModel extends Network {
  readonly className = 'GPTNeoXModel'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly embedIn
  readonly dropout
  readonly layers: readonly Block[]
  readonly finalLayerNorm
  readonly #rope: RotaryEmbedding

  constructor(config: GPTNeoXConfig) {
    super()
    this.embedIn = embedding(config.vocabSize, config.width, config.stddev)
    this.dropout = layers.dropout({ rate: config.dropouts.residual })
    this.layers = Array.from({ length: config.blocks }, (_, i) => new Block(config, i))
    this.finalLayerNorm = layers.layerNormalization({ epsilon: config.epsilon })
    this.#rope = new RotaryEmbedding(config.rope)
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.embedIn : undefined
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const words = wordStates(this.embedIn, ids, context)
    const rotation = this.#rope.at(positionsOf(words.shape[1] as number, context))
    let x = this.dropout.apply(words, { training: context.training })
    const states = [x]
    for (const block of this.layers) {
      x = block.apply(x, { ...context, rotation })
      states.push(x)
    }
    return states.with(-1, this.finalLayerNorm.apply(x))
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    return { last_hidden_state: this.hiddenStates(ids, context).at(-1) as Tensor }
  }
}

class GPTNeoXForCausalLM extends CausalLM {
  readonly className = 'GPTNeoXForCausalLM'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly gptNeox: GPTNeoXModel
  readonly lmHead

  constructor(config: GPTNeoXConfig) {
    super()
    const { blocks, heads, width, vocabSize, stddev } = config
    this.maxPositions = config.rope.positions
    this.cacheSizes = { blocks, keyHeads: heads, dim: width / heads }
    this.gptNeox = new GPTNeoXModel(config)
    this.lmHead = config.isTied ? undefined : linear(vocabSize, { useBias: false, stddev })
  }

  features(ids: Tensor, context: NetworkContext): Tensor {
    return this.gptNeox.apply(ids, context)
  }

  head(states: Tensor): Tensor {
    return this.lmHead?.apply(states) ?? this.gptNeox.embedIn.reverse(states)
  }

  override tableOf(input: string) {
    return this.gptNeox.tableOf(input)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.gptNeox.hiddenStates(ids, context)
  }
}

export const gptNeoX: Architecture = {
  modelType: 'gpt_neox',
  networks: {
    GPTNeoXModel: (config) => new GPTNeoXModel(configOf(config)),
    GPTNeoXForCausalLM: (config) => new GPTNeoXForCausalLM(configOf(config)),
    ...decoderClassifiers('GPTNeoX', {
      body: (config) => new GPTNeoXModel(configOf(config)),
      classifier: (config) => configOf(config).classifier,
    }),
  },
  checkpoint: {
    prefix: 'gpt_neox',
    segments: { body: 'gpt_neox', dense_h_to4h: 'dense_h_to_4h', dense4h_to_h: 'dense_4h_to_h' },
    // The head's name until transformers 5, and in Pythia's files.
    tied: { 'embed_out.weight': 'lm_head.weight' },
    savedAs: { 'lm_head.weight': 'embed_out.weight' },
    // Masks and frequencies are computed. Tied heads are the embeddings, and a body alone has none.
    ignored: [
      '*.attention.bias',
      '*.attention.masked_bias',
      '*.rotary_emb.inv_freq',
      'embed_out.weight',
      'lm_head.weight',
    ],
  },
}
