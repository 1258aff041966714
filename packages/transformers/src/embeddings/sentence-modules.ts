import type { Tensor } from 'typegrad'
import type { SavePretrainedOptions } from '../checkpoint/save-pretrained.node.ts'
import type { ActivationFunction } from '../layers/activation.ts'
import type { PoolingMode } from './pooling.ts'

/** A step behind an encoder: pooling, a dense layer, normalization to length 1. */
export type SentenceModule =
  | { readonly kind: 'pooling'; readonly modes: readonly PoolingMode[] }
  | { readonly kind: 'normalize' }
  | {
      readonly kind: 'dense'
      readonly units: number
      readonly activation: ActivationFunction
      /** The activation as `config.json` names it: PyTorch's class. */
      readonly activationName: string
      /** Kernel (in, units) and perhaps bias (units). */
      readonly weights: readonly Tensor[]
    }

/** What a folder of sentence-transformers says of an encoder. */
export interface SentenceModules {
  /** What follows the encoder, in this order. */
  readonly modules: readonly SentenceModule[]
  /** How many tokens of a text are read; undefined for as many as the encoder can. */
  readonly maxLength: number | undefined
  /** What texts of a kind begin with, by names such as `query`. */
  readonly prompts: Readonly<Record<string, string>>
}

export interface SaveSentenceOptions extends SavePretrainedOptions {
  /** A folder whose tokenizer's files are copied. Default: those that the folder has already, if any. */
  readonly tokenizerFrom?: string
}
