/**
 * `@typegrad/transformers`: Hugging Face's transformers as models of typegrad: checkpoints, tokenizers, generation.
 */
export type { RawConfig } from './base/config.ts'
export { type FromPretrainedOptions, fromPretrained } from './checkpoint/from-pretrained.ts'
export { type NetworkOutputs, PretrainedModel } from './checkpoint/pretrained-model.ts'
export { type PoolingMode, poolStates } from './embeddings/pooling.ts'
export { loadSentenceEncoder, SentenceEncoder } from './embeddings/sentence-encoder.ts'
export type { SentenceModule, SentenceModules } from './embeddings/sentence-modules.ts'
export type { Architecture, CheckpointNames } from './models/architecture.ts'
export { architectureNames, registerArchitecture } from './models/registry.ts'
