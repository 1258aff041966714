import type { ConfigReader } from '../base/config.ts'
import { activationOf } from '../layers/activation.ts'
import { PostNormEncoder, type PostNormEncoderConfig } from '../layers/post-norm-encoder.ts'
import { removedHeadsOf } from '../layers/removed-heads.ts'
import type { Architecture } from './architecture.ts'
import { bodysPooler, classifierDropoutOf, encoderNetworks, encodersIgnore } from './encoder-networks.ts'

/** BERT's configuration, whose names most encoders have taken over. */
export function bertConfigOf(config: ConfigReader): PostNormEncoderConfig {
  config.refuse('is_decoder', 'false', (value) => value === true)
  config.refuse('position_embedding_type', "'absolute'", (value) => value !== 'absolute')
  return {
    vocabSize: config.count('vocab_size'),
    width: config.count('hidden_size'),
    positions: config.count('max_position_embeddings', 512),
    tokenTypes: config.number('type_vocab_size', 2),
    blocks: config.count('num_hidden_layers'),
    heads: config.count('num_attention_heads'),
    inner: config.count('intermediate_size'),
    activation: activationOf(config.string('hidden_act', 'gelu')),
    epsilon: config.number('layer_norm_eps', 1e-12),
    dropouts: {
      hidden: config.number('hidden_dropout_prob', 0.1),
      attention: config.number('attention_probs_dropout_prob', 0.1),
    },
    stddev: config.number('initializer_range', 0.02),
  }
}

/** The names of the weights of blocks like BERT's, by the fields of `PostNormBlock`. */
export const bertBlockSegments = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attended: 'attention.output.dense',
  attended_norm: 'attention.output.LayerNorm',
  inner: 'intermediate.dense',
  outer: 'output.dense',
  outer_norm: 'output.LayerNorm',
} as const

/** The names of the weights of encoders like BERT, by the fields of `PostNormEncoder`. */
export const bertSegments = {
  words: 'embeddings.word_embeddings',
  positions: 'embeddings.position_embeddings',
  types: 'embeddings.token_type_embeddings',
  embedding_norm: 'embeddings.LayerNorm',
  blocks: 'encoder.layer',
  pooler: 'pooler.dense',
  ...bertBlockSegments,
} as const

/**
 * BERT, and what has its layout: MiniLM (Wang et al. 2020, https://arxiv.org/abs/2002.10957), E5, BGE and GTE.
 *
 * Devlin et al. 2018, https://arxiv.org/abs/1810.04805
 */
export const bert: Architecture = {
  modelType: 'bert',
  networks: encoderNetworks('Bert', {
    body: (config, asked) =>
      new PostNormEncoder({ ...bertConfigOf(config), removedHeads: removedHeadsOf(config) }, asked),
    maskedLM(config) {
      const { activation, epsilon } = bertConfigOf(config)
      return { activation, norm: { epsilon } }
    },
    sequence: (config) => ({ pooling: 'pooler', dropouts: { last: classifierDropoutOf(config) } }),
    token: (config) => ({ dropout: classifierDropoutOf(config) }),
  }),
  checkpoint: {
    prefix: 'bert',
    segments: {
      ...bertSegments,
      body: 'bert',
      transform: 'cls.predictions.transform.dense',
      transform_norm: 'cls.predictions.transform.LayerNorm',
      scores: 'cls.predictions',
      labels: 'classifier',
    },
    tied: {
      'cls.predictions.decoder.weight': 'bert.embeddings.word_embeddings.weight',
      'cls.predictions.decoder.bias': 'cls.predictions.bias',
    },
    ignored: encodersIgnore,
    optional: bodysPooler,
  },
}
