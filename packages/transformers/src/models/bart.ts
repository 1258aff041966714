import { layers, ops, type Tensor } from 'typegrad'
import type { CallContext } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { activationOf } from '../layers/activation.ts'
import { linear } from '../layers/linear.ts'
import { EncoderDecoderBody, type NetworkContext, networkInputs, Part } from '../layers/network.ts'
import {
  normalBeginning,
  type SequenceToSequenceConfig,
  SequenceToSequenceLM,
  SequenceToSequenceModel,
} from '../layers/sequence-to-sequence.ts'
import { shiftTokensRight } from '../layers/shift-tokens.ts'
import type { Architecture, CheckpointNames } from './architecture.ts'

/** The entries that BART, mBART and Marian have in common. Whole blocks are not dropped in training (`encoder_layerdrop`). */
export function bartEntries(config: ConfigReader) {
  const stack = (part: 'encoder' | 'decoder') => ({
    blocks: config.count(`${part}_layers`, 12),
    heads: config.count(`${part}_attention_heads`, 16),
    inner: config.count(`${part}_ffn_dim`, 4096),
  })
  const vocabSize = config.count('vocab_size')
  const width = config.count('d_model')
  const isTied = config.boolean('tie_word_embeddings', true)
  return {
    vocabSize,
    decoderVocabSize: vocabSize,
    width,
    positions: config.count('max_position_embeddings', 1024),
    encoder: stack('encoder'),
    decoder: stack('decoder'),
    activation: activationOf(config.string('activation_function', 'gelu')),
    dropouts: {
      hidden: config.number('dropout', 0.1),
      attention: config.number('attention_dropout', 0),
      activation: config.number('activation_dropout', 0),
    },
    embeddingScale: config.boolean('scale_embedding', false) ? Math.sqrt(width) : 1,
    isShared: isTied,
    isTied,
    hasLogitsBias: true,
    hasAttentionBias: true,
    ...normalBeginning(config.number('init_std', 0.02)),
  }
}

/** Names of BART's checkpoints, and of those of its descendants. */
export const bartNames: CheckpointNames = {
  prefix: 'model',
  tied: {
    'lm_head.weight': 'model.shared.weight',
    'model.encoder.embed_tokens.weight': 'model.shared.weight',
    'model.decoder.embed_tokens.weight': 'model.shared.weight',
    'encoder.embed_tokens.weight': 'shared.weight',
    'decoder.embed_tokens.weight': 'shared.weight',
  },
  ignored: [
    // Where encoder and decoder have words of their own.
    '*shared.weight',
    // Of the first models.
    '*encoder.version',
    '*decoder.version',
  ],
  ignoredBy: {
    BartModel: ['final_logits_bias', 'classification_head.*'],
    BartForSequenceClassification: ['final_logits_bias'],
    MBartModel: ['final_logits_bias'],
    MarianModel: ['final_logits_bias'],
  },
  // Nothing is added, then: checkpoints of the body alone have none.
  optional: ['final_logits_bias'],
}

const bartConfig = (config: ConfigReader): SequenceToSequenceConfig => ({
  ...bartEntries(config),
  normalize: 'after',
  normalizeEmbeddings: true,
  positionTable: 'learned',
})

class ClassificationHead extends Part {
  readonly className = 'BartClassificationHead'
  readonly dense
  readonly outProj
  readonly dropout

  constructor(width: number, labels: number, stddev: number, dropout: number) {
    super()
    this.dense = linear(width, { stddev })
    this.outProj = linear(labels, { stddev })
    this.dropout = layers.dropout({ rate: dropout })
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const inner = this.dense.apply(this.dropout.apply(x, { training })).tanh()
    return this.outProj.apply(this.dropout.apply(inner, { training }))
  }
}

/**
 * BART that sorts texts: encoder and decoder read the same text, and the decoder's last state, at the end-of-text token, is
 * scored (of several such tokens the last one; of none, which Python refuses, the first of the text). The common model for
 * zero-shot classification is one of these.
 */
class BartForSequenceClassification extends EncoderDecoderBody {
  readonly className = 'BartForSequenceClassification'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly model: SequenceToSequenceModel
  readonly classificationHead
  readonly endId: number
  readonly start: { readonly padTokenId: number; readonly decoderStartTokenId: number }

  constructor(reader: ConfigReader) {
    super()
    const config = bartConfig(reader)
    const labels = Object.keys(reader.within('id2label')?.raw ?? {}).length
    this.model = new SequenceToSequenceModel('BartModel', config)
    this.classificationHead = new ClassificationHead(
      config.width,
      labels > 0 ? labels : reader.count('num_labels', 3),
      reader.number('init_std', 0.02),
      reader.number('classifier_dropout', 0),
    )
    this.endId = reader.number('eos_token_id', 2)
    this.start = {
      padTokenId: reader.number('pad_token_id', 1),
      decoderStartTokenId: reader.number('decoder_start_token_id', 2),
    }
  }

  override tableOf(input: string) {
    return this.model.tableOf(input)
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.encoderHiddenStates(ids, context)
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.decoderHiddenStates(ids, context)
  }

  protected override decoderIdsOf(ids: Tensor, { decoderInputIds }: NetworkContext): Tensor {
    return decoderInputIds ?? shiftTokensRight(ids, this.start)
  }

  protected override outputsOf(states: Tensor, ids: Tensor, context: NetworkContext) {
    const [batch, length, width] = states.shape as readonly [number, number, number]
    // Where the last end of text stands: the token with most of them up to it that is one itself.
    const isEnd = ids.equal(this.endId).cast('int32')
    const place = ops.argMax(isEnd.mul(isEnd.cumsum(1)), 1)
    const chosen = ops.oneHot(place, length).reshape([batch, 1, length])
    const text = chosen.matmul(states).reshape([batch, width])
    return { logits: this.classificationHead.apply(text, { training: context.training }) }
  }
}

/**
 * BART: the transformer of Vaswani et al. 2017 with learned positions, trained to restore damaged texts.
 *
 * Lewis et al. 2020, https://arxiv.org/abs/1910.13461
 */
export const bart: Architecture = {
  modelType: 'bart',
  networks: {
    BartForConditionalGeneration: (config) =>
      new SequenceToSequenceLM('BartForConditionalGeneration', bartConfig(config)),
    BartForSequenceClassification: (config) => new BartForSequenceClassification(config),
    BartModel: (config) => new SequenceToSequenceModel('BartModel', bartConfig(config)),
  },
  checkpoint: bartNames,
}

const mbartConfig = (config: ConfigReader): SequenceToSequenceConfig => ({
  ...bartConfig(config),
  normalize: 'before',
})

/** BART for many languages, with normalization before each part: Liu et al. 2020, https://arxiv.org/abs/2001.08210 */
export const mbart: Architecture = {
  modelType: 'mbart',
  networks: {
    MBartForConditionalGeneration: (config) =>
      new SequenceToSequenceLM('MBartForConditionalGeneration', mbartConfig(config)),
    MBartModel: (config) => new SequenceToSequenceModel('MBartModel', mbartConfig(config)),
  },
  checkpoint: bartNames,
}
