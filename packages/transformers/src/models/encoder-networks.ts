import type { ConfigReader } from '../base/config.ts'
import type { Encoder } from '../layers/encoder.ts'
import {
  MaskedLM,
  type MaskedLMConfig,
  QuestionAnswering,
  SequenceClassification,
  type SequenceClassificationConfig,
  TokenClassification,
  type TokenHeadConfig,
} from '../layers/encoder-heads.ts'
import { labelCountOf } from '../layers/labels.ts'
import type { Architecture } from './architecture.ts'

/** An encoder's class, and whether its last state of the first token goes through a dense layer. */
export interface EncoderClass {
  readonly className: string
  readonly pooler: boolean
}

/** A head's configuration without what all heads have from `config.json`, which it may have of its own. */
type Own<C extends { stddev: number }> = Omit<C, 'className' | 'stddev' | 'labels'> & {
  readonly stddev?: number
}

/** What is an encoder's own of the networks that Hugging Face has for it. */
export interface EncoderRecipe {
  body(config: ConfigReader, asked: EncoderClass): Encoder
  maskedLM(config: ConfigReader): Own<MaskedLMConfig>
  sequence(config: ConfigReader): Own<SequenceClassificationConfig>
  token(config: ConfigReader): Own<TokenHeadConfig>
  /** Default: what is scored is neither transformed nor dropped. */
  answers?(config: ConfigReader): Own<TokenHeadConfig>
}

/**
 * The networks of an encoder by Hugging Face's classes: alone, and with each head.
 *
 * @param name what the classes' names begin with.
 */
export function encoderNetworks(name: string, recipe: EncoderRecipe): Architecture['networks'] {
  const { body, maskedLM, sequence, token, answers } = recipe
  const bodyOf = (config: ConfigReader, pooler: boolean) =>
    body(config, { className: `${name}Model`, pooler })
  const headOf = (config: ConfigReader, suffix: string) => ({
    className: `${name}${suffix}`,
    stddev: config.number('initializer_range', 0.02),
  })
  return {
    [`${name}Model`]: (config) => bodyOf(config, true),
    [`${name}ForMaskedLM`](config) {
      // It would score words by another table than it reads them by.
      config.refuse('tie_word_embeddings', 'true', (value) => value === false)
      return new MaskedLM(bodyOf(config, false), { ...headOf(config, 'ForMaskedLM'), ...maskedLM(config) })
    },
    [`${name}ForSequenceClassification`](config) {
      const head = sequence(config)
      return new SequenceClassification(bodyOf(config, head.pooling === 'pooler'), {
        ...headOf(config, 'ForSequenceClassification'),
        ...head,
        labels: labelCountOf(config),
      })
    },
    [`${name}ForTokenClassification`]: (config) =>
      new TokenClassification(bodyOf(config, false), {
        ...headOf(config, 'ForTokenClassification'),
        ...token(config),
        labels: labelCountOf(config),
      }),
    [`${name}ForQuestionAnswering`]: (config) =>
      new QuestionAnswering(bodyOf(config, false), {
        ...headOf(config, 'ForQuestionAnswering'),
        ...(answers?.(config) ?? { dropout: 0 }),
      }),
  }
}

/** Share of the states that is dropped before a classifier. */
export const classifierDropoutOf = (config: ConfigReader): number =>
  config.number(['classifier_dropout', 'hidden_dropout_prob'], 0.1)

/**
 * What checkpoints of encoders have beside the weights of a network: the heads of other networks, positions that are counted,
 * and the table of words once more.
 */
export const encodersIgnore = [
  '*embeddings.position_ids',
  '*embeddings.token_type_ids',
  '*pooler.dense.*',
  'cls.*',
  'lm_head.*',
  'classifier.*',
  'qa_outputs.*',
] as const

/**
 * The pooler of an encoder without a head, which checkpoints of masked language models lack: as in Python it is new then, and
 * `last_hidden_state` is what counts. A classifier's, with the body's name in front, has to be there.
 */
export const bodysPooler = ['pooler.dense.*'] as const
