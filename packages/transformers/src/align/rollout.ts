import type { Tensor } from 'typegrad'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type Generated, generateIds } from '../generation/generate.ts'
import type { LogitsProcessor } from '../generation/logits-processor.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { temperature as byTemperature } from '../generation/sampling/temperature.ts'
import { topK as onlyTopK } from '../generation/sampling/top-k.ts'
import { topP as onlyTopP } from '../generation/sampling/top-p.ts'
import { advantagesOf } from './advantages.ts'
import type { AlignByRewardOptions } from './align-options.ts'
import type { TextOrIds } from './completion-ids.ts'
import type { LearntAnswer, PolicyModel } from './policy-model.ts'
import type { ReferenceLogProbs } from './reference.ts'
import { type AnswerToJudge, judgeAnswers, namedRewards } from './rewards.ts'

/** Draws answers, has them judged, and makes batches of them. */
export class Rollout {
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
    const { group = 8, maxNewTokens = 128, stopIds, seed = 0, tokenizer } = this.#options
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
