import { layers, type Tensor } from 'typegrad'
import type { CallContext } from 'typegrad/layers'
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
import { evenlyRemovedHeadsOf } from '../layers/removed-heads.ts'
import { type ClassifierConfig, classifierConfig } from '../layers/text-heads.ts'
import { wordStates } from '../layers/word-states.ts'
import type { Architecture } from './architecture.ts'
import { decoderClassifiers } from './decoder-networks.ts'

interface GPT2Config {
  readonly vocabSize: number
  readonly width: number
  readonly positions: number
  readonly blocks: number
  readonly heads: number
  /** How many heads each block lacks. */
  readonly removedHeads: number
  readonly inner: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly dropouts: { readonly embedding: number; readonly attention: number; readonly residual: number }
  readonly stddev: number
  /** Whether the word embeddings are the head too. */
  readonly isTied: boolean
  /** What products of queries and keys are multiplied with, in each block. */
  readonly scales: readonly number[]
  readonly classifier: ClassifierConfig
}

function configOf(config: ConfigReader): GPT2Config {
  const width = config.count('n_embd')
  const stddev = config.number('initializer_range', 0.02)
  const blocks = config.count('n_layer')
  config.refuse('add_cross_attention', 'false', (value) => value === true)
  return {
    vocabSize: config.count('vocab_size'),
    width,
    positions: config.count('n_positions', 1024),
    blocks,
    heads: config.count('n_head'),
    removedHeads: evenlyRemovedHeadsOf(config, blocks),
    inner: config.count('n_inner', 4 * width),
    activation: activationOf(
      config.string('activation_function', 'gelu_new'),
      'config.json: activation_function',
    ),
    epsilon: config.number('layer_norm_epsilon', 1e-5),
    dropouts: {
      embedding: config.number('embd_pdrop', 0.1),
      attention: config.number('attn_pdrop', 0.1),
      residual: config.number('resid_pdrop', 0.1),
    },
    stddev,
    isTied: config.boolean('tie_word_embeddings', true),
    scales: scalesOf(config, width),
    classifier: classifierConfig(config, stddev),
  }
}

/** 1 / √dim, and in some models 1 / (block + 1) of that, for training in half precision (Mistral, Stanford CRFM 2021). */
function scalesOf(config: ConfigReader, width: number): readonly number[] {
  const scale = config.boolean('scale_attn_weights', true) ? (width / config.count('n_head')) ** -0.5 : 1
  const isDivided = config.boolean('scale_attn_by_inverse_layer_idx', false)
  return Array.from({ length: config.count('n_layer') }, (_, i) => (isDivided ? scale / (i + 1) : scale))
}

class Attention extends Part {
  readonly className = 'GPT2Attention'
  readonly cAttn
  readonly cProj
  readonly attnDropout
  readonly residDropout
  readonly heads: number
  readonly block: number
  readonly scale: number

  constructor(config: GPT2Config, block: number) {
    super()
    const { width, heads, removedHeads, blocks, dropouts, stddev, scales } = config
    this.heads = heads - removedHeads
    this.block = block
    this.scale = scales[block] as number
    this.cAttn = linear(3 * this.heads * (width / heads), { stddev })
    // Scaled by the number of residual layers: Radford et al. 2019, section 2.3.
    this.cProj = linear(width, { stddev: stddev / Math.sqrt(2 * blocks) })
    this.attnDropout = layers.dropout({ rate: dropouts.attention })
    this.residDropout = layers.dropout({ rate: dropouts.residual })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const training = { training: context.training }
    const [query, key, value] = this.cAttn
      .apply(x)
      .split(3, -1)
      .map((part) => splitHeads(part, this.heads)) as [Tensor, Tensor, Tensor]
    const mixed = attend(query, key, value, context, {
      causal: true,
      block: this.block,
      scale: this.scale,
      dropout: (weights) => this.attnDropout.apply(weights, training),
    })
    return this.residDropout.apply(this.cProj.apply(joinHeads(mixed)), training)
  }
}

class FeedForward extends Part {
  readonly className = 'GPT2FeedForward'
  readonly cFc
  readonly cProj
  readonly dropout
  readonly activation: ActivationFunction

  constructor({ width, inner, blocks, activation, dropouts, stddev }: GPT2Config) {
    super()
    this.cFc = linear(inner, { stddev })
    this.cProj = linear(width, { stddev: stddev / Math.sqrt(2 * blocks) })
    this.dropout = layers.dropout({ rate: dropouts.residual })
    this.activation = activation
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const inner = this.activation(this.cFc.apply(x))
    return this.dropout.apply(this.cProj.apply(inner), { training })
  }
}

class Block extends Part {
  readonly className = 'GPT2Block'
  readonly ln1
  readonly attn
  readonly ln2
  readonly mlp

  constructor(config: GPT2Config, block: number) {
    super()
    const { epsilon } = config
    this.ln1 = layers.layerNormalization({ epsilon })
    this.attn = new Attention(config, block)
    this.ln2 = layers.layerNormalization({ epsilon })
    this.mlp = new FeedForward(config)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const attended = x.add(this.attn.apply(this.ln1.apply(x), context))
    return attended.add(this.mlp.apply(this.ln2.apply(attended), context))
  }
}

/**
 * GPT-2: a decoder with learned positions and normalization before each part.
 *
 * Radford et al. 2019, "Language models are unsupervised multitask learners".
 */
class GPT2Model extends Network {
  readonly className = 'GPT2Model'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly wte
  readonly wpe
  readonly drop
  readonly h: readonly Block[]
  readonly lnF

  constructor(config: GPT2Config) {
    super()
    this.wte = embedding(config.vocabSize, config.width, config.stddev)
    this.wpe = embedding(config.positions, config.width, config.stddev)
    this.drop = layers.dropout({ rate: config.dropouts.embedding })
    this.h = Array.from({ length: config.blocks }, (_, i) => new Block(config, i))
    this.lnF = layers.layerNormalization({ epsilon: config.epsilon })
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.wte : undefined
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const words = wordStates(this.wte, ids, context)
    const positions = positionsOf(words.shape[1] as number, context)
    const embedded = words.add(this.wpe.apply(positions))
    let x = this.drop.apply(embedded, { training: context.training })
    const states = [x]
    for (const block of this.h) {
      x = block.apply(x, context)
      states.push(x)
    }
    return states.with(-1, this.lnF.apply(x))
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    return { last_hidden_state: this.hiddenStates(ids, context).at(-1) as Tensor }
  }
}

/** GPT-2 with scores of the next word: by the embeddings, or by weights of their own. */
class GPT2LMHeadModel extends CausalLM {
  readonly className = 'GPT2LMHeadModel'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly transformer: GPT2Model
  readonly lmHead

  constructor(config: GPT2Config) {
    super()
    const { width, heads, removedHeads, blocks, vocabSize, stddev } = config
    this.maxPositions = config.positions
    this.cacheSizes = { blocks, keyHeads: heads - removedHeads, dim: width / heads }
    this.transformer = new GPT2Model(config)
    this.lmHead = config.isTied ? undefined : linear(vocabSize, { useBias: false, stddev })
  }

  features(ids: Tensor, context: NetworkContext): Tensor {
    return this.transformer.apply(ids, context)
  }

  head(states: Tensor): Tensor {
    return this.lmHead?.apply(states) ?? this.transformer.wte.reverse(states)
  }

  override tableOf(input: string) {
    return this.transformer.tableOf(input)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.transformer.hiddenStates(ids, context)
  }
}

export const gpt2: Architecture = {
  modelType: 'gpt2',
  networks: {
    GPT2Model: (config) => new GPT2Model(configOf(config)),
    GPT2LMHeadModel: (config) => new GPT2LMHeadModel(configOf(config)),
    ...decoderClassifiers('GPT2', {
      body: (config) => new GPT2Model(configOf(config)),
      classifier: (config) => configOf(config).classifier,
    }),
  },
  checkpoint: {
    prefix: 'transformer',
    segments: { body: 'transformer', ln1: 'ln_1', ln2: 'ln_2' },
    // Hugging Face's Conv1D.
    inOut: ['*.c_attn.weight', '*.c_proj.weight', '*.c_fc.weight'],
    tied: { 'lm_head.weight': 'transformer.wte.weight' },
    ignored: ['*.attn.bias', '*.attn.masked_bias'],
  },
}
