/**
 * `@typegrad/transformers`: Hugging Face's transformers as models of typegrad: checkpoints, tokenizers, generation.
 */
export type { RawConfig } from './base/config.ts'
export { type FromPretrainedOptions, fromPretrained } from './checkpoint/from-pretrained.ts'
export { type NetworkOutputs, PretrainedModel } from './checkpoint/pretrained-model.ts'
export type { Architecture, CheckpointNames } from './models/architecture.ts'
export { architectureNames, registerArchitecture } from './models/registry.ts'
export type { AddedToken } from './tokenizers/added-tokens.ts'
export { BatchEncoding, type TokenizerInput } from './tokenizers/batch-encoding.ts'
export { Encoding, type Side, type TokenRange } from './tokenizers/encoding.ts'
export { loadTokenizer } from './tokenizers/load-tokenizer.node.ts'
export type { StreamDecoder } from './tokenizers/stream-decoder.ts'
export {
  type BatchOptions,
  checkVocabulary,
  type DecodeOptions,
  type EncodeOptions,
  type TextOrPair,
  Tokenizer,
  type TokenizerFiles,
  type TokenRole,
} from './tokenizers/tokenizer.ts'
export {
  type TokenizerJson,
  type TokenizerKind,
  type TokenizerParts,
  type TrainTokenizerOptions,
  trainTokenizer,
} from './tokenizers/training/train-tokenizer.ts'
export type { TruncationStrategy } from './tokenizers/truncation.ts'
