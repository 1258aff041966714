/** Number 0 fills short texts up, number 1 stands for words that the vocabulary lacks. */
export const padding = 0
export const unknown = 1

/**
 * Words as numbers. It knows the most frequent words of the texts that it is made from, and of no others: those that
 * a net is judged on must not have a say in it.
 *
 * @example
 * const words = new Vocabulary(['to be or not to be'], { size: 4 }) // to → 2, be → 3
 * words.encode('be there', 4)                                       // Int32Array [3, 1, 0, 0]
 */
export class Vocabulary {
  /** How many numbers there are, the two special ones included. */
  readonly size: number
  readonly #numbers: ReadonlyMap<string, number>

  constructor(texts: readonly string[], { size = 10_000 }: { readonly size?: number } = {}) {
    const counts = new Map<string, number>()
    for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
    const frequent = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, size - 2)
    this.#numbers = new Map(frequent.map(([word], i) => [word, i + 2]))
    this.size = frequent.length + 2
  }

  /** The text's first words as `length` numbers. */
  encode(text: string, length: number): Int32Array {
    const numbers = new Int32Array(length).fill(padding)
    for (const [i, word] of wordsOf(text).slice(0, length).entries())
      numbers[i] = this.#numbers.get(word) ?? unknown
    return numbers
  }

  /** The texts as rows of one array, (texts, length). */
  encodeAll(texts: readonly string[], length: number): Int32Array {
    const rows = new Int32Array(texts.length * length)
    for (const [i, text] of texts.entries()) rows.set(this.encode(text, length), i * length)
    return rows
  }
}

/** Words in lower case, `<tags`, and the signs that shout or cost; a number by its length alone: 1999 is `0000`. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/<?\p{L}+(?:'\p{L}+)?|\d+|[!?$%]/gu) ?? []
  return words.map((word) => (/^\d/.test(word) ? '0'.repeat(Math.min(word.length, 6)) : word))
}
