import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../../base/config.ts'
import { unitsAt } from '../aligned-text.ts'
import {
  byteTokens,
  PieceTokens,
  readVocabulary,
  remembering,
  type TokenModel,
  unknownId,
  type Vocabulary,
} from './model.ts'
import { NumberHeap } from './number-heap.ts'
import { PairTable } from './pair-table.ts'

/** Two words that become one, as the file has them: `['a', 'b']`, or `'a b'` in older files. */
function readMerges(config: ConfigReader): readonly (readonly [string, string])[] {
  const merges = config.raw.merges
  const where = config.at('merges')
  if (!Array.isArray(merges)) throw new FormatError({ where, expected: 'a list', received: typeof merges })
  return merges.map((merge: unknown, i) => {
    const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge
    if (Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string')) {
      return parts as [string, string]
    }
    throw new FormatError({ where: `${where}[${i}]`, expected: 'two words', received: JSON.stringify(merge) })
  })
}

/** Positions in a piece are below this, so that a rank and a position make one number. */
const positions = 2 ** 31

/**
 * Byte-pair encoding: begins with characters and merges the pair of the lowest rank, the leftmost first (Sennrich et al.,
 * "Neural Machine Translation of Rare Words with Subword Units", 2016, https://arxiv.org/abs/1508.07909).
 */
class BytePairEncoding implements TokenModel {
  readonly vocabulary: Vocabulary
  readonly tokenize: (piece: string) => PieceTokens
  readonly #ranks: PairTable
  /** The word that a merge makes, by its rank. */
  readonly #made: Int32Array
  readonly #unknown: number | undefined
  readonly #prefix: string
  readonly #suffix: string
  readonly #fusesUnknown: boolean
  readonly #hasBytes: boolean
  readonly #ignoresMerges: boolean

  constructor(config: ConfigReader) {
    this.vocabulary = readVocabulary(config)
    this.#prefix = config.string('continuing_subword_prefix', '')
    this.#suffix = config.string('end_of_word_suffix', '')
    this.#fusesUnknown = config.boolean('fuse_unk', false)
    this.#hasBytes = config.boolean('byte_fallback', false)
    this.#ignoresMerges = config.boolean('ignore_merges', false)
    config.refuse('dropout', 'no dropout, which makes other tokens each time', (value) => value !== 0)
    const unknown = config.raw.unk_token
    this.#unknown =
      typeof unknown === 'string' ? unknownId(this.vocabulary, unknown, config.at('unk_token')) : undefined
    const merges = readMerges(config)
    this.#ranks = new PairTable(merges.length)
    this.#made = new Int32Array(merges.length)
    const missing: string[] = []
    const idOf = (token: string): number => {
      const id = this.vocabulary.id(token)
      if (id === undefined) missing.push(token)
      return id ?? 0
    }
    for (const [rank, [left, right]] of merges.entries()) {
      this.#made[rank] = idOf(left + right.slice(this.#prefix.length))
      this.#ranks.set(idOf(left), idOf(right), rank)
    }
    if (missing.length > 0) {
      throw new FormatError({
        where: config.at('merges'),
        expected: 'words of the vocabulary',
        received: `${missing.length} that it lacks: ${missing
          .slice(0, 5)
          .map((one) => JSON.stringify(one))
          .join(', ')}`,
      })
    }
    this.tokenize = remembering((piece) => this.#tokenize(piece))
  }

  #tokenize(piece: string): PieceTokens {
    const out = new PieceTokens()
    const whole = this.#ignoresMerges ? this.vocabulary.id(piece) : undefined
    if (whole !== undefined) {
      out.push(whole, piece, 0, piece.length)
      return out
    }
    const symbols = this.#symbols(piece)
    this.#merge(symbols)
    for (const [i, id] of symbols.ids.entries()) {
      if (id < 0) continue
      out.push(
        id,
        this.vocabulary.token(id) as string,
        symbols.starts[i] as number,
        symbols.ends[i] as number,
      )
    }
    return out
  }

  /** Each character's word; what has none is its bytes, or the unknown word, or left out. */
  #symbols(piece: string): Symbols {
    const symbols: Symbols = { ids: [], starts: [], ends: [] }
    const add = (id: number, start: number, end: number) => {
      symbols.ids.push(id)
      symbols.starts.push(start)
      symbols.ends.push(end)
    }
    let unknownFrom = -1
    let unknownTo = 0
    const flush = () => {
      if (unknownFrom >= 0) add(this.#unknown as number, unknownFrom, unknownTo)
      unknownFrom = -1
    }
    for (let i = 0; i < piece.length; ) {
      const end = i + unitsAt(piece, i)
      const prefix = i > 0 ? this.#prefix : ''
      const character = `${prefix}${piece.slice(i, end)}${end === piece.length ? this.#suffix : ''}`
      const id = this.vocabulary.id(character)
      const bytes = id === undefined && this.#hasBytes ? byteTokens(character, this.vocabulary) : undefined
      if (id !== undefined) {
        flush()
        add(id, i, end)
      } else if (bytes !== undefined) {
        for (const [byte] of bytes) add(byte, i, end)
      } else if (this.#unknown !== undefined) {
        if (!this.#fusesUnknown) flush()
        if (unknownFrom < 0) unknownFrom = i
        unknownTo = end
      }
      i = end
    }
    flush()
    return symbols
  }

  /** Merges in place; what a merge takes in has the id -1 afterwards. */
  #merge({ ids, ends }: Symbols): void {
    const count = ids.length
    if (count < 2) return
    const next = Int32Array.from({ length: count }, (_, i) => i + 1)
    const previous = Int32Array.from({ length: count }, (_, i) => i - 1)
    const queue = new NumberHeap()
    const offer = (at: number, right: number) => {
      const rank = this.#ranks.get(ids[at] as number, ids[right] as number)
      if (rank >= 0) queue.push(rank * positions + at)
    }
    for (let i = 0; i + 1 < count; i++) offer(i, i + 1)
    for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
      const rank = Math.floor(top / positions)
      const at = top - rank * positions
      const right = next[at] as number
      // A pair that another merge has changed since.
      if ((ids[at] as number) < 0 || right >= count) continue
      const now = this.#ranks.get(ids[at] as number, ids[right] as number)
      if (now < 0 || this.#made[now] !== this.#made[rank]) continue
      ids[at] = this.#made[rank] as number
      ids[right] = -1
      ends[at] = ends[right] as number
      const after = next[right] as number
      next[at] = after
      const before = previous[at] as number
      if (after < count) {
        previous[after] = at
        offer(at, after)
      }
      if (before >= 0) offer(before, at)
    }
  }
}

interface Symbols {
  readonly ids: number[]
  readonly starts: number[]
  readonly ends: number[]
}

export const bytePairEncoding = (config: ConfigReader): TokenModel => new BytePairEncoding(config)
