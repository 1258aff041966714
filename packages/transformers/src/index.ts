/**
 * `@typegrad/transformers`: Hugging Face's transformers as models of typegrad: checkpoints, tokenizers, generation.
 */
export type { RawConfig } from './base/config.ts'
export type { DownloadProgress } from './checkpoint/download.node.ts'
export { type FromPretrainedOptions, fromPretrained, modelFolder } from './checkpoint/from-pretrained.ts'
export type { HubOptions } from './checkpoint/hub-model.node.ts'
export { type NetworkOutputs, PretrainedModel } from './checkpoint/pretrained-model.ts'
export type { SavePretrainedOptions } from './checkpoint/save-pretrained.node.ts'
export { checkVocabulary } from './checkpoint/vocabulary.ts'
export { type PoolingMode, poolStates } from './embeddings/pooling.ts'
export { loadSentenceEncoder, SentenceEncoder } from './embeddings/sentence-encoder.ts'
export type { SentenceModule, SentenceModules } from './embeddings/sentence-modules.ts'
export { type FromGgufOptions, fromGguf } from './gguf/from-gguf.ts'
export { type ShiftTokensOptions, shiftTokensRight } from './layers/shift-tokens.ts'
export type { Architecture, CheckpointNames } from './models/architecture.ts'
export { architectureNames, registerArchitecture } from './models/registry.ts'
export { type CtcIdsOptions, ctcIds } from './processors/ctc.ts'
export { processorFromPretrained } from './processors/from-pretrained.ts'
export { ImageProcessor, type ProcessedPictures } from './processors/image-processor.ts'
export type { Picture } from './processors/picture.ts'
export { type Processor, processorOf } from './processors/processor.ts'
export type { Sound } from './processors/sound.ts'
export { Wav2Vec2FeatureExtractor, type Wav2Vec2Features } from './processors/wav2vec2-feature-extractor.ts'
export { WhisperFeatureExtractor, type WhisperFeatures } from './processors/whisper-feature-extractor.ts'
export {
  compareQuantized,
  formatComparison,
  type Measured,
  type QuantizedComparison,
} from './quantize/compare.ts'
export { type QuantizeModelOptions, quantizeModel } from './quantize/quantize-model.ts'
