/**
 * Ids in, text out: a piece as soon as no later token can change it, never half a character. What `finish` gives is what the
 * last tokens are alone, � for a character that was not completed.
 *
 * @example
 * const decoder = tokenizer.streamDecoder()
 * for (const id of ids) process.stdout.write(decoder.push(id))
 * process.stdout.write(decoder.finish())
 */
export class StreamDecoder {
  readonly #decode: (ids: readonly number[]) => string
  /** Tokens whose text is not out, after those of the last piece, which say what comes before it. */
  #ids: number[] = []
  /** How many of them are of the last piece. */
  #told = 0

  /** @param decode the text of tokens, without clean-up: it may not change what came before. */
  constructor(decode: (ids: readonly number[]) => string) {
    this.#decode = decode
  }

  /** The text that one more token makes certain; often '', as with the first bytes of a character. */
  push(id: number): string {
    this.#ids.push(id)
    const before = this.#decode(this.#ids.slice(0, this.#told))
    const all = this.#decode(this.#ids)
    if (all.length <= before.length || all.endsWith('\ufffd')) return ''
    const text = all.slice(common(before, all))
    this.#ids = this.#ids.slice(this.#told)
    this.#told = this.#ids.length
    return text
  }

  /** What is left. The decoder can begin anew. */
  finish(): string {
    const before = this.#decode(this.#ids.slice(0, this.#told))
    const all = this.#decode(this.#ids)
    this.#ids = []
    this.#told = 0
    return all.slice(common(before, all))
  }
}

/** How long two texts are the same. */
function common(a: string, b: string): number {
  if (b.startsWith(a)) return a.length
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
