export { alignByReward } from './align-by-reward.ts'
export type { AlignByRewardOptions, JudgedByReward } from './align-options.ts'
export type { TextOrIds } from './completion-ids.ts'
export {
  completionLogProbs,
  heldOutLoss,
  klToReference,
  type LanguageScore,
  type LogProbsOptions,
  type PromptAndAnswer,
} from './completion-log-probs.ts'
export { type DpoLoss, type DpoOptions, dpo } from './dpo.ts'
export { type JudgedAnswer, KtoModel, type KtoOptions } from './kto-model.ts'
export { type ModelRewardOptions, modelReward } from './model-reward.ts'
export type { PairValues } from './pair-values.ts'
export type { PolicyLossOptions } from './policy-loss.ts'
export {
  type PreferenceDataOptions,
  PreferenceModel,
  type PreferenceModelOptions,
  type PreferencePair,
} from './preference-model.ts'
export type { ComparedPairs, Comparison, PreferenceObjective } from './preference-objective.ts'
export { type MarginPair, RewardModel, type RewardModelOptions } from './reward-model.ts'
export type { AnswerToJudge, Reward, RewardFunction, Rewards, RewardValue } from './rewards.ts'
export type { AlignmentDataOptions } from './sample-batches.ts'
export {
  type CpoOptions,
  cpo,
  type OrpoOptions,
  orpo,
  type SimpoOptions,
  simpo,
} from './without-reference.ts'
