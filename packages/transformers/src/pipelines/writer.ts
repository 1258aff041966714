import { ArgumentError } from 'typegrad/core'
import {
  Constraint,
  constraintProcessor,
  type Vocabulary,
  vocabularyOf,
} from '../generation/constraints/index.ts'
import type { Finish } from '../generation/continuation.ts'
import { type Generated, generateIds, streamIds } from '../generation/generate.ts'
import type { GenerateOptions } from '../generation/generate-options.ts'
import { stopIdsOf } from '../generation/model-config.ts'
import { logitsProcessors } from '../generation/sampling/index.ts'
import { StopStrings } from '../generation/stopping/stop-strings.ts'
import { EncoderDecoder } from '../layers/network.ts'
import { type GenerationDefaults, generationDefaults } from './generation-defaults.ts'
import { pretrainedOf, type TextParts } from './parts.ts'
import { apart, grammarOf, type WritingOptions } from './writing-options.ts'

/** A text that was written. */
export interface Written {
  /** Without the prompt, and without what ended it. */
  readonly text: string
  /** Its tokens; a stop token is the last one. */
  readonly ids: readonly number[]
  readonly finish: Finish
  /** The log-probability of each token, where it was asked for. */
  readonly logProbs?: readonly number[]
}

/** How tokens are drawn is an option that would change nothing without drawing. */
const drawing = ['temperature', 'topK', 'topP', 'minP', 'typicalP'] as const

/** Writes texts behind prompts of ids, by a model's advice and the options of a call. */
export class Writer {
  readonly #where: string
  readonly #parts: TextParts
  readonly #defaults: GenerationDefaults
  readonly #vocabularies = new Map<string, Vocabulary>()

  /** @param task whose `task_specific_params` count. Default none. */
  constructor(where: string, parts: TextParts, task?: string) {
    this.#where = where
    this.#parts = parts
    this.#defaults = generationDefaults(pretrainedOf(parts.model), task)
  }

  get prefix(): string {
    return this.#defaults.prefix
  }

  /** A task's usual options, of those that the model's files do not advise. */
  usual({ maxNewTokens, beams }: { readonly maxNewTokens: number; readonly beams: number }): WritingOptions {
    const { generate } = this.#defaults
    return {
      ...(generate.maxNewTokens === undefined && generate.maxLength === undefined && { maxNewTokens }),
      ...(generate.beams === undefined && { beams }),
    }
  }

  /** All answers to each prompt. */
  async write(
    prompts: readonly (readonly number[])[],
    options: WritingOptions,
  ): Promise<readonly (readonly Written[])[]> {
    if (prompts.length === 0) return []
    const { stop = [] } = options
    const model = pretrainedOf(this.#parts.model)
    if (stop.length > 0) {
      this.#refuseTogether(options)
      const written: (readonly Written[])[] = []
      for (const ids of prompts) written.push([await this.#writeUntil(ids, options)])
      return written
    }
    // What counts from the prompt's end, or keeps a state, is each prompt's own.
    if (prompts.length > 1 && this.#needsOwn(options)) {
      const written: (readonly Written[])[] = []
      for (const ids of prompts) written.push(...(await this.write([ids], options)))
      return written
    }
    const answers = await generateIds(
      model,
      prompts.map((ids) => [...ids]),
      this.#options(prompts[0] ?? [], options),
    )
    return answers.map((list) => list.map((answer) => this.#written(answer)))
  }

  /** The text of an answer as it comes. Where the loop is left, nothing more is computed. */
  async *stream(ids: readonly number[], options: WritingOptions): AsyncGenerator<string, void> {
    this.#refuseTogether(options)
    for await (const { text } of this.#pieces(ids, options)) if (text !== '') yield text
  }

  async #writeUntil(prompt: readonly number[], options: WritingOptions): Promise<Written> {
    let text = ''
    const ids: number[] = []
    const logProbs: number[] = []
    let finish: Finish | undefined
    for await (const piece of this.#pieces(prompt, options)) {
      text += piece.text
      if (piece.id !== undefined) ids.push(piece.id)
      if (piece.logProb !== undefined) logProbs.push(piece.logProb)
      finish = piece.finish ?? finish
    }
    return { text, ids, finish: finish ?? 'length', ...(logProbs.length > 0 && { logProbs }) }
  }

  /** Pieces of text with the tokens that made them certain. */
  async *#pieces(prompt: readonly number[], options: WritingOptions): AsyncGenerator<Piece, void> {
    const model = pretrainedOf(this.#parts.model)
    const {
      beams: _,
      sequences: __,
      lengthPenalty: ___,
      earlyStopping: ____,
      ...own
    } = this.#options(prompt, options)
    const stopIds = stopIdsOf(model, own.stopIds)
    const decoder = this.#parts.tokenizer.streamDecoder({ skipSpecialTokens: true })
    const stops = new StopStrings(options.stop ?? [])
    let isStopped = false
    for await (const { id, logProb } of streamIds(model, [...prompt], own)) {
      isStopped = stopIds.has(id)
      const { text, stop } = stops.push(isStopped ? '' : decoder.push(id))
      yield {
        text,
        id,
        ...(logProb !== undefined && { logProb }),
        ...((isStopped || stop !== undefined) && { finish: 'stop' }),
      }
      if (stop !== undefined) return
    }
    const { text, stop } = stops.push(decoder.finish())
    yield {
      text: stop === undefined ? text + stops.flush() : text,
      ...(stop !== undefined && { finish: 'stop' }),
    }
  }

  #written({ ids, finish, logProbs }: Generated): Written {
    const text = this.#parts.tokenizer.decode(ids, { skipSpecialTokens: true })
    return { text, ids, finish, ...(logProbs !== undefined && { logProbs }) }
  }

  /** The options of `generateIds` for one prompt. */
  #options(prompt: readonly number[], options: WritingOptions): GenerateOptions {
    const given = apart(options)
    const model = pretrainedOf(this.#parts.model)
    const advised = this.#defaults.generate
    const isWriter = model.network instanceof EncoderDecoder
    const { maxLength, decoderIds, ...rest } = advised
    const merged: GenerateOptions = {
      ...rest,
      ...(isWriter && decoderIds !== undefined && { decoderIds }),
      // An advised length of the whole gives way to one of the answer.
      ...(maxLength !== undefined &&
        given.generate.maxNewTokens === undefined &&
        rest.maxNewTokens === undefined && { maxLength }),
      ...given.generate,
    }
    const { beams = 1, lengthPenalty, earlyStopping, ...plain } = merged
    const stopIds = [...stopIdsOf(model, merged.stopIds)]
    const promptLength = isWriter ? (decoderIds?.length ?? 1) : prompt.length
    const processors = logitsProcessors(
      { ...this.#defaults.logits, ...given.logits },
      {
        promptLength,
        endTokens: stopIds,
        ...(merged.maxNewTokens !== undefined && { maxLength: promptLength + merged.maxNewTokens }),
        ...(merged.maxLength !== undefined && { maxLength: merged.maxLength }),
      },
    )
    const grammar = grammarOf(this.#where, options)
    if (grammar !== undefined) {
      processors.push(constraintProcessor(new Constraint(grammar, this.#vocabulary(stopIds)), promptLength))
    }
    const isDrawn = drawing.some((name) => given.logits[name] !== undefined) && beams === 1
    return {
      ...plain,
      // Of beams only where there are some.
      ...(beams > 1 && { beams }),
      ...(beams > 1 && lengthPenalty !== undefined && { lengthPenalty }),
      ...(beams > 1 && earlyStopping !== undefined && { earlyStopping }),
      sample: plain.sample ?? isDrawn,
      processors: [...processors, ...(plain.processors ?? [])],
    }
  }

  #vocabulary(stopIds: readonly number[]): Vocabulary {
    const key = stopIds.join()
    const known = this.#vocabularies.get(key) ?? vocabularyOf(this.#parts.tokenizer.file, stopIds)
    this.#vocabularies.set(key, known)
    return known
  }

  #needsOwn(options: WritingOptions): boolean {
    const names = [
      'schema',
      'regex',
      'grammar',
      'minNewTokens',
      'presencePenalty',
      'frequencyPenalty',
      'beginSuppressTokens',
      'forcedEosTokenId',
    ] as const
    const all = { ...this.#defaults.logits, ...options }
    return names.some((name) => all[name] !== undefined)
  }

  /** @throws ArgumentError for several answers of what is written piece by piece. */
  #refuseTogether({ beams = 1, sequences = 1 }: WritingOptions): void {
    if (beams === 1 && sequences === 1) return
    throw new ArgumentError({
      where: this.#where,
      expected: 'one answer at a time where it is streamed, or ended by a stop text',
      received: `beams: ${beams}, sequences: ${sequences}`,
    })
  }
}

interface Piece {
  readonly text: string
  readonly id?: number
  readonly logProb?: number
  readonly finish?: Finish
}
