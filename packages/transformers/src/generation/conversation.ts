import { ArgumentError, checkOptions, StateError } from 'typegrad/core'
import { CausalLM } from '../layers/network.ts'
import { Answer, continueOne, type Token } from './continuation.ts'
import { type ContinueOptions, continueChecks } from './continue-options.ts'
import { type Decoder, decoderOf, type GenerationModel } from './decoder.ts'
import { checkPrompts } from './prompts.ts'
import { rulesOf, seedOf } from './rules.ts'
import type { Sequences } from './sequences.ts'

/**
 * A text that a causal language model reads and continues by turns, each token once: what has been read is kept in the
 * engine's memory.
 *
 * As the beginning that many requests share it is read once: `fork()` gives each its own continuation, and
 * `generateIds(model, prompts, { after })` continues it with several prompts at a time. Copies are made when one of them
 * reads on, in the engine's memory.
 *
 * @example
 * const chat = new Conversation(model)
 * await chat.add(systemIds)
 * for await (const { id } of chat.continue(questionIds, { maxNewTokens: 50 })) console.log(id)
 */
export class Conversation {
  readonly model: GenerationModel
  readonly #decoder: Decoder
  #ids: number[] = []
  #sequences: Sequences
  #isBusy = false

  /** @throws ArgumentError for a model that does not continue texts. */
  constructor(model: GenerationModel) {
    this.model = model
    this.#decoder = decoderOf(model)
    if (!(this.#decoder.network instanceof CausalLM)) {
      throw new ArgumentError({
        where: 'Conversation',
        expected: 'a causal language model',
        received: `the encoder–decoder ${this.#decoder.network.className}`,
        fix: 'generateIds(model, [ids]) answers each text by itself.',
      })
    }
    this.#sequences = this.#decoder.begin([0])
  }

  /** All tokens so far: what was added, and the answers. */
  get ids(): readonly number[] {
    return this.#ids
  }

  /**
   * Reads more of the text.
   *
   * @throws ArgumentError for ids that are none of the model's words, and for more than its context has room for.
   */
  async add(ids: readonly number[]): Promise<void> {
    this.#append('Conversation.add', ids)
    await this.readSequences()
  }

  /**
   * Reads more of the text and continues it. The tokens become part of the conversation as they are given: where the loop is
   * left, the answer ends.
   *
   * @param ids what comes before the answer; none continues the text as it is.
   * @throws ArgumentError for ids that are none of the model's words, and for more than its context has room for; the
   * signal's reason.
   */
  async *continue(ids: readonly number[] = [], options: ContinueOptions = {}): AsyncGenerator<Token, void> {
    const where = 'Conversation.continue'
    checkOptions(where, options, continueChecks)
    options.signal?.throwIfAborted()
    if (ids.length > 0 || this.#ids.length === 0) this.#append(where, ids)
    const rules = rulesOf(this.model, options, this.#ids.length, this.#decoder.network.maxPositions)
    const answer = new Answer(this.#ids, rules, [seedOf(options.seed)])
    this.#begin(where)
    try {
      const logits = await this.#readOn()
      for await (const token of continueOne(this.#decoder, this.#sequences, answer, logits, options)) {
        this.#ids.push(token.id)
        yield token
      }
    } finally {
      this.#isBusy = false
    }
  }

  /** What has been read, all of the text, for others to continue: internal to generation. */
  async readSequences(): Promise<Sequences> {
    this.#begin('Conversation')
    try {
      if (this.#sequences.length < this.#ids.length) await this.#readOn()
    } finally {
      this.#isBusy = false
    }
    return this.#sequences
  }

  /** Reads what has not been read yet, and the last token once more where all has been: its scores are wanted. */
  async #readOn(): Promise<Float32Array> {
    const sequences = this.#sequences
    sequences.length = Math.min(sequences.length, this.#ids.length - 1)
    const [logits] = await this.#decoder.read(sequences, [this.#ids.slice(sequences.length)])
    return logits as Float32Array
  }

  #append(where: string, ids: readonly number[]): void {
    const { maxPositions } = this.#decoder.network
    const taken = this.#ids.length
    checkPrompts([ids], {
      where,
      words: this.#decoder.words(),
      most: maxPositions - 1 - taken,
      because: `of ${maxPositions} positions ${taken} are taken, and one is for the answer`,
    })
    this.#ids.push(...ids)
  }

  #begin(where: string): void {
    if (this.#isBusy) {
      throw new StateError({
        where,
        expected: 'one answer at a time',
        received: 'a call while another one goes on',
        fix: 'Await it, or give each its own continuation: fork().',
      })
    }
    this.#isBusy = true
  }

  /** The same text for another continuation. */
  fork(): Conversation {
    const other = new Conversation(this.model)
    other.#ids = [...this.#ids]
    other.#sequences = this.#sequences.fork()
    return other
  }

  /**
   * Takes back all but the first tokens.
   *
   * @throws ArgumentError for more tokens than there are.
   */
  rewind(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#ids.length) {
      throw new ArgumentError({
        where: 'Conversation.rewind',
        expected: `a length from 0 to ${this.#ids.length}`,
        received: String(length),
      })
    }
    this.#ids.length = length
    this.#sequences.length = Math.min(this.#sequences.length, length)
  }
}
