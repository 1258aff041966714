import { ArgumentError } from 'typegrad/core'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { MaskedLM } from '../layers/encoder-heads.ts'
import { CausalLM, EncoderDecoder, type NetworkInput, networkInputs } from '../layers/network.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { causalSample, type LanguageSample } from './causal.ts'
import { type MaskingOptions, masking } from './masked.ts'
import { corruptedLengths, type SpanCorruptionOptions, spanCorruption } from './span-corruption.ts'
import type { Packing, TextBlock } from './text-blocks.ts'

/** What is asked of a language model. */
export type ObjectiveName = 'causal' | 'masked' | 'spans'

/** What a network learns of blocks of text. */
export interface Objective {
  readonly name: ObjectiveName
  /** What the network takes while it learns. */
  readonly inputs: readonly NetworkInput[]
  /** Of the blocks: tokens, and those that are looked ahead. */
  readonly length: number
  readonly lookahead: number
  readonly packings: readonly Packing[]
  /** A block and its number in the training → a sample. */
  readonly sampleOf: (block: TextBlock, index: number) => LanguageSample
}

export interface ObjectiveOptions {
  /** Tokens that the network reads of each row. */
  readonly length: number
  readonly packing: Packing
  readonly masking?: MaskingOptions | undefined
  readonly spans?: SpanCorruptionOptions | undefined
}

/**
 * The objective of a network: causal for decoders, masked for encoders with a head of words, spans for encoder–decoders.
 *
 * @throws ArgumentError for a network that is none of a language, and a tokenizer that lacks what the objective needs.
 */
export function objectiveOf(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  { length, packing, ...options }: ObjectiveOptions,
): Objective {
  const { network } = model
  const { inputIds, segmentIds, decoderInputIds } = networkInputs
  // Blocks of one text need no segments: what is hidden is known before anything runs.
  const hasSegments = packing === 'documents' || packing === 'single'
  if (network instanceof CausalLM) {
    return {
      name: 'causal',
      inputs: [inputIds, ...(hasSegments ? [segmentIds] : [])],
      length,
      lookahead: 1,
      packings: ['contiguous', 'documents', 'random', 'single'],
      sampleOf: (block) => causalSample(block, hasSegments),
    }
  }
  if (network instanceof MaskedLM) {
    const mask = masking(tokenizer, options.masking)
    return {
      name: 'masked',
      inputs: [inputIds, ...(hasSegments ? [segmentIds] : [])],
      length,
      lookahead: 0,
      packings: ['contiguous', 'documents', 'random', 'single'],
      sampleOf: (block, index) => {
        const { inputs, labels } = mask(block, index)
        const { input_ids } = inputs
        return hasSegments ? { inputs, labels } : { inputs: { input_ids: input_ids as Int32Array }, labels }
      },
    }
  }
  if (network instanceof EncoderDecoder) {
    const { decoder_start_token_id: start } = model.config
    const decoderStart = typeof start === 'number' ? { decoderStartTokenId: start } : {}
    return {
      name: 'spans',
      inputs: [inputIds, decoderInputIds],
      length: corruptedLengths(length, noiseOf(options.spans)).tokens,
      lookahead: 0,
      packings: ['contiguous', 'random'],
      sampleOf: spanCorruption(tokenizer, { ...decoderStart, ...options.spans }),
    }
  }
  throw new ArgumentError({
    where: 'pretrain',
    expected: 'a causal or masked language model, or an encoder–decoder with a head of words',
    received: `${network.className}, whose outputs are others`,
    fix: "Make it with its language model's class, such as new PretrainedModel(config, 'BertForMaskedLM').",
  })
}

const noiseOf = ({ noiseDensity, meanSpanLength }: SpanCorruptionOptions = {}) => ({
  ...(noiseDensity !== undefined && { noiseDensity }),
  ...(meanSpanLength !== undefined && { meanSpanLength }),
})
