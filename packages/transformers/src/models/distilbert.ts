import { activations } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { activationOf } from '../layers/activation.ts'
import { PostNormEncoder, type PostNormEncoderConfig } from '../layers/post-norm-encoder.ts'
import { removedHeadsOf } from '../layers/removed-heads.ts'
import type { Architecture } from './architecture.ts'
import { encoderNetworks, encodersIgnore } from './encoder-networks.ts'

/** Of all normalizations. */
const epsilon = 1e-12

const configOf = (config: ConfigReader): PostNormEncoderConfig => ({
  vocabSize: config.count('vocab_size'),
  width: config.count('dim'),
  positions: config.count('max_position_embeddings', 512),
  tokenTypes: 0,
  blocks: config.count('n_layers'),
  heads: config.count('n_heads'),
  removedHeads: removedHeadsOf(config),
  inner: config.count('hidden_dim'),
  activation: activationOf(config.string('activation', 'gelu')),
  epsilon,
  dropouts: {
    hidden: config.number('dropout', 0.1),
    attention: config.number('attention_dropout', 0.1),
  },
  stddev: config.number('initializer_range', 0.02),
})

/**
 * DistilBERT: BERT with half of the blocks, and without kinds of tokens or a pooler.
 *
 * Sanh et al. 2019, https://arxiv.org/abs/1910.01108
 */
export const distilbert: Architecture = {
  modelType: 'distilbert',
  networks: encoderNetworks('DistilBert', {
    body: (config, { className }) => new PostNormEncoder(configOf(config), { className }),
    maskedLM: (config) => ({ activation: configOf(config).activation, norm: { epsilon } }),
    sequence: (config) => ({
      pooling: 'first',
      transform: { activation: activations.relu },
      dropouts: { last: config.number('seq_classif_dropout', 0.2) },
    }),
    token: (config) => ({ dropout: config.number('dropout', 0.1) }),
    answers: (config) => ({ dropout: config.number('qa_dropout', 0.1) }),
  }),
  checkpoint: {
    prefix: 'distilbert',
    segments: {
      body: 'distilbert',
      words: 'embeddings.word_embeddings',
      positions: 'embeddings.position_embeddings',
      embedding_norm: 'embeddings.LayerNorm',
      blocks: 'transformer.layer',
      query: 'attention.q_lin',
      key: 'attention.k_lin',
      value: 'attention.v_lin',
      attended: 'attention.out_lin',
      attended_norm: 'sa_layer_norm',
      inner: 'ffn.lin1',
      outer: 'ffn.lin2',
      outer_norm: 'output_layer_norm',
      transform: 'vocab_transform',
      transform_norm: 'vocab_layer_norm',
      scores: 'vocab_projector',
      pooled: 'pre_classifier',
      labels: 'classifier',
    },
    tied: { 'vocab_projector.weight': 'distilbert.embeddings.word_embeddings.weight' },
    ignored: [...encodersIgnore, 'vocab_*', 'pre_classifier.*'],
  },
}
