export {
  type CausalLanguageModellingOptions,
  causalLanguageModelling,
  type LanguageRow,
} from './causal-language-modelling.ts'
export { type DistillationOptions, distillation, type HiddenPair } from './distillation.ts'
export { type ChatRow, type InstructionTuningOptions, instructionTuning } from './instruction-tuning.ts'
export {
  type AnswerTaskOptions,
  type KtoTaskOptions,
  kto,
  type PreferenceTaskOptions,
  preference,
  type ReferenceOptions,
  type RewardTaskOptions,
  rewardModel,
} from './preference.ts'
export {
  type QuestionAnsweringTaskOptions,
  type QuestionRow,
  questionAnswering,
} from './question-answering.ts'
export { type RerankingOptions, type RerankingRow, reranking } from './reranking.ts'
export {
  type AnchorRow,
  type LabelledTextRow,
  type SentenceEmbeddingOptions,
  type SentenceExample,
  type SentenceRow,
  sentenceEmbedding,
} from './sentence-embedding.ts'
export {
  type ClassificationRow,
  type ProblemType,
  type SequenceClassificationOptions,
  sequenceClassification,
} from './sequence-classification.ts'
export {
  type RewritingRow,
  type SequenceToSequenceOptions,
  sequenceToSequence,
  type WritingScore,
} from './sequence-to-sequence.ts'
export {
  type EncodedRow,
  type EncodedSample,
  type EvaluateTaskOptions,
  type PreparedTask,
  RowFault,
  type Scores,
  type Task,
  type TrainableModel,
} from './task.ts'
export { TaskModel, type TaskModelOptions } from './task-model.ts'
export type { TextTaskOptions } from './text-batches.ts'
export {
  type TokenClassificationTaskOptions,
  type TokenRow,
  tokenClassification,
} from './token-classification.ts'
