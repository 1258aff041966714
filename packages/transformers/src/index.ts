/**
 * `@typegrad/transformers`: Hugging Face's transformers as models of typegrad: checkpoints, tokenizers, generation.
 */
export type { RawConfig } from './base/config.ts'
export { type FromPretrainedOptions, fromPretrained } from './checkpoint/from-pretrained.ts'
export { type NetworkOutputs, PretrainedModel } from './checkpoint/pretrained-model.ts'
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
export { type Generated, generateIds, streamIds } from './generation/generate.ts'
export type { GenerateOptions, PromptOptions } from './generation/generate-options.ts'
export type { LogitsProcessor } from './generation/logits-processor.ts'
export type { TokenIds } from './generation/prompts.ts'
export type { Architecture, CheckpointNames } from './models/architecture.ts'
export { architectureNames, registerArchitecture } from './models/registry.ts'
