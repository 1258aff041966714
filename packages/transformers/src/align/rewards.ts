import { DataError } from 'typegrad/core'
import type { TokenIds } from '../generation/prompts.ts'
import type { TextOrIds } from './completion-ids.ts'

/** An answer that a reward is asked for. */
export interface AnswerToJudge {
  /** As it was given. */
  readonly prompt: TextOrIds
  /** Which of the prompts it is. */
  readonly promptIndex: number
  readonly promptIds: TokenIds
  /** The answer's text without special tokens; empty where there is no tokenizer. */
  readonly text: string
  readonly ids: TokenIds
  /** Whether it was cut off, by `maxNewTokens` or the context's end. */
  readonly isTruncated: boolean
}

/** A number, or null for an answer that the function has no opinion of. */
export type RewardValue = number | null

/** What an answer is worth. */
export type RewardFunction = (answer: AnswerToJudge) => RewardValue | Promise<RewardValue>

/** A reward and how much it counts: of each answer by itself, or of all answers of a step at once. */
export type Reward = {
  /** Default 1. */
  readonly weight?: number
} & (
  | { readonly of: RewardFunction; readonly ofAll?: never }
  | {
      readonly of?: never
      readonly ofAll: (
        answers: readonly AnswerToJudge[],
      ) => readonly RewardValue[] | Promise<readonly RewardValue[]>
    }
)

/** One reward, or several by name. */
export type Rewards = RewardFunction | Reward | Readonly<Record<string, RewardFunction | Reward>>

/** A reward with its name and weight. */
export interface NamedReward {
  readonly name: string
  readonly weight: number
  readonly judge: (answers: readonly AnswerToJudge[]) => Promise<readonly Judged[]>
}

/** What a function has made of an answer: a reward, nothing, or a fault. */
type Judged = { readonly reward: number | undefined } | { readonly fault: string; readonly cause?: unknown }

const isReward = (value: unknown): value is Reward =>
  typeof value === 'object' &&
  value !== null &&
  ['of', 'ofAll'].some((name) => typeof Reflect.get(value, name) === 'function') &&
  Number.isFinite(Reflect.get(value, 'weight') ?? 1)

/** Whether a value is what `rewards` takes. */
export const areRewards = (value: unknown): boolean =>
  typeof value === 'function' ||
  isReward(value) ||
  (typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length > 0 &&
    Object.values(value).every((one) => typeof one === 'function' || isReward(one)))

/** Rewards by name, each with its weight; a single one is called `reward`. */
export function namedRewards(rewards: Rewards): readonly NamedReward[] {
  const all: Readonly<Record<string, RewardFunction | Reward>> =
    typeof rewards === 'function' || isReward(rewards) ? { reward: rewards } : rewards
  return Object.entries(all).map(([name, given]) => {
    const reward: Reward = typeof given === 'function' ? { of: given } : given
    return { name, weight: reward.weight ?? 1, judge: (answers) => judgedBy(reward, answers) }
  })
}

async function judgedBy(reward: Reward, answers: readonly AnswerToJudge[]): Promise<readonly Judged[]> {
  const { of, ofAll } = reward
  if (of !== undefined)
    return await Promise.all(
      answers.map(async (answer) => {
        try {
          return judgedOf(await of(answer))
        } catch (cause) {
          return { fault: `threw ${String(cause)}`, cause }
        }
      }),
    )
  try {
    const values = await ofAll(answers)
    if (Array.isArray(values) && values.length === answers.length) return values.map(judgedOf)
    const received = Array.isArray(values) ? `${values.length} values` : String(values)
    return answers.map(() => ({ fault: `gave ${received} for ${answers.length} answers` }))
  } catch (cause) {
    return answers.map(() => ({ fault: `threw ${String(cause)}`, cause }))
  }
}

const judgedOf = (value: unknown): Judged => {
  if (value === null) return { reward: undefined }
  return typeof value === 'number' && Number.isFinite(value)
    ? { reward: value }
    : { fault: `gave ${String(value)}` }
}

/** How many faults an error lists. */
const listed = 5

/**
 * Asks all rewards for all answers, at once where they are asynchronous.
 *
 * @returns of each reward those of all answers, undefined where it has none.
 * @throws DataError for rewards that are no finite numbers or whose functions throw, with the function, the prompt and the
 * answer; its cause is what was thrown first.
 */
export async function judgeAnswers(
  rewards: readonly NamedReward[],
  answers: readonly AnswerToJudge[],
): Promise<readonly (readonly (number | undefined)[])[]> {
  const judged = await Promise.all(rewards.map(({ judge }) => judge(answers)))
  const faults = judged.flatMap((row, k) =>
    row.flatMap((one, i) =>
      'fault' in one ? [{ ...one, name: rewards[k]?.name, answer: answers[i] as AnswerToJudge }] : [],
    ),
  )
  if (faults.length > 0) {
    const told = faults
      .slice(0, listed)
      .map(
        ({ name, fault, answer }) =>
          `'${name}' ${fault} for the prompt ${answer.promptIndex} (${shown(answer.prompt)}) and the answer ${shown(answer.text === '' ? answer.ids : answer.text)}`,
      )
    const more = faults.length > listed ? `; and ${faults.length - listed} more` : ''
    throw new RewardError(`${told.join('; ')}${more}`, faults.find(({ cause }) => cause !== undefined)?.cause)
  }
  return judged.map((row) => row.map((one) => ('reward' in one ? one.reward : undefined)))
}

/** Rewards that cannot be learnt from. `cause` is what a function has thrown. */
class RewardError extends DataError {
  constructor(received: string, cause: unknown) {
    super({
      where: 'alignByReward: rewards',
      expected: 'a finite number for each answer, or null for none',
      received,
      fix: 'Nothing was learnt from this step: mend the function and go on.',
    })
    if (cause !== undefined) this.cause = cause
  }
}

const shown = (text: TextOrIds): string => {
  const whole = typeof text === 'string' ? JSON.stringify(text) : `[${text.join(', ')}]`
  return whole.length > 80 ? `${whole.slice(0, 77)}…` : whole
}
