import { checks } from 'typegrad/layers'

export interface TokenOptions {
  /** Whether letters become small ones. Default true. */
  readonly lowercase?: boolean
  /** How many words in a row make a term: the fewest and the most. Default [1, 1]. */
  readonly ngrams?: readonly [fewest: number, most: number]
  /** Words that are left out. Default none. */
  readonly stopWords?: readonly string[]
}

export const tokenChecks = {
  lowercase: checks.boolean,
  ngrams: {
    expected: 'two whole numbers of at least 1, the fewest first',
    accepts: (value: unknown) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((n) => Number.isInteger(n) && n >= 1) &&
      value[0] <= value[1],
  },
  stopWords: checks.list,
}

/** Words of two letters, digits or underscores and more, as scikit-learn's vectorizers find them. */
const word = /[\p{L}\p{N}_]{2,}/gu

/** The terms of a text: its words, and so many of them in a row. */
export function termsOf(
  text: string,
  { lowercase = true, ngrams: [fewest, most] = [1, 1], stopWords = [] }: TokenOptions,
): string[] {
  const all = (lowercase ? text.toLowerCase() : text).match(word) ?? []
  const left = new Set(stopWords)
  const words = left.size === 0 ? all : all.filter((one) => !left.has(one))
  const terms: string[] = []
  for (let n = fewest; n <= most; n++)
    for (let i = 0; i + n <= words.length; i++)
      terms.push(n === 1 ? (words[i] as string) : words.slice(i, i + n).join(' '))
  return terms
}

/** MurmurHash3 of 32 bits, seed 0, of the UTF-8 bytes (Appleby, 2011), as a signed number. */
export function murmur3(text: string): number {
  const bytes = new TextEncoder().encode(text)
  const mixed = (block: number): number => {
    const k = Math.imul(block, 0xcc9e2d51)
    return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  }
  let hash = 0
  const whole = bytes.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const [a, b, c, d] = [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]] as [
      number,
      number,
      number,
      number,
    ]
    hash ^= mixed(a | (b << 8) | (c << 16) | (d << 24))
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | (bytes[i] as number)
  if (whole < bytes.length) hash ^= mixed(tail)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) | 0
}
