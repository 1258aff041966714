import { type ChatMessage, Conversation, logitsProcessors, renderChat } from '@typegrad/transformers'
import type { ChatModel } from './chat-model.ts'

export interface AnswerOptions {
  /** 0 takes the likeliest token each time. */
  readonly temperature: number
  readonly maxNewTokens: number
  readonly seed: number
  /** Ends the answer where it is. */
  readonly signal: AbortSignal
}

/** How an answer was made. */
export interface AnswerFigures {
  /** How many tokens stood before it, and how many of them the model had read in earlier turns. */
  readonly prompt: number
  readonly kept: number
  readonly tokens: number
  readonly tokensPerSecond: number
}

/** Messages, and what a model keeps of them from turn to turn. */
export class ChatSession {
  readonly #chat: ChatModel
  readonly #system: string
  readonly #conversation: Conversation
  #messages: ChatMessage[] = []
  /** The text of all tokens of the conversation; undefined where that is not certain. */
  #written: string | undefined

  constructor(chat: ChatModel, system: string) {
    this.#chat = chat
    this.#system = system
    this.#conversation = new Conversation(chat.model)
    this.reset()
  }

  reset(): void {
    this.#messages = this.#system === '' ? [] : [{ role: 'system', content: this.#system }]
    this.#conversation.rewind(0)
    this.#written = undefined
  }

  /**
   * The answer in pieces as they come, and how it was made. One that is stopped is part of the conversation as far as it
   * went.
   *
   * @throws what templates and generation throw, such as for more text than the model's context has room for; then the
   * question is forgotten.
   */
  async *answer(question: string, options: AnswerOptions): AsyncGenerator<string, AnswerFigures> {
    const { tokenizer, template, stopIds, suppressed } = this.#chat
    const { temperature, maxNewTokens, seed, signal } = options
    const asked = [...this.#messages, { role: 'user', content: question }]
    const text = renderChat(template, asked, {
      addGenerationPrompt: true,
      specialTokens: tokenizer.specialTokens,
    })
    const fresh = this.#notRead(text)
    const kept = this.#conversation.ids.length
    const decoder = tokenizer.streamDecoder()
    const begun = performance.now()
    let tokens = 0
    let said = ''
    let end = ''
    const isSampled = temperature > 0
    const given = this.#conversation.continue(fresh, {
      maxNewTokens,
      stopIds,
      sample: isSampled,
      seed: seed + asked.length,
      signal,
      processors: logitsProcessors({
        ...(isSampled && { temperature }),
        ...(suppressed.length > 0 && { suppressTokens: suppressed }),
      }),
    })
    try {
      for await (const { id } of given) {
        tokens += 1
        const isEnd = stopIds.includes(id)
        if (isEnd) end = tokenizer.decode([id])
        const piece = isEnd ? '' : decoder.push(id)
        said += piece
        if (piece !== '') yield piece
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
    const last = decoder.finish()
    if (last !== '') yield last
    this.#written = text + said + last + end
    this.#messages = [...asked, { role: 'assistant', content: said + last }]
    const seconds = (performance.now() - begun) / 1000
    return { prompt: kept + fresh.length, kept, tokens, tokensPerSecond: tokens / seconds }
  }

  /** The tokens of a text that the model has still to read; takes back what it has read of another. */
  #notRead(text: string): readonly number[] {
    const encode = (part: string): readonly number[] =>
      this.#chat.tokenizer.encode(part, undefined, { addSpecialTokens: false }).ids
    const written = this.#written
    this.#written = undefined
    // An answer stays as it was said: its text might be cut into other tokens.
    if (written !== undefined && text.startsWith(written)) return encode(text.slice(written.length))
    // Templates may write earlier turns anew, for instance without what a model thought. What is the same is kept.
    const ids = encode(text)
    const kept = commonLength(this.#conversation.ids, ids)
    this.#conversation.rewind(kept)
    return ids.slice(kept)
  }
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const least = Math.min(a.length, b.length)
  for (let i = 0; i < least; i++) if (a[i] !== b[i]) return i
  return least
}
