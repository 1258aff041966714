import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { checkHead } from './reward-model.ts'
import type { AnswerToJudge, Reward } from './rewards.ts'
import { packRows } from './scored-texts.ts'

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
  const textOf = ({ prompt, promptIds, text, ids }: AnswerToJudge): TokenIds =>
    tokenizer === undefined || typeof prompt !== 'string'
      ? [...promptIds, ...ids]
      : tokenizer.encode(prompt + text).ids
  return {
    weight,
    async ofAll(answers) {
      const rewards: number[] = []
      for (let at = 0; at < answers.length; at += batchSize) {
        const texts = answers.slice(at, at + batchSize).map(textOf)
        const { logits } = await model.predict(inputsOf(model, texts), { batchSize })
        rewards.push(...[...((await logits?.data()) ?? [])].map(Number))
      }
      return rewards
    },
  }
}

/** What a classifier takes, of texts as ids: those of its inputs that tell padding. */
function inputsOf(model: PretrainedModel, texts: readonly TokenIds[]) {
  const { pad_token_id: padding } = model.config
  const filler = typeof padding === 'number' ? padding : 0
  const longest = Math.ceil(Math.max(...texts.map(({ length }) => length)) / 8) * 8
  const shape = [texts.length, longest]
  const rows: Readonly<Record<string, readonly number[][]>> = {
    input_ids: texts.map((ids) => [...ids, ...new Array<number>(longest - ids.length).fill(filler)]),
    attention_mask: texts.map((ids) => ids.map(() => 1)),
    token_type_ids: texts.map(() => []),
  }
  return Object.fromEntries(
    model.network.takes.map(({ name }) => [name, packRows(rows[name] ?? [], shape, 'int32')]),
  )
}
