import { type Tensor, zerosLike } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { ClassifiedTexts } from './classified-texts.ts'
import { checkHead } from './reward-model.ts'
import type { AnswerToJudge, Reward } from './rewards.ts'
import { refuseFaults } from './scored-texts.ts'

export interface ModelRewardOptions {
  /**
   * The reward model's own tokenizer, where it is another one than the policy's: it reads prompts and answers as texts.
   * Default: the policy's ids are the reward model's.
   */
  readonly tokenizer?: Tokenizer
  /** Answers that are judged at once. Default 16. */
  readonly batchSize?: number
  /** How much it counts. Default 1. */
  readonly weight?: number
}

const modelRewardChecks = optionsOf<ModelRewardOptions>()({
  tokenizer: { expected: 'a Tokenizer', accepts: (value) => value instanceof Tokenizer },
  batchSize: checks.count,
  weight: checks.finite,
})

/**
 * A trained reward model as a reward of `alignByReward`: its number for prompt and answer.
 *
 * @throws ArgumentError for a model without a head of one output for a text.
 * @example
 * await alignByReward(model, prompts, { tokenizer, rewards: { liked: modelReward(judge) } })
 */
export function modelReward(model: PretrainedModel, options: ModelRewardOptions = {}): Reward {
  checkOptions('modelReward', options, modelRewardChecks)
  checkHead('modelReward', model)
  const { tokenizer, batchSize = 16, weight = 1 } = options
  const texts = new ClassifiedTexts(model)
  const textOf = ({ prompt, promptIds, text, ids }: AnswerToJudge): TokenIds =>
    tokenizer === undefined || typeof prompt !== 'string'
      ? [...promptIds, ...ids]
      : tokenizer.encode(prompt + text).ids
  return {
    weight,
    async ofAll(answers) {
      const rewards: number[] = []
      for (let at = 0; at < answers.length; at += batchSize) {
        const read = answers.slice(at, at + batchSize).map(textOf)
        refuseFaults(
          'modelReward',
          read.flatMap((text, i) => texts.faultsOf(`answer ${at + i} with its prompt`, [text])),
          { expected: `texts of at most ${texts.positions} tokens` },
        )
        const { ids, mask } = texts.pack(read, [read.length])
        const all: Readonly<Record<string, Tensor>> = { input_ids: ids, attention_mask: mask }
        const given = model.network.takes.map(({ name }) => [name, all[name] ?? zerosLike(ids)] as const)
        const { logits } = await model.predict(Object.fromEntries(given), { batchSize })
        rewards.push(...[...((await logits?.data()) ?? [])].map(Number))
      }
      return rewards
    },
  }
}
