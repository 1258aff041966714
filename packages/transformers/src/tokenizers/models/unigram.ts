import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../../base/config.ts'
import { unitsAt } from '../aligned-text.ts'
import { byteTokens, PieceTokens, remembering, type TokenModel, Vocabulary } from './model.ts'
import { Trie } from './trie.ts'

/** Below the least likely word. */
export const unknownPenalty = 10

function readPieces(config: ConfigReader): readonly (readonly [string, number])[] {
  const pieces = config.raw.vocab
  const where = config.at('vocab')
  if (!Array.isArray(pieces)) throw new FormatError({ where, expected: 'a list', received: typeof pieces })
  return pieces.map((piece: unknown, i) => {
    if (
      Array.isArray(piece) &&
      piece.length === 2 &&
      typeof piece[0] === 'string' &&
      typeof piece[1] === 'number'
    ) {
      return piece as [string, number]
    }
    throw new FormatError({
      where: `${where}[${i}]`,
      expected: 'a word with its logarithmic probability',
      received: JSON.stringify(piece) ?? 'nothing',
    })
  })
}

/**
 * The most likely way to cut a piece into words that are drawn one by one (Kudo, "Subword Regularization", 2018,
 * https://arxiv.org/abs/1804.10959). What has no word is unknown, character after character, and unknown ones are one token.
 */
export function unigram(config: ConfigReader): TokenModel {
  const pieces = readPieces(config)
  const unknown = config.optionalNumber('unk_id')
  if (unknown !== undefined && (!Number.isInteger(unknown) || unknown < 0 || unknown >= pieces.length)) {
    throw new FormatError({
      where: config.at('unk_id'),
      expected: `a place in the vocabulary of ${pieces.length}`,
      received: String(unknown),
    })
  }
  const hasBytes = config.boolean('byte_fallback', false)
  // A word that stands twice has the last id.
  const vocabulary = new Vocabulary(new Map(pieces.map(([token], id) => [token, id])))
  const scores = Float64Array.from(pieces, ([, score]) => score)
  const units = pieces.reduce((sum, [token]) => sum + token.length, 0)
  const trie = new Trie(vocabulary.ids, units)
  const unknownScore =
    scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - unknownPenalty

  const unknownOf = (piece: string): number => {
    if (unknown !== undefined) return unknown
    throw new FormatError({
      where: config.at('unk_id'),
      expected: 'the place of the unknown word, for what the vocabulary lacks',
      received: JSON.stringify(piece),
    })
  }
  const tokenize = (piece: string): PieceTokens => {
    // The best way that ends at each unit: its score, where its last word begins (-1: there is none), and that word's id.
    const best = new Float64Array(piece.length + 1)
    const from = new Int32Array(piece.length + 1).fill(-1)
    const ids = new Int32Array(piece.length + 1)
    const offer = (start: number, end: number, score: number, id: number) => {
      if (from[end] !== -1 && score <= (best[end] as number)) return
      best[end] = score
      from[end] = start
      ids[end] = id
    }
    for (let start = 0; start < piece.length; ) {
      const next = start + unitsAt(piece, start)
      const until = best[start] as number
      let isKnown = false
      trie.forEachAt(piece, start, (end, id) => {
        offer(start, end, (scores[id] as number) + until, id)
        if (end === next) isKnown = true
      })
      if (!isKnown) offer(start, next, unknownScore + until, unknownOf(piece))
      start = next
    }
    const ends: number[] = []
    for (let end = piece.length; end > 0; ) {
      const isUnknown = ids[end] === unknown
      ends.push(end)
      end = from[end] as number
      // Unknown words that follow each other are one.
      while (isUnknown && end > 0 && ids[end] === unknown) end = from[end] as number
      from[ends.at(-1) as number] = end
    }
    const tokens = new PieceTokens()
    for (const end of ends.reverse()) {
      const start = from[end] as number
      const text = piece.slice(start, end)
      const id = vocabulary.id(text)
      const bytes = id === undefined && hasBytes ? byteTokens(text, vocabulary) : undefined
      if (bytes !== undefined) for (const [byte, token] of bytes) tokens.push(byte, token, start, end)
      else tokens.push(id ?? unknownOf(piece), text, start, end)
    }
    return tokens
  }
  return { vocabulary, tokenize: remembering(tokenize) }
}
