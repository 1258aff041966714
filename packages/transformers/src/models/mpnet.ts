import type { Tensor } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { embedding } from '../layers/linear.ts'
import { type EncoderParts, PostNormEncoder } from '../layers/post-norm-encoder.ts'
import { bidirectionalBuckets, bucketsOf } from '../layers/relative-buckets.ts'
import type { Architecture } from './architecture.ts'
import { bertConfigOf, bertSegments } from './bert.ts'
import { bodysPooler, encoderNetworks, encodersIgnore } from './encoder-networks.ts'
import { robertaClassification, robertaHeadSegments, robertaMaskedLM, robertaTied } from './roberta.ts'

/**
 * Hugging Face's MPNet has its own id of padding and number of buckets built in: the table may have more rows, which are
 * never used.
 */
const padding = 1
const buckets = bidirectionalBuckets(32, 128)

/**
 * MPNet: positions as in RoBERTa, no kinds of tokens, and a bias of attention by the bucket of each distance, which all blocks
 * share.
 *
 * Song et al. 2020, https://arxiv.org/abs/2004.09297
 */
class MPNetEncoder extends PostNormEncoder {
  readonly relativeAttentionBias

  constructor(config: ConfigReader, parts: EncoderParts) {
    const read = bertConfigOf(config)
    super({ ...read, tokenTypes: 0, padding }, parts)
    const rows = config.count('relative_attention_num_buckets', 32)
    this.relativeAttentionBias = embedding(rows, read.heads, read.stddev)
  }

  protected override relative(length: number): Tensor {
    // Rows are keys here: the distance is key − query. (keys, queries, heads) → (heads, queries, keys)
    const bias = this.relativeAttentionBias.apply(bucketsOf(length, buckets))
    return bias.transpose([2, 1, 0]).expandDims(0)
  }
}

export const mpnet: Architecture = {
  modelType: 'mpnet',
  networks: encoderNetworks('MPNet', {
    body: (config, asked) => new MPNetEncoder(config, asked),
    maskedLM: robertaMaskedLM,
    sequence: (config) => robertaClassification(config.number('hidden_dropout_prob', 0.1)),
    token: (config) => ({ dropout: config.number('hidden_dropout_prob', 0.1) }),
  }),
  checkpoint: {
    prefix: 'mpnet',
    segments: {
      ...bertSegments,
      ...robertaHeadSegments,
      body: 'mpnet',
      relative_attention_bias: 'encoder.relative_attention_bias',
      query: 'attention.attn.q',
      key: 'attention.attn.k',
      value: 'attention.attn.v',
      attended: 'attention.attn.o',
      attended_norm: 'attention.LayerNorm',
    },
    tied: robertaTied('mpnet'),
    ignored: encodersIgnore,
    optional: bodysPooler,
  },
}
