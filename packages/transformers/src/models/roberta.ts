import { activations } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import type { SequenceClassificationConfig } from '../layers/encoder-heads.ts'
import { PostNormEncoder } from '../layers/post-norm-encoder.ts'
import { removedHeadsOf } from '../layers/removed-heads.ts'
import type { Architecture } from './architecture.ts'
import { bertConfigOf, bertSegments } from './bert.ts'
import { bodysPooler, classifierDropoutOf, encoderNetworks, encodersIgnore } from './encoder-networks.ts'

/** The head of fairseq's masked language models. */
export function robertaMaskedLM(config: ConfigReader) {
  const { epsilon } = bertConfigOf(config)
  return { activation: activations.gelu, norm: { epsilon } }
}

/** The head of fairseq's classifiers: it pools by itself. */
export const robertaClassification = (
  dropout: number,
): Pick<SequenceClassificationConfig, 'pooling' | 'transform' | 'dropouts'> => ({
  pooling: 'first',
  transform: { activation: (x) => x.tanh() },
  dropouts: { first: dropout, last: dropout },
})

/** The names of the weights of these heads. */
export const robertaHeadSegments = {
  transform: 'lm_head.dense',
  transform_norm: 'lm_head.layer_norm',
  scores: 'lm_head',
  pooled: 'classifier.dense',
  labels: 'classifier.out_proj',
} as const

/** @param body the name of the encoder in checkpoints. */
export const robertaTied = (body: string) => ({
  'lm_head.decoder.weight': `${body}.embeddings.word_embeddings.weight`,
  'lm_head.decoder.bias': 'lm_head.bias',
})

const architectureOf = (modelType: string, name: string): Architecture => ({
  modelType,
  networks: encoderNetworks(name, {
    body: (config, asked) =>
      new PostNormEncoder(
        {
          ...bertConfigOf(config),
          removedHeads: removedHeadsOf(config),
          padding: config.number('pad_token_id', 1),
        },
        asked,
      ),
    maskedLM: robertaMaskedLM,
    sequence: (config) => robertaClassification(classifierDropoutOf(config)),
    token: (config) => ({ dropout: classifierDropoutOf(config) }),
  }),
  checkpoint: {
    prefix: 'roberta',
    segments: { ...bertSegments, ...robertaHeadSegments, body: 'roberta' },
    tied: robertaTied('roberta'),
    ignored: encodersIgnore,
    optional: bodysPooler,
  },
})

/**
 * RoBERTa: BERT with positions that are counted behind the id of padding, and heads of fairseq's.
 *
 * Liu et al. 2019, https://arxiv.org/abs/1907.11692
 */
export const roberta = architectureOf('roberta', 'Roberta')

/**
 * XLM-R: RoBERTa for a hundred languages.
 *
 * Conneau et al. 2019, https://arxiv.org/abs/1911.02116
 */
export const xlmRoberta = architectureOf('xlm-roberta', 'XLMRoberta')
