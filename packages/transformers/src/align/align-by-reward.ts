import {
  type CompileOptions,
  Dataset,
  type FitOptions,
  type History,
  optimizers,
  type Tensor,
} from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { idsCheck } from '../generation/continue-options.ts'
import { type Generated, generateIds } from '../generation/generate.ts'
import type { LogitsProcessor } from '../generation/logits-processor.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { temperature as byTemperature } from '../generation/sampling/temperature.ts'
import { topK as onlyTopK } from '../generation/sampling/top-k.ts'
import { topP as onlyTopP } from '../generation/sampling/top-p.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { advantagesOf } from './advantages.ts'
import { promptIds, type TextOrIds } from './completion-ids.ts'
import type { PolicyLossOptions } from './policy-loss.ts'
import { type LearntAnswer, PolicyModel } from './policy-model.ts'
import { keptPolicy, otherModel, type ReferenceLogProbs } from './reference.ts'
import { type AnswerToJudge, areRewards, judgeAnswers, namedRewards, type Rewards } from './rewards.ts'
import { refuseFaults } from './scored-texts.ts'
import { causalPartsOf, checkSameWords } from './token-log-probs.ts'

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

const alignChecks = optionsOf<AlignByRewardOptions>()({
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

/**
 * Trains a causal language model by rewards for its own answers (GRPO): each step draws a group of answers to some prompts,
 * asks the rewards, and makes those answers more likely that are better than the others of their group. No model of values
 * is trained.
 *
 * It is `fit` over a stream of answers: callbacks, schedules and backups work as they do there, the optimizer counts steps,
 * and a run that was interrupted goes on to the same weights from its last backup (with `iterations` above 1 from one that
 * was made between answers). An epoch answers each prompt once.
 *
 * Logs are `loss`, `reward` (the weighted sum), `rewardDeviation` (within groups), `reward_<name>` where there are several,
 * `answerLength`, `truncated` (shares), `clipped` (the share of tokens whose ratio was), and with `beta` above 0 `kl`.
 *
 * Shao et al. 2024 (DeepSeekMath), https://arxiv.org/abs/2402.03300; formulas and defaults are those of TRL's GRPOTrainer.
 *
 * @param prompts texts or ids of tokens.
 * @throws ArgumentError before anything runs: options that are none, prompts that are empty or leave no room for
 * `maxNewTokens`, a reference with another vocabulary. DataError for rewards that are no numbers or throw, with the prompt
 * and the function; the step is not made then, and weights and optimizer stay as they were before it.
 * @example
 * await alignByReward(model, prompts, {
 *   tokenizer,
 *   rewards: { short: ({ ids }) => -ids.length / 50, polite: { of: ({ text }) => Number(text.includes('please')), weight: 2 } },
 *   optimizer: optimizers.adamw({ learningRate: 1e-5 }),
 *   group: 8,
 *   beta: 0.02,
 * })
 */
export async function alignByReward(
  model: PretrainedModel,
  prompts: readonly TextOrIds[],
  options: AlignByRewardOptions,
): Promise<History> {
  const where = 'alignByReward'
  checkOptions(where, options, alignChecks)
  const { limits } = causalPartsOf(where, model)
  const { tokenizer, maxNewTokens = 128, promptsPerStep = 4, iterations = 1, seed = 0, beta = 0 } = options
  const read = prompts.map((prompt) => promptIds(where, prompt, tokenizer))
  checkRoom(read, limits, maxNewTokens)
  const { reference: other } = options
  if (other !== undefined) checkSameWords(`${where}: reference`, limits, causalPartsOf(where, other).limits)

  const named = namedRewards(options.rewards)
  const each = named.length > 1 ? named.map(({ name }) => `reward_${name}`) : []
  const policyOf = (of: PretrainedModel): PolicyModel =>
    new PolicyModel(of, {
      ...options,
      temperature: options.temperature ?? 1,
      maxTokens: maxNewTokens,
      hasOld: iterations > 1,
      told: ['reward', 'rewardDeviation', ...each, 'answerLength', 'truncated'],
    })
  const policy = policyOf(model)
  // TRL's learning rate.
  const { optimizer = optimizers.adamw({ learningRate: 1e-6 }), gradients, exchange } = options
  policy.compile({ optimizer, ...(gradients && { gradients }), ...(exchange && { exchange }) })
  const reference =
    beta === 0 ? undefined : other === undefined ? await keptPolicy(policy) : otherModel(other, policyOf)
  const rollout = new Rollout(model, policy, reference, { prompts, ids: read, options })

  let batch: ReturnType<PolicyModel['collate']> | undefined
  const { epochs, stepsPerEpoch, callbacks, verbose, signal } = options
  const places = Dataset.fromTensors([Int32Array.from(prompts.keys())]).shuffle(prompts.length, { seed })
  const endless = stepsPerEpoch === undefined ? places : places.repeat()
  const steps = endless
    .batch(promptsPerStep)
    .interleave((chosen) => Dataset.fromAsyncIterable(new Array<typeof chosen>(iterations).fill(chosen)), {
      cycleLength: 1,
    })
    .map(async ([chosen], step) => {
      if (batch === undefined || step % iterations === 0)
        batch = await rollout.batch([...(await chosen.data())].map(Number))
      return batch
    })
  return await policy.fit(steps, {
    ...(epochs !== undefined && { epochs }),
    ...(stepsPerEpoch !== undefined && { stepsPerEpoch }),
    ...(callbacks !== undefined && { callbacks }),
    ...(verbose !== undefined && { verbose }),
    ...(signal !== undefined && { signal }),
  })
}

/** Refuses prompts that cannot be answered. */
function checkRoom(
  prompts: readonly TokenIds[],
  { words, positions }: { readonly words: number; readonly positions: number },
  maxNewTokens: number,
): void {
  const room = positions - maxNewTokens
  const faults = prompts.flatMap((ids, i) => {
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= words)
    return [
      ...(ids.length === 0 ? [`prompt ${i} is empty`] : []),
      ...(ids.length > room ? [`prompt ${i} of ${ids.length} tokens`] : []),
      ...(wrong === undefined ? [] : [`prompt ${i} with the id ${String(wrong)}`]),
    ]
  })
  refuseFaults('alignByReward', prompts.length === 0 ? ['no prompts'] : faults, {
    expected: `prompts of 1 to ${room} tokens (${positions} positions, ${maxNewTokens} of them for maxNewTokens), ids from 0 to ${words - 1}`,
    fix: 'Cut such prompts, or allow shorter answers.',
  })
}

/** Draws answers, has them judged, and makes batches of them. */
class Rollout {
  readonly #model: PretrainedModel
  readonly #policy: PolicyModel
  readonly #reference: ReferenceLogProbs | undefined
  readonly #prompts: readonly TextOrIds[]
  readonly #ids: readonly TokenIds[]
  readonly #options: AlignByRewardOptions
  readonly #rewards

  constructor(
    model: PretrainedModel,
    policy: PolicyModel,
    reference: ReferenceLogProbs | undefined,
    given: {
      readonly prompts: readonly TextOrIds[]
      readonly ids: readonly TokenIds[]
      readonly options: AlignByRewardOptions
    },
  ) {
    this.#model = model
    this.#policy = policy
    this.#reference = reference
    this.#prompts = given.prompts
    this.#ids = given.ids
    this.#options = given.options
    this.#rewards = namedRewards(given.options.rewards)
  }

  /** A batch of groups of answers to these prompts. */
  async batch(prompts: readonly number[]): Promise<ReturnType<PolicyModel['collate']>> {
    const {
      group = 8,
      scaleRewards = 'group',
      maskTruncated = false,
      onAnswers,
      iterations = 1,
    } = this.#options
    const answers = await this.#answers(prompts)
    const rewards = await judgeAnswers(this.#rewards, answers)
    const weights = this.#rewards.map(({ weight }) => weight)
    const { totals, deviations, advantages } = advantagesOf(rewards, { weights, group, scale: scaleRewards })
    await onAnswers?.(
      answers.map((answer, i) => ({
        ...answer,
        reward: totals[i],
        rewards: Object.fromEntries(this.#rewards.map(({ name }, k) => [name, rewards[k]?.[i]])),
        advantage: advantages[i] as number,
      })),
    )
    const learnt = answers.map((answer, i): LearntAnswer => {
      const each = rewards.length > 1 ? rewards.map((row) => row[i]) : []
      const { ids, isTruncated } = answer
      return {
        prompt: answer.promptIds,
        answer: ids,
        advantage: advantages[i] as number,
        counts: !(maskTruncated && isTruncated),
        told: [totals[i], deviations[i], ...each, ids.length, Number(isTruncated)],
      }
    })
    if (iterations === 1 && this.#reference === undefined) return this.#policy.collate(learnt)
    const [x] = this.#policy.collate(learnt)
    const old = iterations > 1 ? await rowsOf(await this.#policy.predictOnBatch(x)) : undefined
    const reference = await rowsOf(await this.#reference?.(x))
    return this.#policy.collate(
      learnt.map((answer, i) => ({ ...answer, old: old?.[i], reference: reference?.[i] })),
    )
  }

  /** Drawn answers, a group for each prompt. */
  async #answers(prompts: readonly number[]): Promise<readonly AnswerToJudge[]> {
    const { group = 8, maxNewTokens = 128, stopIds, signal, seed = 0, tokenizer } = this.#options
    // A function of the step, so that a run that goes on draws what it would have drawn.
    const step = Number(await this.#policy.optimizer.iterations.value.item())
    const drawn = await generateIds(
      this.#model,
      prompts.map((prompt) => this.#ids[prompt] as TokenIds),
      {
        sample: true,
        sequences: group,
        maxNewTokens,
        processors: this.#processors(),
        seed: (seed * 1_000_003 + step) % 2 ** 31,
        ...(stopIds !== undefined && { stopIds }),
        ...(signal !== undefined && { signal }),
      },
    )
    const answerOf = (promptIndex: number, { ids, finish }: Generated): AnswerToJudge => ({
      prompt: this.#prompts[promptIndex] as TextOrIds,
      promptIndex,
      promptIds: this.#ids[promptIndex] as TokenIds,
      text: tokenizer?.decode(ids, { skipSpecialTokens: true }) ?? '',
      ids,
      isTruncated: finish !== 'stop',
    })
    return drawn.flatMap((answers, i) => answers.map((answer) => answerOf(prompts[i] as number, answer)))
  }

  #processors(): readonly LogitsProcessor[] {
    const { temperature = 1, topK, topP = 1 } = this.#options
    return [
      ...(temperature === 1 ? [] : [byTemperature(temperature)]),
      ...(topK === undefined ? [] : [onlyTopK(topK)]),
      ...(topP === 1 ? [] : [onlyTopP(topP)]),
    ]
  }
}

/** Rows of (batch, 1, tokens) as numbers. */
async function rowsOf(values: Tensor | undefined): Promise<number[][] | undefined> {
  if (values === undefined) return undefined
  const [batch, , tokens] = values.shape as readonly [number, number, number]
  const data = await values.data()
  return Array.from({ length: batch }, (_, i) =>
    Array.from(data.slice(i * tokens, (i + 1) * tokens) as ArrayLike<number>, Number),
  )
}
