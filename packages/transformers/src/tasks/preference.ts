import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { dpo } from '../align/dpo.ts'
import { type JudgedAnswer, KtoModel, type KtoOptions, type ScoredAnswer } from '../align/kto-model.ts'
import { PreferenceModel, type PreferencePair, type ScoredPair } from '../align/preference-model.ts'
import type { PreferenceObjective } from '../align/preference-objective.ts'
import {
  type MarginPair,
  type MarginTexts,
  RewardModel,
  type RewardModelOptions,
} from '../align/reward-model.ts'
import { FaultyArguments } from '../align/scored-texts.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { RowFault, type Task } from './task.ts'
import { recordOf } from './text-batches.ts'

/** What tasks of answers are told. */
export interface AnswerTaskOptions {
  /** For prompts and answers that are texts; those that are ids need none. */
  readonly tokenizer?: Tokenizer
  /** Whether training drops features as the model's configuration says. Default false. */
  readonly dropout?: boolean
}

/** What answers may be compared with. */
export interface ReferenceOptions {
  /** A model that does not change. Default: the model as it is before it is trained. */
  readonly reference?: PretrainedModel
}

export interface PreferenceTaskOptions extends AnswerTaskOptions, ReferenceOptions {
  /** What pairs are learnt by: `dpo()`, `orpo()`, `cpo()`, `simpo()`, or one of your own. Default `dpo()`. */
  readonly objective?: PreferenceObjective
}

const answerChecks = {
  tokenizer: { expected: 'a Tokenizer', accepts: (value: unknown) => value instanceof Tokenizer },
  dropout: checks.boolean,
}
const referenceCheck = {
  reference: { expected: 'a PretrainedModel', accepts: (value: unknown) => value instanceof PretrainedModel },
}
const preferenceChecks = optionsOf<PreferenceTaskOptions>()({
  objective: checks.named,
  ...answerChecks,
  ...referenceCheck,
})

/**
 * Which of two answers is the better one: `finetune` with a `PreferenceModel`. Rows are `{ prompt, chosen, rejected }`, texts or
 * ids of tokens.
 *
 * Scores: `loss`, `rewardAccuracy`, `rewardMargin` and what else `PreferenceModel` logs.
 *
 * @example
 * const task = tasks.preference({ tokenizer, objective: dpo({ beta: 0.1 }) })
 * await finetune(model, 'pairs.jsonl', { task, method: lora({ rank: 8 }), validationSplit: 0.1 })
 */
export function preference(
  options: PreferenceTaskOptions = {},
): Task<PreferencePair, ScoredPair, PretrainedModel> {
  checkOptions('preference', options, preferenceChecks)
  const { tokenizer, objective = dpo(), reference, dropout = false } = options
  return {
    name: `preference (${objective.name})`,
    prepare(model) {
      const trained = new PreferenceModel(model, objective, { dropout })
      return {
        ...{ trained, compile: {}, longest: undefined, truncates: false },
        encode(given) {
          const row = recordOf(given) as unknown as PreferencePair
          return { row, examples: readRow(given, answersOfPairs, () => trained.read([row], tokenizer)) }
        },
        ...(objective.needsReference && {
          complete: (examples: readonly ScoredPair[], batchSize: number) =>
            trained.withReference(examples, reference, batchSize),
        }),
        collate: (examples) => trained.collate(examples),
      }
    },
  }
}

export interface KtoTaskOptions extends AnswerTaskOptions, ReferenceOptions, Omit<KtoOptions, 'dropout'> {}

/**
 * Answers that were judged one by one: `finetune` with a `KtoModel`. Rows are `{ prompt, answer, desirable }`, at least two.
 *
 * Scores: those that `KtoModel` logs.
 *
 * @example
 * const task = tasks.kto({ tokenizer, beta: 0.1 })
 * await finetune(model, 'judged.jsonl', { task, method: 'lora' })
 */
export function kto(options: KtoTaskOptions = {}): Task<JudgedAnswer, ScoredAnswer, PretrainedModel> {
  const { tokenizer, reference, ...own } = options
  checkOptions(
    'kto',
    { ...(tokenizer !== undefined && { tokenizer }), ...(reference !== undefined && { reference }) },
    optionsOf<Pick<KtoTaskOptions, 'tokenizer' | 'reference'>>()({
      tokenizer: answerChecks.tokenizer,
      ...referenceCheck,
    }),
  )
  return {
    name: 'kto',
    prepare(model) {
      const trained = new KtoModel(model, own)
      return {
        ...{ trained, compile: {}, longest: undefined, truncates: false },
        encode(given) {
          const row = recordOf(given) as unknown as JudgedAnswer
          if (typeof row.desirable !== 'boolean')
            throw new RowFault("true or false in 'desirable'", String(row.desirable))
          // An answer of another row belongs beside it: `complete` puts it there.
          const read = readRow(given, ['prompt', 'answer'], () => trained.read([row, row], tokenizer))
          return { row, examples: read.slice(0, 1) }
        },
        async complete(examples, batchSize) {
          const answers = examples.map(({ own: { prompt, answer }, desirable }) => ({
            ...{ prompt, answer, desirable },
          }))
          return await trained.withReference(trained.read(answers), reference, batchSize)
        },
        collate: (examples) => trained.collate(examples),
      }
    },
  }
}

export interface RewardTaskOptions extends AnswerTaskOptions, RewardModelOptions {}

/**
 * A reward for each answer, larger for the better of two: `finetune` with a `RewardModel` around a classifier of one output.
 * Rows are `{ prompt, chosen, rejected }`, with a `margin` where one is known.
 *
 * Scores: those that `RewardModel` logs.
 *
 * @example
 * await finetune(classifier, 'pairs.jsonl', { task: tasks.rewardModel({ tokenizer }), method: 'lora' })
 */
export function rewardModel(options: RewardTaskOptions = {}): Task<MarginPair, MarginTexts, PretrainedModel> {
  const { tokenizer, ...own } = options
  checkOptions(
    'rewardModel',
    tokenizer === undefined ? {} : { tokenizer },
    optionsOf<Pick<RewardTaskOptions, 'tokenizer'>>()({ tokenizer: answerChecks.tokenizer }),
  )
  return {
    name: 'reward model',
    prepare(model) {
      const trained = new RewardModel(model, own)
      return {
        ...{ trained, compile: {}, longest: undefined, truncates: false },
        encode(given) {
          const row = recordOf(given) as unknown as MarginPair
          return { row, examples: readRow(given, answersOfPairs, () => trained.read([row], tokenizer)) }
        },
        collate: (examples) => trained.collate(examples),
      }
    },
  }
}

const answersOfPairs = ['prompt', 'chosen', 'rejected'] as const

/** What a model reads of a row. @throws RowFault for what it refuses. */
function readRow<Read>(
  given: unknown,
  texts: readonly string[],
  read: () => readonly Read[],
): readonly Read[] {
  const row = recordOf(given)
  for (const name of texts) {
    const text = row[name]
    if (typeof text !== 'string' && !Array.isArray(text))
      throw new RowFault(`a text or ids of tokens in '${name}'`, JSON.stringify(text) ?? 'none')
  }
  try {
    return read()
  } catch (error) {
    if (!(error instanceof FaultyArguments) || error.faults.length === 0) throw error
    // The caller says which row it is. A row may have been read twice.
    const told = error.faults.map(({ part, what }) => (part === undefined ? what : `${part}: ${what}`))
    throw new RowFault(error.parts?.expected ?? 'texts', [...new Set(told)].join('; '))
  }
}
