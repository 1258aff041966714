import { textMetrics } from '@typegrad/transformers'
import type { Message } from './messages.ts'

const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/\{\d+\}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []

interface Entry {
  readonly message: Message
  readonly words: readonly string[]
}

/** A message of the memory, and how like the text it is: 1 − words to change / words of the longer one. */
export interface Match {
  readonly message: Message
  readonly likeness: number
}

/**
 * What translators' tools have: of a text it finds the one in the memory that differs from it by the fewest words, whose
 * translation is taken as it is.
 */
export class TranslationMemory {
  readonly #entries: readonly Entry[]
  /** Where each word stands: once for each time. */
  readonly #places = new Map<string, number[]>()

  constructor(messages: readonly Message[]) {
    this.#entries = messages.map((message) => ({ message, words: wordsOf(message.english) }))
    for (const [i, { words }] of this.#entries.entries()) {
      for (const word of words) {
        const places = this.#places.get(word)
        if (places === undefined) this.#places.set(word, [i])
        else places.push(i)
      }
    }
  }

  /** @param except a message of the memory that is not to be found: the text's own. */
  find(text: string, except?: Message): Match | undefined {
    const words = wordsOf(text)
    // No more words than the two share can stay as they are, so the most promising ones come first.
    const shared = new Uint16Array(this.#entries.length)
    for (const word of new Set(words))
      for (const place of this.#places.get(word) ?? []) shared[place] = (shared[place] as number) + 1
    const hopeful = this.#entries
      .map((entry, i) => ({
        entry,
        most: (shared[i] as number) / Math.max(words.length, entry.words.length),
      }))
      .filter(({ entry, most }) => most > 0 && entry.message !== except)
      .sort((a, b) => b.most - a.most)
    let best: Match | undefined
    for (const { entry, most } of hopeful) {
      if (best !== undefined && most <= best.likeness) break
      const longest = Math.max(words.length, entry.words.length)
      const likeness = 1 - textMetrics.editDistance(words, entry.words) / longest
      if (best === undefined || likeness > best.likeness) best = { message: entry.message, likeness }
    }
    return best
  }
}
