import { layers, type Tensor } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { attend, joinHeads, splitHeads } from '../layers/attention.ts'
import { Encoder, encoderInputs } from '../layers/encoder.ts'
import type { TransformConfig } from '../layers/encoder-heads.ts'
import { embedding, linear } from '../layers/linear.ts'
import { type NetworkContext, networkOptions, Part } from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { RotaryEmbedding, type Rotation, rotate } from '../layers/rope.ts'
import type { Architecture } from './architecture.ts'
import { encoderNetworks } from './encoder-networks.ts'

const kinds = ['full_attention', 'sliding_attention'] as const

/** Whether a block sees the whole text or a window of it. */
type AttentionKind = (typeof kinds)[number]

interface ModernBertConfig {
  readonly vocabSize: number
  readonly width: number
  readonly positions: number
  readonly heads: number
  readonly inner: number
  readonly blocks: readonly AttentionKind[]
  /** A block with a window sees as many positions before and after its own. */
  readonly reach: number
  /** Of the rotations, which are slower where the whole text is seen. */
  readonly thetas: Readonly<Record<AttentionKind, number>>
  readonly activation: ActivationFunction
  readonly norm: { readonly epsilon: number; readonly center: boolean }
  readonly biases: { readonly attention: boolean; readonly feedForward: boolean }
  readonly dropouts: { readonly embedding: number; readonly attention: number; readonly feedForward: number }
  /** Deviations that weights begin with: in general, and where a part gives its output to the sum of all. */
  readonly stddev: number
  readonly outStddev: number
}

function configOf(config: ConfigReader): ModernBertConfig {
  const blocks = blocksOf(config)
  const stddev = config.number('initializer_range', 0.02)
  return {
    vocabSize: config.count('vocab_size'),
    width: config.count('hidden_size'),
    positions: config.count('max_position_embeddings', 8192),
    heads: config.count('num_attention_heads'),
    inner: config.count('intermediate_size'),
    blocks,
    reach: Math.floor(config.count('local_attention', 128) / 2),
    thetas: {
      full_attention: thetaOf(config, 'full_attention', 'global_rope_theta', 160_000),
      sliding_attention: thetaOf(config, 'sliding_attention', 'local_rope_theta', 10_000),
    },
    activation: activationOf(config.string('hidden_activation', 'gelu')),
    norm: { epsilon: config.number('norm_eps', 1e-5), center: config.boolean('norm_bias', false) },
    biases: {
      attention: config.boolean('attention_bias', false),
      feedForward: config.boolean('mlp_bias', false),
    },
    dropouts: {
      embedding: config.number('embedding_dropout', 0),
      attention: config.number('attention_dropout', 0),
      feedForward: config.number('mlp_dropout', 0),
    },
    stddev,
    outStddev: stddev / Math.sqrt(2 * blocks.length),
  }
}

/** `layer_types`, or which blocks see the whole text: every third. */
function blocksOf(config: ConfigReader): readonly AttentionKind[] {
  const count = config.count('num_hidden_layers')
  const every = config.count('global_attn_every_n_layers', 3)
  const counted = Array.from({ length: count }, (_, i) => kinds[i % every === 0 ? 0 : 1])
  config.refuse(
    'layer_types',
    `a list of ${count} words, each ${kinds.map((kind) => `'${kind}'`).join(' or ')}`,
    (given) =>
      !Array.isArray(given) || given.length !== count || !given.every((kind) => kinds.includes(kind)),
  )
  return config.strings('layer_types', counted).map((kind) => (kind === kinds[0] ? kinds[0] : kinds[1]))
}

/** The base of a kind's rotation: in `rope_parameters`, or under the older name. */
function thetaOf(config: ConfigReader, kind: AttentionKind, older: string, fallback: number): number {
  const told = config.within('rope_parameters')?.within(kind)
  told?.refuse('rope_type', "'default'", (type) => type !== 'default')
  config.refuse('rope_scaling', 'none', () => true)
  return told?.optionalNumber('rope_theta') ?? config.number(older, fallback)
}

interface BlockContext extends NetworkContext {
  /** What queries and keys are turned by in this kind of block. */
  readonly rotation?: Rotation
}

class Attention extends Part {
  readonly className = 'ModernBertAttention'
  readonly wqkv
  readonly wo
  readonly dropout
  readonly heads: number
  readonly window: number | undefined

  constructor(
    { width, heads, biases, dropouts, reach, stddev, outStddev }: ModernBertConfig,
    kind: AttentionKind,
  ) {
    super()
    this.heads = heads
    this.window = kind === 'sliding_attention' ? reach + 1 : undefined
    this.wqkv = linear(3 * width, { useBias: biases.attention, stddev })
    this.wo = linear(width, { useBias: biases.attention, stddev: outStddev })
    this.dropout = layers.dropout({ rate: dropouts.attention })
  }

  override get callOptions(): readonly string[] {
    return [...networkOptions, 'rotation' satisfies keyof BlockContext]
  }

  call(x: Tensor, { rotation, ...context }: BlockContext): Tensor {
    const training = { training: context.training }
    const [query, key, value] = this.wqkv
      .apply(x)
      .split(3, -1)
      .map((part) => splitHeads(part, this.heads)) as [Tensor, Tensor, Tensor]
    const turned = (part: Tensor) => (rotation === undefined ? part : rotate(part, rotation))
    const mixed = attend(turned(query), turned(key), value, context, {
      window: this.window,
      dropout: (weights) => this.dropout.apply(weights, training),
    })
    return this.dropout.apply(this.wo.apply(joinHeads(mixed)), training)
  }
}

/** GeGLU: Shazeer 2020, https://arxiv.org/abs/2002.05202. Both halves come from one product. */
class FeedForward extends Part {
  readonly className = 'ModernBertFeedForward'
  readonly wi
  readonly wo
  readonly dropout
  readonly activation: ActivationFunction

  constructor({ width, inner, activation, biases, dropouts, stddev, outStddev }: ModernBertConfig) {
    super()
    this.activation = activation
    this.wi = linear(2 * inner, { useBias: biases.feedForward, stddev })
    this.wo = linear(width, { useBias: biases.feedForward, stddev: outStddev })
    this.dropout = layers.dropout({ rate: dropouts.feedForward })
  }

  call(x: Tensor, { training }: NetworkContext): Tensor {
    const [activated, gate] = this.wi.apply(x).split(2, -1) as [Tensor, Tensor]
    return this.wo.apply(this.dropout.apply(this.activation(activated).mul(gate), { training }))
  }
}

class Block extends Part {
  readonly className = 'ModernBertBlock'
  readonly attnNorm
  readonly attn
  readonly mlpNorm
  readonly mlp
  readonly kind: AttentionKind

  constructor(config: ModernBertConfig, index: number) {
    super()
    this.kind = config.blocks[index] as AttentionKind
    // The embeddings are normalized already.
    this.attnNorm = index === 0 ? undefined : layers.layerNormalization(config.norm)
    this.attn = new Attention(config, this.kind)
    this.mlpNorm = layers.layerNormalization(config.norm)
    this.mlp = new FeedForward(config)
  }

  override get callOptions(): readonly string[] {
    return [...networkOptions, 'rotation' satisfies keyof BlockContext]
  }

  call(x: Tensor, context: BlockContext): Tensor {
    const attended = x.add(this.attn.apply(this.attnNorm?.apply(x) ?? x, context))
    return attended.add(this.mlp.apply(this.mlpNorm.apply(attended), context))
  }
}

/**
 * ModernBERT: rotary positions, a window in two of three blocks, GeGLU, normalization before each part, few biases.
 *
 * Warner et al. 2024, https://arxiv.org/abs/2412.13663
 */
class ModernBertModel extends Encoder {
  readonly className = 'ModernBertModel'
  readonly takes = encoderInputs(0)
  readonly width: number
  readonly maxPositions: number
  readonly words
  override readonly types = undefined
  readonly embeddingNorm
  readonly dropout
  readonly blocks: readonly Block[]
  readonly finalNorm
  readonly #rotations: Readonly<Record<AttentionKind, RotaryEmbedding>>

  constructor(config: ModernBertConfig) {
    super()
    const { vocabSize, width, heads, positions, norm, stddev, thetas } = config
    this.width = width
    this.maxPositions = positions
    this.words = embedding(vocabSize, width, stddev)
    this.embeddingNorm = layers.layerNormalization(norm)
    this.dropout = layers.dropout({ rate: config.dropouts.embedding })
    this.blocks = config.blocks.map((_, i) => new Block(config, i))
    this.finalNorm = layers.layerNormalization(norm)
    const dim = width / heads
    const rotary = (theta: number) =>
      new RotaryEmbedding({ dim, turned: dim, theta, positions, scaling: { type: 'default' } })
    this.#rotations = {
      full_attention: rotary(thetas.full_attention),
      sliding_attention: rotary(thetas.sliding_attention),
    }
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const embedded = this.embeddingNorm.apply(this.words.apply(ids))
    let x = this.dropout.apply(embedded, { training: context.training })
    const positions = positionsOf(ids.shape[1] as number, context)
    const rotations = {
      full_attention: this.#rotations.full_attention.at(positions),
      sliding_attention: this.#rotations.sliding_attention.at(positions),
    }
    const states = [x]
    for (const block of this.blocks) {
      const told: BlockContext = { ...context, rotation: rotations[block.kind] }
      x = block.apply(x, told)
      states.push(x)
    }
    return states.with(-1, this.finalNorm.apply(x))
  }
}

/** What all heads have in front. */
function transformOf(config: ConfigReader): TransformConfig {
  const { norm, outStddev } = configOf(config)
  return {
    activation: activationOf(config.string('classifier_activation', 'gelu')),
    useBias: config.boolean('classifier_bias', false),
    norm,
    stddev: outStddev,
  }
}

const tokenHead = (config: ConfigReader) => ({
  transform: transformOf(config),
  dropout: config.number('classifier_dropout', 0),
  stddev: config.count('hidden_size') ** -0.5,
})

export const modernbert: Architecture = {
  modelType: 'modernbert',
  networks: encoderNetworks('ModernBert', {
    body: (config) => new ModernBertModel(configOf(config)),
    maskedLM: (config) => ({ ...transformOf(config), scoresBias: config.boolean('decoder_bias', true) }),
    sequence: (config) => ({
      pooling: config.oneOf('classifier_pooling', ['cls', 'mean'], 'cls') === 'cls' ? 'first' : 'mean',
      transform: transformOf(config),
      dropouts: { last: config.number('classifier_dropout', 0) },
      stddev: config.count('hidden_size') ** -0.5,
    }),
    token: tokenHead,
    answers: tokenHead,
  }),
  checkpoint: {
    prefix: 'model',
    segments: {
      body: 'model',
      words: 'embeddings.tok_embeddings',
      embedding_norm: 'embeddings.norm',
      blocks: 'layers',
      wqkv: 'Wqkv',
      wi: 'Wi',
      wo: 'Wo',
      transform: 'head.dense',
      transform_norm: 'head.norm',
      scores: 'decoder',
      pooled: 'head.dense',
      pooled_norm: 'head.norm',
      labels: 'classifier',
      qa_outputs: 'classifier',
    },
    tied: { 'decoder.weight': 'model.embeddings.tok_embeddings.weight' },
    ignored: ['head.*', 'decoder.*', 'classifier.*'],
  },
}
