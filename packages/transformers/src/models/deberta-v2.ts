import { arange, layers, ops, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import { activationOf } from '../layers/activation.ts'
import { splitHeads } from '../layers/attention.ts'
import { embedding, linear } from '../layers/linear.ts'
import { type BlockContext, PostNormBlock } from '../layers/post-norm-block.ts'
import {
  type EncoderParts,
  PostNormEncoder,
  type PostNormEncoderConfig,
} from '../layers/post-norm-encoder.ts'
import { bucketsOf, type RelativeBuckets, signedLogBuckets } from '../layers/relative-buckets.ts'
import type { Architecture } from './architecture.ts'
import { bertConfigOf, bertSegments } from './bert.ts'
import { encoderNetworks, encodersIgnore } from './encoder-networks.ts'

/** What attention knows of relative positions. */
interface RelativeConfig {
  /** Rows of the table of distances: those from −span to span − 1. */
  readonly span: number
  readonly buckets: RelativeBuckets
  /** Whether what is at a position attends to distances (c2p), and distances to what is at a position (p2c). */
  readonly contentToPosition: boolean
  readonly positionToContent: boolean
  /** Whether the projections of the content serve the distances too. */
  readonly sharesProjections: boolean
  /** Whether the table of distances is normalized. */
  readonly isNormalized: boolean
}

interface DebertaConfig extends PostNormEncoderConfig {
  readonly maxPositions: number
  readonly relative: RelativeConfig
}

function configOf(config: ConfigReader): DebertaConfig {
  config.refuse('relative_attention', 'true', (value) => value === false)
  config.refuse('conv_kernel_size', '0: no convolution', (value) => value !== 0)
  config.refuse('embedding_size', 'hidden_size', (value) => value !== config.raw.hidden_size)
  const maxPositions = config.count('max_position_embeddings', 512)
  const distances = config.number('max_relative_positions', -1)
  const farthest = distances < 1 ? maxPositions : distances
  const buckets = config.number('position_buckets', -1)
  const kinds = kindsOf(config)
  return {
    ...bertConfigOf(config),
    positions: config.boolean('position_biased_input', true) ? maxPositions : 0,
    tokenTypes: config.number('type_vocab_size', 0),
    epsilon: config.number('layer_norm_eps', 1e-7),
    maxPositions,
    relative: {
      span: buckets > 0 ? buckets : farthest,
      buckets: buckets > 0 ? signedLogBuckets(buckets, farthest) : everyDistance(farthest),
      contentToPosition: kinds.includes('c2p'),
      positionToContent: kinds.includes('p2c'),
      sharesProjections: config.boolean('share_att_key', false),
      isNormalized: config.string('norm_rel_ebd', 'none').split('|').includes('layer_norm'),
    },
  }
}

/** `pos_att_type`: a list, or words with `|` between them. */
function kindsOf(config: ConfigReader): readonly string[] {
  const given = config.raw.pos_att_type
  const kinds =
    typeof given === 'string'
      ? given
          .toLowerCase()
          .split('|')
          .map((kind) => kind.trim())
      : config.strings('pos_att_type', [])
  const odd = kinds.find((kind) => kind !== 'c2p' && kind !== 'p2c')
  if (odd === undefined) return kinds
  throw new ArgumentError({
    where: 'config.json: pos_att_type',
    expected: "'c2p' and 'p2c'",
    received: `'${odd}'`,
  })
}

/** A bucket for each distance. */
const everyDistance = (farthest: number): RelativeBuckets => ({
  farthest,
  table: Int32Array.from({ length: 2 * farthest + 1 }, (_, i) => i - farthest),
})

/**
 * Attention with content and relative positions apart: the score of two tokens is that of their contents, that of the
 * query's content with the distance, and that of the distance with the key's content.
 */
class DisentangledBlock extends PostNormBlock {
  override readonly className = 'DisentangledBlock'
  readonly positionKey
  readonly positionQuery
  readonly positionDropout
  readonly #relative: RelativeConfig
  readonly #dim: number

  constructor(config: DebertaConfig) {
    super(config)
    const { width, heads, relative, dropouts, stddev } = config
    const { sharesProjections, contentToPosition, positionToContent } = relative
    this.#relative = relative
    this.#dim = width / heads
    this.positionKey = contentToPosition && !sharesProjections ? linear(width, { stddev }) : undefined
    this.positionQuery = positionToContent && !sharesProjections ? linear(width, { stddev }) : undefined
    this.positionDropout = layers.dropout({ rate: dropouts.hidden })
  }

  /** @param context `relative`: the vectors of the distances from −span to span − 1, (2 · span, width). */
  protected override scoring(query: Tensor, key: Tensor, { relative, training }: BlockContext) {
    const { span, buckets, contentToPosition, positionToContent } = this.#relative
    const length = query.shape[1] as number
    const scale = 1 / Math.sqrt(this.#dim * (1 + Number(contentToPosition) + Number(positionToContent)))
    const distances = this.positionDropout.apply(relative as Tensor, { training })
    /** (2 · span, width) → (heads, dim, 2 · span) */
    const perHead = (x: Tensor) => splitHeads(x.expandDims(0), this.heads).at(0).transpose([1, 2, 0])
    /** The row of the table for each pair of positions, of row − column: (1, 1, length, length). */
    const rows = (direction: 1 | -1) =>
      bucketsOf(length, buckets)
        .mul(direction)
        .add(span)
        .clip({ min: 0, max: 2 * span - 1 })
        .reshape([1, 1, length, length])
    /** The scores of content (batch, length, heads, dim) with the distance of each pair: (batch, heads, length, length). */
    const scores = (content: Tensor, position: Tensor, direction: 1 | -1) => {
      const all = content.transpose([0, 2, 1, 3]).matmul(perHead(position))
      const wanted = ops.broadcastTo(rows(direction), [...all.shape.slice(0, 3), length])
      return ops.takeAlongAxis(all, wanted, -1)
    }
    const parts: Tensor[] = []
    if (contentToPosition) parts.push(scores(query, (this.positionKey ?? this.key).apply(distances), 1))
    if (positionToContent) {
      // Rows are keys, and the distance is still query − key.
      const byKey = scores(key, (this.positionQuery ?? this.query).apply(distances), -1)
      parts.push(byKey.transpose([0, 1, 3, 2]))
    }
    const [first, second] = parts
    if (first === undefined) return { scale }
    return { scale, bias: (second === undefined ? first : first.add(second)).mul(scale) }
  }
}

/**
 * DeBERTa in its second and third version: disentangled attention, with distances in buckets that grow.
 *
 * He et al. 2020, https://arxiv.org/abs/2006.03654; He et al. 2021, https://arxiv.org/abs/2111.09543
 */
class DebertaV2Encoder extends PostNormEncoder {
  readonly relEmbeddings
  readonly relNorm
  readonly #maxPositions: number

  constructor(config: DebertaConfig, parts: EncoderParts) {
    super(config, parts)
    const { width, relative, epsilon, stddev, maxPositions } = config
    this.#maxPositions = maxPositions
    this.relEmbeddings = embedding(2 * relative.span, width, stddev)
    this.relNorm = relative.isNormalized ? layers.layerNormalization({ epsilon }) : undefined
  }

  override get maxPositions(): number {
    return this.#maxPositions
  }

  protected override makeBlock(config: DebertaConfig): PostNormBlock {
    return new DisentangledBlock(config)
  }

  protected override relative(): Tensor {
    const rows = arange(0, this.relEmbeddings.inputDim, 1, { dtype: 'int32' })
    const table = this.relEmbeddings.apply(rows)
    return this.relNorm?.apply(table) ?? table
  }
}

export const debertaV2: Architecture = {
  modelType: 'deberta-v2',
  networks: encoderNetworks('DebertaV2', {
    body: (config, { className }) => new DebertaV2Encoder(configOf(config), { className }),
    maskedLM(config) {
      // It would be saved by names that Python then does not look for.
      config.refuse('legacy', 'true', (value) => value === false)
      const { activation, epsilon } = configOf(config)
      return { activation, norm: { epsilon } }
    },
    sequence: (config) => ({
      pooling: 'first',
      transform: { activation: activationOf(config.string('pooler_hidden_act', 'gelu')) },
      dropouts: {
        first: config.number('pooler_dropout', 0),
        last: config.number(['cls_dropout', 'hidden_dropout_prob'], 0.1),
      },
    }),
    token: (config) => ({ dropout: config.number('hidden_dropout_prob', 0.1) }),
  }),
  checkpoint: {
    prefix: 'deberta',
    segments: {
      ...bertSegments,
      body: 'deberta',
      query: 'attention.self.query_proj',
      key: 'attention.self.key_proj',
      value: 'attention.self.value_proj',
      position_key: 'attention.self.pos_key_proj',
      position_query: 'attention.self.pos_query_proj',
      rel_embeddings: 'encoder.rel_embeddings',
      rel_norm: 'encoder.LayerNorm',
      transform: 'cls.predictions.transform.dense',
      transform_norm: 'cls.predictions.transform.LayerNorm',
      scores: 'cls.predictions',
      pooled: 'pooler.dense',
      labels: 'classifier',
    },
    tied: {
      'cls.predictions.decoder.weight': 'deberta.embeddings.word_embeddings.weight',
      'cls.predictions.decoder.bias': 'cls.predictions.bias',
      // Microsoft's own checkpoints have the head of masked words here, which Hugging Face's default does not look for.
      'lm_predictions.lm_head.dense.weight': 'cls.predictions.transform.dense.weight',
      'lm_predictions.lm_head.dense.bias': 'cls.predictions.transform.dense.bias',
      'lm_predictions.lm_head.LayerNorm.weight': 'cls.predictions.transform.LayerNorm.weight',
      'lm_predictions.lm_head.LayerNorm.bias': 'cls.predictions.transform.LayerNorm.bias',
      'lm_predictions.lm_head.bias': 'cls.predictions.bias',
    },
    ignored: [
      ...encodersIgnore,
      '*embeddings.position_embeddings.weight',
      'lm_predictions.*',
      'mask_predictions.*',
    ],
  },
}
