/**
 * `tokenizers/training/`: vocabularies learned from texts: byte-pair encoding, WordPiece and Unigram. It knows the rest of
 * `tokenizers/`.
 */
import { PairTable } from '../models/pair-table.ts'

export interface MergeOptions {
  /** Words that a vocabulary has in the end, with special tokens and characters. */
  readonly vocabularySize: number
  /** How often a pair has to stand to be merged. */
  readonly minFrequency: number
  /** Tokens with the first ids. */
  readonly specialTokens: readonly string[]
  /** Characters that get a word though they are in no text. */
  readonly alphabet: readonly string[]
  /** How many characters get a word; the rarest go first. */
  readonly alphabetLimit: number
  /** What stands before a word that is not the first of its piece (`##`). */
  readonly prefix: string
}

export interface LearnedMerges {
  /** Words in the order of their ids. */
  readonly tokens: readonly string[]
  readonly merges: readonly (readonly [string, string])[]
}

/** A pair that might be merged next, with its count when it was offered. */
interface Offer {
  readonly left: number
  readonly right: number
  count: number
  /** The pieces that have it. */
  readonly pieces: Set<number>
}

/** The most frequent pair comes first, of equally frequent ones that of the lower ids. */
const comesBefore = (a: Offer, b: Offer): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right

class OfferHeap {
  readonly #items: Offer[] = []

  push(offer: Offer): void {
    const items = this.#items
    let at = items.length
    items.push(offer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as Offer
      if (!comesBefore(offer, above)) break
      items[at] = above
      at = parent
    }
    items[at] = offer
  }

  pop(): Offer | undefined {
    const items = this.#items
    const [first, last] = [items[0], items.pop()]
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const other = items[child + 1]
      if (other !== undefined && comesBefore(other, items[child] as Offer)) child++
      const below = items[child] as Offer
      if (!comesBefore(below, last)) break
      items[at] = below
      at = child
    }
    items[at] = last
    return first
  }
}

/**
 * Learns byte-pair encoding's merges (Sennrich et al., 2016, https://arxiv.org/abs/1508.07909): merges the most frequent pair
 * of words until there are enough. Counts of pairs are kept up to date piece by piece, and offers whose count has changed are
 * offered again.
 *
 * @param pieces how often each piece of text stands.
 */
export function learnMerges(pieces: ReadonlyMap<string, number>, options: MergeOptions): LearnedMerges {
  const { vocabularySize, minFrequency, prefix } = options
  const tokens: string[] = []
  const ids = new Map<string, number>()
  const idOf = (token: string): number => {
    let id = ids.get(token)
    if (id === undefined) {
      id = tokens.length
      ids.set(token, id)
      tokens.push(token)
    }
    return id
  }
  for (const token of options.specialTokens) idOf(token)
  for (const character of alphabetOf(pieces, options)) idOf(character)

  // Pieces in their own order, so that the words of their characters have the same ids on each run.
  const sorted = [...pieces].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const counts = sorted.map(([, count]) => count)
  const words = sorted.map(([piece]) => {
    const word: number[] = []
    for (const [i, character] of Array.from(piece).entries()) {
      if (ids.has(character)) word.push(idOf(i > 0 ? prefix + character : character))
    }
    return word
  })

  const pairs = new PairCounts()
  for (const [piece, word] of words.entries()) {
    for (let i = 0; i + 1 < word.length; i++) {
      pairs.add(word[i] as number, word[i + 1] as number, counts[piece] as number, piece)
    }
  }
  const queue = new OfferHeap()
  for (const offer of pairs.takeOffers()) queue.push(offer)

  const merges: [string, string][] = []
  while (tokens.length < vocabularySize) {
    const top = queue.pop()
    if (top === undefined) break
    const { left, right } = top
    const now = pairs.count(left, right)
    if (top.count !== now) {
      top.count = now
      queue.push(top)
      continue
    }
    if (top.count < Math.max(1, minFrequency)) break
    const [a, b] = [tokens[left] as string, tokens[right] as string]
    const merged = idOf(a + (prefix !== '' && b.startsWith(prefix) ? b.slice(prefix.length) : b))
    merges.push([a, b])
    for (const piece of top.pieces)
      mergeIn(words[piece] as number[], left, right, merged, (l, r, change) => {
        pairs.add(l, r, change * (counts[piece] as number), piece)
      })
    for (const offer of pairs.takeOffers()) queue.push(offer)
  }
  return { tokens, merges }
}

/** The characters of the texts, by their code points. */
function alphabetOf(pieces: ReadonlyMap<string, number>, options: MergeOptions): readonly string[] {
  const counts = new Map<string, number>()
  for (const [piece, count] of pieces) {
    for (const character of piece) counts.set(character, (counts.get(character) ?? 0) + count)
  }
  for (const character of options.alphabet) counts.set(character, Number.POSITIVE_INFINITY)
  const byPoint = ([a]: readonly [string, number], [b]: readonly [string, number]) =>
    (a.codePointAt(0) as number) - (b.codePointAt(0) as number)
  return [...counts]
    .sort((a, b) => b[1] - a[1] || byPoint(a, b))
    .slice(0, options.alphabetLimit)
    .sort(byPoint)
    .map(([character]) => character)
}

/** Puts a pair's word in its places and tells which pairs are gone (-1) and which are new (1). */
function mergeIn(
  word: number[],
  left: number,
  right: number,
  merged: number,
  change: (left: number, right: number, change: number) => void,
): void {
  let to = 0
  for (let from = 0; from < word.length; from++) {
    if (word[from] !== left || word[from + 1] !== right) {
      word[to++] = word[from] as number
      continue
    }
    if (to > 0) {
      const before = word[to - 1] as number
      change(before, left, -1)
      change(before, merged, 1)
    }
    word[to++] = merged
    from++
    const after = word[from + 1]
    if (after !== undefined) {
      change(right, after, -1)
      change(merged, after, 1)
    }
  }
  word.length = to
}

/** How often each pair stands, and where those that have become more. */
class PairCounts {
  readonly #indices = new PairTable(1024)
  readonly #counts: number[] = []
  #grown = new Map<number, Offer>()

  count(left: number, right: number): number {
    const index = this.#indices.get(left, right)
    return index < 0 ? 0 : (this.#counts[index] as number)
  }

  add(left: number, right: number, change: number, piece: number): void {
    let index = this.#indices.get(left, right)
    if (index < 0) {
      index = this.#counts.length
      this.#indices.set(left, right, index)
      this.#counts.push(0)
    }
    this.#counts[index] = (this.#counts[index] as number) + change
    if (change <= 0) return
    let offer = this.#grown.get(index)
    if (offer === undefined) {
      offer = { left, right, count: 0, pieces: new Set() }
      this.#grown.set(index, offer)
    }
    offer.pieces.add(piece)
  }

  /** The pairs that have become more since the last time. */
  takeOffers(): readonly Offer[] {
    const offers: Offer[] = []
    for (const [index, offer] of this.#grown) {
      offer.count = this.#counts[index] as number
      if (offer.count > 0) offers.push(offer)
    }
    this.#grown = new Map()
    return offers
  }
}
