import type { CompileOptions, FitOptions } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { idsCheck } from '../generation/continue-options.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { PolicyLossOptions } from './policy-loss.ts'
import { type AnswerToJudge, areRewards, type Rewards } from './rewards.ts'

/** An answer that was judged and learnt from. */
export interface JudgedByReward extends AnswerToJudge {
  /** The weighted sum of its rewards; undefined where none was given. */
  readonly reward: number | undefined
  /** The rewards by name. */
  readonly rewards: Readonly<Record<string, number | undefined>>
  /** How much better it is than the other answers to its prompt. */
  readonly advantage: number
}

/** How a model is aligned by rewards. */
export interface AlignByRewardOptions
  extends PolicyLossOptions,
    Pick<FitOptions, 'epochs' | 'stepsPerEpoch' | 'callbacks' | 'verbose' | 'signal'>,
    Pick<CompileOptions, 'gradients' | 'exchange'> {
  /** What answers are worth: a function, or several by name, each with a weight. */
  readonly rewards: Rewards
  /** Reads prompts that are texts, and makes answers texts for the rewards. Default none. */
  readonly tokenizer?: Tokenizer
  /** Changes the weights. Default AdamW with a learning rate of 1e-6, as TRL's. */
  readonly optimizer?: CompileOptions['optimizer']
  /** How many answers each prompt gets: at least 2, since they are compared with each other. Default 8. */
  readonly group?: number
  /** How many prompts a step answers. Default 4. */
  readonly promptsPerStep?: number
  /** How many steps are made with the same answers. Default 1. */
  readonly iterations?: number
  /** How many tokens an answer has at most. Default 128. */
  readonly maxNewTokens?: number
  /** What scores are divided by before tokens are drawn, and in the loss. Default 1. */
  readonly temperature?: number
  /** Draws among so many words only. Default all. */
  readonly topK?: number
  /** Draws among the words that have this share of the probability. Default 1. */
  readonly topP?: number
  /** Tokens that end an answer. Default: `eos_token_id` of the model's configuration. */
  readonly stopIds?: readonly number[]
  /** By whose deviation advantages are divided. Default `'group'`. */
  readonly scaleRewards?: 'group' | 'batch' | 'none'
  /** Whether answers that were cut off are left out of the loss. Default false. */
  readonly maskTruncated?: boolean
  /** What the KL is measured to, with `beta`. Default: the model as it is now. */
  readonly reference?: PretrainedModel
  /** What order of prompts and drawn tokens are a function of. Default 0. */
  readonly seed?: number
  /** Is given the answers of each step before it is made, for logs. Default nothing. */
  readonly onAnswers?: (answers: readonly JudgedByReward[]) => void | Promise<void>
}

const model: checks.Check<PretrainedModel> = {
  expected: 'a PretrainedModel',
  accepts: (value) => value instanceof PretrainedModel,
}

export const alignChecks = optionsOf<AlignByRewardOptions>()({
  rewards: checks.needed({
    expected: 'a function of an answer, or functions by name',
    accepts: areRewards,
  }),
  tokenizer: { expected: 'a Tokenizer', accepts: (value) => value instanceof Tokenizer },
  optimizer: checks.named,
  group: checks.wholeFrom(2),
  promptsPerStep: checks.count,
  iterations: checks.count,
  maxNewTokens: checks.count,
  temperature: checks.positive,
  topK: checks.count,
  topP: checks.share,
  stopIds: idsCheck,
  loss: checks.oneOf('grpo', 'dapo', 'bnpo', 'drGrpo'),
  epsilon: checks.positive,
  epsilonHigh: checks.positive,
  delta: checks.positive,
  beta: checks.notNegative,
  ratios: checks.oneOf('token', 'sequence'),
  scaleRewards: checks.oneOf('group', 'batch', 'none'),
  maskTruncated: checks.boolean,
  reference: model,
  seed: checks.integer,
  onAnswers: checks.func,
  epochs: checks.count,
  stepsPerEpoch: checks.count,
  callbacks: checks.list,
  verbose: checks.oneOf(0, 1, 2),
  signal: checks.abortSignal,
  gradients: checks.func,
  exchange: checks.func,
})
