import { layers, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { CallContext } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { attend, attendAcross, encoderKeys, joinHeads, splitHeads } from '../layers/attention.ts'
import { embedding, linear } from '../layers/linear.ts'
import {
  type CacheSizes,
  EncoderDecoder,
  encoderDecoderInputs,
  Network,
  type NetworkContext,
  networkInputs,
  networkOptions,
  Part,
} from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { bucketsByDistance, relativeBuckets } from '../layers/relative-positions.ts'
import type { Architecture, CheckpointNames } from './architecture.ts'

interface T5Config {
  readonly vocabSize: number
  readonly width: number
  readonly heads: number
  /** Of each head. */
  readonly dim: number
  readonly inner: number
  readonly encoderBlocks: number
  readonly decoderBlocks: number
  readonly activation: ActivationFunction
  readonly isGated: boolean
  readonly buckets: number
  readonly maxDistance: number
  readonly epsilon: number
  readonly dropout: number
  /** What all deviations of the weights' beginnings are multiplied with. */
  readonly factor: number
  /** Whether the word embeddings are the head. */
  readonly isTied: boolean
  /** What the states are multiplied with before the head. */
  readonly headScale: number
}

/** The activation and whether it gates: `relu`, `gated-gelu`, `gated-silu`. */
function feedForwardOf(config: ConfigReader, fallback: string) {
  const projection = config.string('feed_forward_proj', fallback)
  const [first, second, ...others] = projection.split('-') as [string, ...string[]]
  if (others.length > 0 || (second !== undefined && first !== 'gated')) {
    throw new ArgumentError({
      where: 'config.json: feed_forward_proj',
      expected: "the name of an activation, or one behind 'gated-'",
      received: `'${projection}'`,
    })
  }
  // By its old name this is the approximation that the models were trained with.
  const name = projection === 'gated-gelu' ? 'gelu_new' : (second ?? first)
  return { activation: activationOf(name), isGated: second !== undefined }
}

function sizesOf(config: ConfigReader, feedForward: string) {
  const encoderBlocks = config.count('num_layers')
  return {
    vocabSize: config.count('vocab_size'),
    width: config.count('d_model'),
    heads: config.count('num_heads'),
    dim: config.count('d_kv'),
    inner: config.count('d_ff'),
    encoderBlocks,
    decoderBlocks: config.count('num_decoder_layers', encoderBlocks),
    ...feedForwardOf(config, feedForward),
    buckets: config.count('relative_attention_num_buckets', 32),
    maxDistance: config.count('relative_attention_max_distance', 128),
    epsilon: config.number('layer_norm_epsilon', 1e-6),
    dropout: config.number('dropout_rate', 0.1),
    factor: config.number('initializer_factor', 1),
  }
}

function t5Config(config: ConfigReader): T5Config {
  const sizes = sizesOf(config, 'relu')
  // From version 1.1 on (Flan-T5 too) the head is one of its own, before which nothing is scaled. transformers 5 writes the
  // scaling as an entry of its own, and `tie_word_embeddings: true` always.
  const isTied = config.boolean('scale_decoder_outputs', true) && config.boolean('tie_word_embeddings', true)
  return { ...sizes, isTied, headScale: isTied ? sizes.width ** -0.5 : 1 }
}

function mt5Config(config: ConfigReader): T5Config {
  const isTied = config.boolean('tie_word_embeddings', true)
  return { ...sizesOf(config, 'gated-gelu'), isTied, headScale: 1 }
}

/** What the parts of a stack are told beside all else. */
interface T5Context extends NetworkContext {
  /** What is added to the scores of so many keys for their distances from the queries: (1, heads, queries, keys). */
  readonly positionBias: (keys: number) => Tensor
}

const t5Options: readonly string[] = [...networkOptions, 'positionBias']

/** Attention whose products are not scaled: that is in the beginnings of its weights. */
abstract class Attention extends Part {
  readonly q
  readonly k
  readonly v
  readonly o
  readonly drop
  readonly heads: number
  readonly block: number

  constructor({ width, heads, dim, factor, dropout }: T5Config, block: number) {
    super()
    const dense = (units: number, variance: number) =>
      linear(units, { useBias: false, stddev: factor * variance ** -0.5 })
    this.q = dense(heads * dim, width * dim)
    this.k = dense(heads * dim, width)
    this.v = dense(heads * dim, width)
    this.o = dense(width, heads * dim)
    this.drop = layers.dropout({ rate: dropout })
    this.heads = heads
    this.block = block
  }

  /** (batch, length, width) → (batch, length, heads, dim) */
  protected split(x: Tensor): Tensor {
    return splitHeads(x, this.heads)
  }

  protected keysAndValues(x: Tensor) {
    return { keys: this.split(this.k.apply(x)), values: this.split(this.v.apply(x)) }
  }

  protected dropping(training: boolean) {
    return (weights: Tensor) => this.drop.apply(weights, { training })
  }
}

class SelfAttention extends Attention {
  readonly className = 'T5SelfAttention'
  /** In a stack's first block, for all of them. */
  readonly relativeAttentionBias
  readonly causal: boolean

  constructor(config: T5Config, block: number, causal: boolean) {
    super(config, block)
    const { buckets, heads, factor, width } = config
    this.causal = causal
    this.relativeAttentionBias = block === 0 ? embedding(buckets, heads, factor * width ** -0.5) : undefined
  }

  override get callOptions(): readonly string[] {
    return t5Options
  }

  call(x: Tensor, context: T5Context): Tensor {
    const { keys, values } = this.keysAndValues(x)
    const mixed = attend(this.split(this.q.apply(x)), keys, values, context, {
      causal: this.causal,
      block: this.block,
      scale: 1,
      bias: context.positionBias,
      dropout: this.dropping(context.training),
    })
    return this.o.apply(joinHeads(mixed))
  }
}

class CrossAttention extends Attention {
  readonly className = 'T5CrossAttention'

  call(x: Tensor, context: NetworkContext): Tensor {
    const across = encoderKeys(this.block, context, (states) => this.keysAndValues(states))
    const mixed = attendAcross(this.split(this.q.apply(x)), across, context, {
      scale: 1,
      block: this.block,
      dropout: this.dropping(context.training),
    })
    return this.o.apply(joinHeads(mixed))
  }
}

/** x + dropout(part(norm(x))) */
abstract class Residual extends Part {
  readonly layerNorm
  readonly dropout

  constructor({ epsilon, dropout }: T5Config) {
    super()
    this.layerNorm = layers.rmsNormalization({ epsilon })
    this.dropout = layers.dropout({ rate: dropout })
  }

  protected residual(x: Tensor, { training }: CallContext, part: (normalized: Tensor) => Tensor): Tensor {
    return x.add(this.dropout.apply(part(this.layerNorm.apply(x)), { training }))
  }
}

class SelfAttentionLayer extends Residual {
  readonly className = 'T5SelfAttentionLayer'
  readonly selfAttention

  constructor(config: T5Config, block: number, causal: boolean) {
    super(config)
    this.selfAttention = new SelfAttention(config, block, causal)
  }

  override get callOptions(): readonly string[] {
    return t5Options
  }

  call(x: Tensor, context: T5Context): Tensor {
    return this.residual(x, context, (normalized) => this.selfAttention.apply(normalized, context))
  }
}

class CrossAttentionLayer extends Residual {
  readonly className = 'T5CrossAttentionLayer'
  readonly encDecAttention

  constructor(config: T5Config, block: number) {
    super(config)
    this.encDecAttention = new CrossAttention(config, block)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    return this.residual(x, context, (normalized) => this.encDecAttention.apply(normalized, context))
  }
}

class FeedForward extends Part {
  readonly className = 'T5FeedForward'
  readonly wi
  readonly wi0
  readonly wi1
  readonly wo
  readonly dropout
  readonly activation: ActivationFunction

  constructor({ width, inner, factor, dropout, activation, isGated }: T5Config) {
    super()
    const dense = (units: number, inputs: number) =>
      linear(units, { useBias: false, stddev: factor * inputs ** -0.5 })
    this.wi = isGated ? undefined : dense(inner, width)
    this.wi0 = isGated ? dense(inner, width) : undefined
    this.wi1 = isGated ? dense(inner, width) : undefined
    this.wo = dense(width, inner)
    this.dropout = layers.dropout({ rate: dropout })
    this.activation = activation
  }

  /** Shazeer 2020, "GLU variants improve transformer", https://arxiv.org/abs/2002.05202, where it is gated. */
  call(x: Tensor, { training }: CallContext): Tensor {
    const first = (this.wi ?? this.wi0)?.apply(x) as Tensor
    const active = this.activation(first)
    const inner = this.wi1 === undefined ? active : active.mul(this.wi1.apply(x))
    return this.wo.apply(this.dropout.apply(inner, { training }))
  }
}

class FeedForwardLayer extends Residual {
  readonly className = 'T5FeedForwardLayer'
  readonly denseReluDense

  constructor(config: T5Config) {
    super(config)
    this.denseReluDense = new FeedForward(config)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    return this.residual(x, context, (normalized) => this.denseReluDense.apply(normalized, context))
  }
}

class Block extends Part {
  readonly className = 'T5Block'
  readonly layer: readonly [SelfAttentionLayer, ...Part[]]

  constructor(config: T5Config, block: number, isDecoder: boolean) {
    super()
    this.layer = [
      new SelfAttentionLayer(config, block, isDecoder),
      ...(isDecoder ? [new CrossAttentionLayer(config, block)] : []),
      new FeedForwardLayer(config),
    ]
  }

  override get callOptions(): readonly string[] {
    return t5Options
  }

  call(x: Tensor, context: T5Context): Tensor {
    return this.layer.reduce<Tensor>((state, part) => part.apply(state, context), x)
  }
}

/** An encoder or a decoder. */
class Stack extends Part {
  readonly className = 'T5Stack'
  readonly embedTokens
  readonly block: readonly Block[]
  readonly finalLayerNorm
  readonly dropout
  /** The bucket of each distance: {@link bucketsByDistance}. */
  readonly buckets: Int32Array

  constructor(config: T5Config, embedTokens: ReturnType<typeof embedding>, isDecoder: boolean) {
    super()
    const blocks = isDecoder ? config.decoderBlocks : config.encoderBlocks
    this.embedTokens = embedTokens
    this.block = Array.from({ length: blocks }, (_, i) => new Block(config, i, isDecoder))
    this.finalLayerNorm = layers.rmsNormalization({ epsilon: config.epsilon })
    this.dropout = layers.dropout({ rate: config.dropout })
    this.buckets = bucketsByDistance({ ...config, bidirectional: !isDecoder })
  }

  call(ids: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(ids, context).at(-1) as Tensor
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const dropping = { training: context.training }
    const told: T5Context = { ...context, positionBias: this.#positionBias(ids, context) }
    let x = this.dropout.apply(this.embedTokens.apply(ids), dropping)
    const states = [x]
    for (const block of this.block) {
      x = block.apply(x, told)
      states.push(x)
    }
    return states.with(-1, this.dropout.apply(this.finalLayerNorm.apply(x), dropping))
  }

  /** Computed once, in the first block, whose weight the table is. */
  #positionBias(ids: Tensor, context: NetworkContext): T5Context['positionBias'] {
    let bias: Tensor | undefined
    return (keys) => {
      bias ??= this.#biasOf(positionsOf(ids.shape[1] as number, context), keys)
      return bias
    }
  }

  /** (queries) or (batch, queries) → (1 or batch, heads, queries, keys) */
  #biasOf(positions: Tensor, keys: number): Tensor {
    const table = this.block[0]?.layer[0].selfAttention.relativeAttentionBias
    const byHead = (table as ReturnType<typeof embedding>).apply(
      relativeBuckets(this.buckets, positions, keys),
    )
    return byHead.rank === 4 ? byHead.transpose([0, 3, 1, 2]) : byHead.transpose([2, 0, 1]).expandDims(0)
  }
}

/** T5's encoder alone, for embeddings of texts. */
class T5EncoderModel extends Network {
  readonly className: string
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly shared
  readonly encoder

  constructor(className: string, config: T5Config) {
    super()
    this.className = className
    this.shared = embedding(config.vocabSize, config.width, config.factor)
    this.encoder = new Stack(config, this.shared, false)
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.shared : undefined
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.encoder.hiddenStates(ids, context)
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    return { last_hidden_state: this.encoder.apply(ids, context) }
  }
}

/**
 * T5: an encoder and a decoder that know positions by their distances alone. The head are the word embeddings, or, from
 * version 1.1 on, weights of its own.
 *
 * Raffel et al. 2020, "Exploring the limits of transfer learning with a unified text-to-text transformer",
 * https://arxiv.org/abs/1910.10683
 */
class T5ForConditionalGeneration extends EncoderDecoder {
  readonly className: string
  readonly takes = encoderDecoderInputs
  /** Distances have no limit. */
  readonly maxPositions = Number.POSITIVE_INFINITY
  readonly cacheSizes: CacheSizes
  readonly shared
  readonly encoder
  readonly decoder
  readonly lmHead
  readonly headScale: number

  constructor(className: string, config: T5Config) {
    super()
    const { vocabSize, width, factor, decoderBlocks, heads, dim, isTied, headScale } = config
    this.className = className
    this.cacheSizes = { blocks: decoderBlocks, keyHeads: heads, dim }
    this.shared = embedding(vocabSize, width, factor)
    this.encoder = new Stack(config, this.shared, false)
    this.decoder = new Stack(config, this.shared, true)
    // Scores begin as large as those by words that are scaled.
    this.lmHead = isTied ? undefined : linear(vocabSize, { useBias: false, stddev: factor * width ** -0.5 })
    this.headScale = headScale
  }

  override tableOf(input: string) {
    return input === 'input_ids' || input === 'decoder_input_ids' ? this.shared : undefined
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.encoder.hiddenStates(ids, context)
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.decoder.hiddenStates(ids, context)
  }

  head(states: Tensor): Tensor {
    const scaled = this.headScale === 1 ? states : states.mul(this.headScale)
    return this.lmHead?.apply(scaled) ?? this.shared.reverse(scaled)
  }
}

/** The rows of T5 and of what differs from it in its configuration alone. */
const t5Like = (
  modelType: string,
  name: string,
  configOf: (config: ConfigReader) => T5Config,
  tied: CheckpointNames['tied'] = {},
): Architecture => ({
  modelType,
  networks: {
    [`${name}ForConditionalGeneration`]: (config) =>
      new T5ForConditionalGeneration(`${name}ForConditionalGeneration`, configOf(config)),
    [`${name}EncoderModel`]: (config) => new T5EncoderModel(`${name}EncoderModel`, configOf(config)),
  },
  checkpoint: {
    prefix: 'transformer',
    segments: {
      self_attention: 'SelfAttention',
      enc_dec_attention: 'EncDecAttention',
      dense_relu_dense: 'DenseReluDense',
      wi0: 'wi_0',
      wi1: 'wi_1',
    },
    tied: {
      'encoder.embed_tokens.weight': 'shared.weight',
      'decoder.embed_tokens.weight': 'shared.weight',
      ...tied,
    },
    // Of the first models, which nothing reads.
    ignored: ['decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight'],
    ignoredBy: { [`${name}EncoderModel`]: ['decoder.*', 'lm_head.weight'] },
  },
})

export const t5 = t5Like('t5', 'T5', t5Config, { 'lm_head.weight': 'shared.weight' })

/** T5 for many languages: Xue et al. 2021, https://arxiv.org/abs/2010.11934. Its head is its own in all published models. */
export const mt5 = t5Like('mt5', 'MT5', mt5Config)
