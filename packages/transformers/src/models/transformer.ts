import { initializers } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { activationOf } from '../layers/activation.ts'
import { type SequenceToSequenceConfig, SequenceToSequenceLM } from '../layers/sequence-to-sequence.ts'
import type { Architecture } from './architecture.ts'

/** `config.json` has the paper's names; defaults are those of its base model. */
function transformerConfig(config: ConfigReader): SequenceToSequenceConfig {
  const vocabSize = config.count('vocab_size')
  const width = config.count('d_model', 512)
  const dropout = config.number('dropout', 0.1)
  const stack = {
    blocks: config.count('num_layers', 6),
    heads: config.count('num_heads', 8),
    inner: config.count('d_ff', 2048),
  }
  return {
    vocabSize,
    decoderVocabSize: vocabSize,
    width,
    positions: config.count('max_position_embeddings', 1024),
    encoder: stack,
    decoder: stack,
    activation: activationOf('relu'),
    // Of sums of embeddings and positions, and of what parts give: section 5.4.
    dropouts: { hidden: dropout, attention: 0, activation: 0 },
    normalize: 'after',
    normalizeEmbeddings: false,
    positionTable: 'interleaved',
    // One table for both languages and the head, scaled where it embeds: section 3.4.
    embeddingScale: Math.sqrt(width),
    isShared: true,
    isTied: true,
    hasLogitsBias: false,
    hasAttentionBias: false,
    // Glorot and Bengio 2010, which is what is called Xavier's; scaled embeddings begin with a deviation of 1.
    kernel: initializers.glorotUniform(),
    embeddings: initializers.randomNormal({ stddev: width ** -0.5 }),
  }
}

/**
 * The transformer itself, as its paper has it: normalization behind each part, sinusoids, one table of words.
 *
 * Vaswani et al. 2017, "Attention is all you need", https://arxiv.org/abs/1706.03762. The paper trains it with label
 * smoothing of 0.1, which is the loss's.
 *
 * Its checkpoints are named as BART's, which descends from it. Hugging Face has no such class.
 */
export const transformer: Architecture = {
  modelType: 'transformer',
  networks: {
    Transformer: (config) => new SequenceToSequenceLM('Transformer', transformerConfig(config)),
  },
  checkpoint: { prefix: 'model' },
}
