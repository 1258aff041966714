import { ArgumentError, type ErrorParts, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type ContinueOptions, continueChecks, idsCheck } from './continue-options.ts'
import { Conversation } from './conversation.ts'

/** What answers to prompts may follow. */
export interface PromptOptions {
  /** What all prompts continue, read once: see {@link Conversation}. It stays as it is. Default nothing. */
  readonly after?: Conversation
  /** What an encoder–decoder's answers begin with. Default `decoder_start_token_id` of the model's configuration. */
  readonly decoderIds?: readonly number[]
}

/** How the answers to prompts are made. */
export interface GenerateOptions extends ContinueOptions, PromptOptions {
  /** How many answers each prompt gets: drawn ones, or the best of as many beams. Default 1. */
  readonly sequences?: number
  /** How many continuations a beam search keeps. Default 1: none. */
  readonly beams?: number
  /**
   * The power of its length that an answer's log-probability is divided by: above 0 longer answers gain. For beams. Default
   * 1.
   */
  readonly lengthPenalty?: number
  /**
   * When a beam search ends: once it has as many answers as beams (`true`), once it is unlikely to find a better one
   * (`false`), or once it cannot (`'never'`). Default false.
   */
  readonly earlyStopping?: boolean | 'never'
}

export const promptChecks = optionsOf<ContinueOptions & PromptOptions>()({
  ...continueChecks,
  after: { expected: 'a Conversation', accepts: (value) => value instanceof Conversation },
  decoderIds: idsCheck,
})

export const generateChecks = optionsOf<GenerateOptions>()({
  ...promptChecks,
  sequences: checks.count,
  beams: checks.count,
  lengthPenalty: checks.finite,
  earlyStopping: checks.either(checks.boolean, checks.oneOf('never')),
})

/** What of the options does not go together. */
export function checkTogether(where: string, options: GenerateOptions): void {
  const { beams = 1, sequences = 1, sample = false, draft, lengthPenalty, earlyStopping } = options
  const refused = (parts: Omit<ErrorParts, 'where'>) => new ArgumentError({ where, ...parts })
  if (beams > 1 && sample)
    throw refused({ expected: 'beams or draws', received: `beams: ${beams} with sample: true` })
  if (beams > 1 && draft !== undefined)
    throw refused({ expected: 'beams or a draft', received: `beams: ${beams} with a draft` })
  if (beams > 1 && sequences > beams)
    throw refused({
      expected: `at most as many sequences as beams (${beams})`,
      received: `sequences: ${sequences}`,
    })
  if (beams === 1 && sequences > 1 && !sample)
    throw refused({
      expected: 'several sequences only where they differ',
      received: `sequences: ${sequences} without sample and beams`,
      fix: `Draw them (sample: true), or search with beams: ${sequences}.`,
    })
  if (beams === 1 && (lengthPenalty !== undefined || earlyStopping !== undefined))
    throw refused({
      expected: 'lengthPenalty and earlyStopping with beams',
      received: 'beams: 1',
      fix: 'Say how many continuations the search keeps: beams: 4.',
    })
}
