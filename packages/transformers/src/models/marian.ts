import type { ConfigReader } from '../base/config.ts'
import {
  type SequenceToSequenceConfig,
  SequenceToSequenceLM,
  SequenceToSequenceModel,
} from '../layers/sequence-to-sequence.ts'
import type { Architecture } from './architecture.ts'
import { bartEntries, bartNames } from './bart.ts'

function marianConfig(config: ConfigReader): SequenceToSequenceConfig {
  const entries = bartEntries(config)
  const isShared = config.boolean('share_encoder_decoder_embeddings', true)
  return {
    ...entries,
    decoderVocabSize: isShared ? entries.vocabSize : config.count('decoder_vocab_size', entries.vocabSize),
    isShared: isShared && entries.isTied,
    normalize: 'after',
    normalizeEmbeddings: false,
    positionTable: 'halves',
  }
}

/**
 * Marian: the transformer that a thousand pairs of languages are translated with.
 *
 * Junczys-Dowmunt et al. 2018, https://arxiv.org/abs/1804.00344; Tiedemann and Thottingal 2020, "OPUS-MT".
 */
export const marian: Architecture = {
  modelType: 'marian',
  networks: {
    MarianMTModel: (config) => new SequenceToSequenceLM('MarianMTModel', marianConfig(config)),
    MarianModel: (config) => new SequenceToSequenceModel('MarianModel', marianConfig(config)),
  },
  checkpoint: {
    ...bartNames,
    // Sinusoids are computed.
    ignored: [...(bartNames.ignored ?? []), '*embed_positions.weight'],
  },
}
