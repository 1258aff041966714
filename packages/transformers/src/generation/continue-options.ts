import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Draft } from './draft.ts'
import type { LogitsProcessor } from './logits-processor.ts'

/** How one sequence is continued. */
export interface ContinueOptions {
  /** How many tokens are added at most. Default 128, or what `maxLength` leaves. The context's end ends an answer too. */
  readonly maxNewTokens?: number
  /** How many tokens prompt and answer have together at most. Default: no such limit. */
  readonly maxLength?: number
  /** Tokens that end an answer; they are its last. Default: `eos_token_id` of the model's configuration. */
  readonly stopIds?: readonly number[]
  /** What changes the scores before a token is chosen, in order. Default none. */
  readonly processors?: readonly LogitsProcessor[]
  /**
   * Whether tokens are drawn by the softmax of their scores. Default false: the one with the highest score is taken.
   */
  readonly sample?: boolean
  /** What the draws are a function of, together with the place of the prompt and of its answer. Default: another each time. */
  readonly seed?: number
  /**
   * What proposes tokens that the model then checks several at a time: `nGramDraft()`, or `modelDraft(smaller)`. Answers are
   * those that the model gives without.
   */
  readonly draft?: Draft
  /** Whether tokens come with their log-probabilities, by the model's own scores, before processors. Default false. */
  readonly logProbs?: boolean
  /** Ends the work within a step: its reason is thrown. Default none. */
  readonly signal?: AbortSignal
}

export const idsCheck: checks.Check<readonly number[]> = {
  expected: 'a list of token ids',
  accepts: (value) => Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0),
}
const processor: checks.Check<LogitsProcessor> = {
  expected: 'an object with a method process(logits, history)',
  accepts: (value) => hasMethod(value, 'process'),
}
const draft: checks.Check<Draft> = {
  expected: 'a draft: nGramDraft() or modelDraft(model)',
  accepts: (value) => hasMethod(value, 'propose'),
}

const hasMethod = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'

export const continueChecks = optionsOf<ContinueOptions>()({
  maxNewTokens: checks.count,
  maxLength: checks.count,
  stopIds: idsCheck,
  processors: checks.severalOf('processors', processor) as checks.Check<readonly LogitsProcessor[]>,
  sample: checks.boolean,
  seed: checks.integer,
  draft,
  logProbs: checks.boolean,
  signal: checks.abortSignal,
})
