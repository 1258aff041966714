/**
 * `@typegrad/transformers`: Hugging Face's transformers as models of typegrad: checkpoints, tokenizers, generation.
 */
export type { DownloadProgress, HubOptions } from '@typegrad/hub'
export {
  type LoadAdapterOptions,
  loadAdapter,
  type SaveAdapterOptions,
  saveAdapter,
} from './adapters/adapter-files.ts'
export {
  type AdapterConfig,
  adapterNames,
  addAdapter,
  deleteAdapter,
  mergeAdapter,
  setAdapter,
  unmergeAdapter,
} from './adapters/adapters.ts'
export { type Ia3Config, type Ia3Options, ia3 } from './adapters/ia3-config.ts'
export { type LoraConfig, type LoraOptions, lora } from './adapters/lora-config.ts'
export {
  type AdapterMethod,
  type AdapterMethodOptions,
  adapterMethod,
  type TuningConfig,
} from './adapters/method.ts'
export {
  type PrefixTuningConfig,
  type PrefixTuningOptions,
  type PromptTuningConfig,
  type PromptTuningOptions,
  prefixTuning,
  promptTuning,
} from './adapters/prompt-config.ts'
export { loadPrompted, PromptedModel } from './adapters/prompted-model.ts'
export type { Targets } from './adapters/targets.ts'
export * from './align/index.ts'
export type { RawConfig } from './base/config.ts'
export { dropLayers } from './checkpoint/drop-layers.ts'
export { type FromPretrainedOptions, fromPretrained } from './checkpoint/from-pretrained.ts'
export { modelFolder } from './checkpoint/model-folder.ts'
export { type NetworkOutputs, type NetworkView, PretrainedModel } from './checkpoint/pretrained-model.ts'
export type { SavePretrainedOptions } from './checkpoint/save-pretrained.node.ts'
export {
  type FromCTranslate2Options,
  whisperFromCTranslate2,
} from './ctranslate2/whisper-from-ctranslate2.ts'
export {
  type EmbedTextsOptions,
  embedTexts,
  type SentenceParts,
} from './embeddings/evaluation/embed-texts.ts'
export { type SearchScoresOptions, searchScores } from './embeddings/evaluation/search-scores.ts'
export {
  type SimilarityScores,
  similarityScores,
  tripletAccuracy,
} from './embeddings/evaluation/similarity-scores.ts'
export * as embeddingLosses from './embeddings/losses/index.ts'
export { type PoolingMode, poolStates } from './embeddings/pooling.ts'
export { loadSentenceEncoder, SentenceEncoder } from './embeddings/sentence-encoder.ts'
export type { SaveSentenceOptions, SentenceModule, SentenceModules } from './embeddings/sentence-modules.ts'
export type { OnnxForm, OnnxOptions } from './export/onnx.ts'
export { type DistilOptions, distil } from './finetune/distil.ts'
export { type Finetuned, type FinetuneOptions, finetune } from './finetune/finetune.ts'
export {
  type AdaptedOptions,
  adapted,
  freezeBody,
  type Method,
  type MethodChoice,
  type MethodName,
} from './finetune/method.ts'
export { type QloraOptions, qlora } from './finetune/qlora.ts'
export type { Columns, RowData } from './finetune/rows.ts'
export type { ScheduleName } from './finetune/schedule.ts'
export { type TrainSentenceEncoderOptions, trainSentenceEncoder } from './finetune/train-sentence-encoder.ts'
export * from './generation/constraints/index.ts'
export type { Finish, Token } from './generation/continuation.ts'
export type { ContinueOptions } from './generation/continue-options.ts'
export { Conversation } from './generation/conversation.ts'
export type { GenerationModel } from './generation/decoder.ts'
export {
  type Draft,
  type ModelDraftOptions,
  modelDraft,
  type NGramDraftOptions,
  nGramDraft,
} from './generation/draft.ts'
export { EncodedInput } from './generation/encoded-input.ts'
export { type Generated, generateIds, streamIds } from './generation/generate.ts'
export type { GenerateOptions, PromptOptions } from './generation/generate-options.ts'
export type { LogitsProcessor } from './generation/logits-processor.ts'
export type { TokenIds } from './generation/prompts.ts'
export * from './generation/sampling/index.ts'
export { StopStrings } from './generation/stopping/stop-strings.ts'
export { type FromGgufOptions, fromGguf } from './gguf/from-gguf.ts'
export { type GgufTokenizerOptions, tokenizerFromGguf } from './gguf/gguf-tokenizer.ts'
export type { GgufFile, GgufTensor } from './gguf/read-gguf.node.ts'
export { readGguf } from './gguf/read-gguf.ts'
export { type ShiftTokensOptions, shiftTokensRight } from './layers/shift-tokens.ts'
export * as textMetrics from './metrics/index.ts'
export type { Architecture, CheckpointNames } from './models/architecture.ts'
export { architectureNames, registerArchitecture } from './models/registry.ts'
export type { BatchedCall } from './pipelines/batched.ts'
export type { FeatureExtractionOptions, FeatureExtractor } from './pipelines/feature-extraction.ts'
export type { FilledMask, FillMaskOptions, MaskFiller } from './pipelines/fill-mask.ts'
export type { ImageClassificationOptions, ImageClassifier } from './pipelines/image-classification.ts'
export type {
  ImageFeatureExtractionOptions,
  ImageFeatureExtractor,
} from './pipelines/image-feature-extraction.ts'
export type { PictureParts, PipelineParts, TextParts } from './pipelines/parts.ts'
export { type Pipelines, pipeline, type Task } from './pipelines/pipeline.ts'
export type { Answer, QuestionAnswerer, QuestionAnsweringOptions } from './pipelines/question-answering.ts'
export type {
  Rewriter,
  RewritingOptions,
  Summarizer,
  TranslationOptions,
  Translator,
} from './pipelines/rewriting.ts'
export type { RunOptions } from './pipelines/rows.ts'
export type { LabelScore } from './pipelines/scores.ts'
export type { ChunkOptions } from './pipelines/sound-chunks.ts'
export type {
  RecognizedSpeech,
  SpeechParts,
  SpeechRecognitionOptions,
  SpeechRecognizer,
} from './pipelines/speech-recognition.ts'
export type {
  TextClassificationOptions,
  TextClassifier,
  TextToClassify,
} from './pipelines/text-classification.ts'
export type {
  Chat,
  GeneratedText,
  TextGenerationOptions,
  TextGenerator,
} from './pipelines/text-generation.ts'
export type { TextPipeline } from './pipelines/text-pipeline.ts'
export type { TimedText } from './pipelines/timed-speech.ts'
export type {
  AggregationStrategy,
  Entity,
  TokenClassificationOptions,
  TokenClassifier,
} from './pipelines/token-classification.ts'
export type { Written } from './pipelines/writer.ts'
export type { WritingOptions } from './pipelines/writing-options.ts'
export type { ZeroShotClassifier, ZeroShotOptions } from './pipelines/zero-shot-classification.ts'
export type {
  ZeroShotImageClassifier,
  ZeroShotImageOptions,
} from './pipelines/zero-shot-image-classification.ts'
export * from './pretraining/index.ts'
export { type CtcIdsOptions, ctcIds } from './processors/ctc.ts'
export { processorFromPretrained } from './processors/from-pretrained.ts'
export { ImageProcessor, type ProcessedPictures } from './processors/image-processor.ts'
export type { Picture } from './processors/picture.ts'
export { type Processor, processorOf } from './processors/processor.ts'
export type { Sound } from './processors/sound.ts'
export { Wav2Vec2FeatureExtractor, type Wav2Vec2Features } from './processors/wav2vec2-feature-extractor.ts'
export {
  WhisperFeatureExtractor,
  type WhisperFeatures,
  type WhisperProcessOptions,
} from './processors/whisper-feature-extractor.ts'
export { accuracy } from './quantize/accuracy.ts'
export type { CalibrationBatch } from './quantize/block-inputs.ts'
export {
  compareQuantized,
  formatComparison,
  type Measured,
  type QuantizedComparison,
  type ScoredSamples,
} from './quantize/compare.ts'
export {
  type CompareModelsOptions,
  compareModels,
  type ModelMeasures,
  type ModelsComparison,
} from './quantize/compare-models.ts'
export { type PerplexityOptions, perplexity } from './quantize/perplexity.ts'
export { type QuantizeGptqOptions, quantizeGptq } from './quantize/quantize-gptq.ts'
export { type QuantizeModelOptions, quantizeModel } from './quantize/quantize-model.ts'
export {
  CrossEncoder,
  type CrossEncoderOptions,
  loadCrossEncoder,
  type Ranked,
  type RankOptions,
} from './reranking/cross-encoder.ts'
export * as rerankingLosses from './reranking/losses/index.ts'
export {
  type ImportanceOptions,
  leastImportant,
  type UnitImportance,
  unitImportance,
} from './shrink/importance.ts'
export { removeHeads, removeNeurons } from './shrink/remove-units.ts'
export type { Unit, UnitsByBlock } from './shrink/units.ts'
export * as tasks from './tasks/index.ts'
export type { AddedToken } from './tokenizers/added-tokens.ts'
export { BatchEncoding, type TokenizerInput } from './tokenizers/batch-encoding.ts'
export { type ChatMessage, type RenderChatOptions, renderChat } from './tokenizers/chat-template.ts'
export { Encoding, type Side, type TokenRange } from './tokenizers/encoding.ts'
export { loadTokenizer } from './tokenizers/load-tokenizer.ts'
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
