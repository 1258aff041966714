import { ArgumentError } from 'typegrad/core'
import { unitsAt } from '../aligned-text.ts'
import { Trie } from '../models/trie.ts'
import { unknownPenalty } from '../models/unigram.ts'
import { repeatedSubstrings } from './substrings.ts'

export interface UnigramOptions {
  /** Words that a vocabulary has in the end, special tokens included. */
  readonly vocabularySize: number
  readonly specialTokens: readonly string[]
}

/** A word with the logarithm of its probability. */
export type Piece = readonly [string, number]

const longestPiece = 16
const seeds = 1_000_000
/** The part of the words that a round leaves. */
const shrinking = 0.75
const roundsOfEm = 2
/** Words expected less often are left out. */
const leastExpected = 0.5
/** Between characters that no word was left for. */
const penaltyStep = 0.0001

/**
 * Learns a Unigram vocabulary (Kudo, 2018, https://arxiv.org/abs/1804.10959): begins with all characters and the substrings
 * that stand most often, and in turns fits their probabilities by expectation maximisation and leaves out those without which
 * the texts are least less likely.
 *
 * @param pieces how often each piece of text stands.
 */
export function learnUnigram(pieces: ReadonlyMap<string, number>, options: UnigramOptions): readonly Piece[] {
  const { vocabularySize, specialTokens } = options
  const sentences = [...pieces].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const characters = characterCounts(sentences)
  if (characters.size + specialTokens.length > vocabularySize) {
    throw new ArgumentError({
      where: 'trainTokenizer: vocabSize',
      expected: `at least ${characters.size + specialTokens.length}, for ${characters.size} characters and ${specialTokens.length} special tokens`,
      received: String(vocabularySize),
    })
  }
  const desired = Math.floor((vocabularySize * 11) / 10)
  let model = new Lattices(seedPieces(sentences, characters))
  for (;;) {
    for (let round = 0; round < roundsOfEm; round++) model = fitted(model, sentences)
    if (model.pieces.length + 1 <= desired) break
    const before = model.pieces.length
    model = new Lattices(pruned(model, sentences, desired))
    if (model.pieces.length === before) break
  }
  return finished(model, characters, vocabularySize - specialTokens.length)
}

type Sentences = readonly (readonly [string, number])[]

function characterCounts(sentences: Sentences): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [sentence, count] of sentences) {
    for (const character of sentence) counts.set(character, (counts.get(character) ?? 0) + count)
  }
  return counts
}

/** The order of texts by their code points, the last first. */
const descending = (a: string, b: string): number => {
  const [x, y] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (y[i]?.codePointAt(0) ?? -1) - (x[i]?.codePointAt(0) ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** All characters, then repeated substrings by how many characters they cover. */
function seedPieces(sentences: Sentences, characters: ReadonlyMap<string, number>): readonly Piece[] {
  const byScore = (a: Piece, b: Piece) => b[1] - a[1] || descending(a[0], b[0])
  const single = [...characters].sort(byScore)
  const repeated = repeatedSubstrings(
    sentences.map(([sentence]) => sentence),
    longestPiece,
  ).map(({ text, count }): Piece => [text, count * Array.from(text).length])
  const all = [...single, ...repeated.sort(byScore).slice(0, Math.max(0, seeds - single.length))]
  const sum = Math.log(all.reduce((total, [, score]) => total + score, 0))
  return all.map(([text, score]) => [text, Math.log(score) - sum])
}

/** log(eᵃ + eᵇ). */
function logSum(a: number, b: number): number {
  const [least, most] = a > b ? [b, a] : [a, b]
  return most > least + 50 ? most : most + Math.log(Math.exp(least - most) + 1)
}

/** Words with their probabilities, and all ways to cut a text into them. */
class Lattices {
  readonly pieces: readonly Piece[]
  readonly leastScore: number
  readonly #trie: Trie

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces
    this.leastScore = pieces.reduce((least, [, score]) => Math.min(least, score), Number.POSITIVE_INFINITY)
    const units = pieces.reduce((sum, [text]) => sum + text.length, 0)
    this.#trie = new Trie(
      pieces.map(([text], i) => [text, i]),
      units,
    )
  }

  /** Calls with each word within a text, by where it begins; -1 is the unknown one, for a character that has none. */
  forEachNode(text: string, found: (start: number, end: number, piece: number, score: number) => void): void {
    for (let start = 0; start < text.length; ) {
      const next = start + unitsAt(text, start)
      let isKnown = false
      this.#trie.forEachAt(text, start, (end, piece) => {
        if (end === next) isKnown = true
        found(start, end, piece, (this.pieces[piece] as Piece)[1])
      })
      if (!isKnown) found(start, next, -1, this.leastScore - unknownPenalty)
      start = next
    }
  }

  /** Adds how often each word is expected in a text, `count` times, over all ways to cut it. */
  addExpected(text: string, count: number, expected: Float64Array): void {
    const forward = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY)
    const backward = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY)
    const nodes: (readonly [number, number, number, number])[] = []
    const with_ = (into: Float64Array, at: number, value: number) => {
      const before = into[at] as number
      into[at] = before === Number.NEGATIVE_INFINITY ? value : logSum(before, value)
    }
    forward[0] = 0
    backward[text.length] = 0
    this.forEachNode(text, (start, end, piece, score) => {
      nodes.push([start, end, piece, score])
      with_(forward, end, (forward[start] as number) + score)
    })
    for (const [start, end, , score] of nodes.toReversed())
      with_(backward, start, (backward[end] as number) + score)
    const all = forward[text.length] as number
    for (const [start, end, piece, score] of nodes) {
      if (piece < 0) continue
      const share = Math.exp((forward[start] as number) + score + (backward[end] as number) - all)
      expected[piece] = (expected[piece] as number) + count * share
    }
  }

  /** The most likely way to cut a text, other than into the one word that it is where `without` is that; and its score. */
  best(
    text: string,
    without = -2,
  ): { readonly words: readonly number[]; readonly score: number } | undefined {
    const scores = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY)
    const from = new Int32Array(text.length + 1)
    const words = new Int32Array(text.length + 1)
    scores[0] = 0
    this.forEachNode(text, (start, end, piece, score) => {
      const total = (scores[start] as number) + score
      if (piece === without || total <= (scores[end] as number)) return
      scores[end] = total
      from[end] = start
      words[end] = piece
    })
    const score = scores[text.length] as number
    if (score === Number.NEGATIVE_INFINITY) return undefined
    const path: number[] = []
    for (let end = text.length; end > 0; end = from[end] as number) path.push(words[end] as number)
    return { words: path.reverse(), score }
  }
}

/** The logarithmic derivative of the gamma function, by its asymptotic series from 7 on. */
function digamma(value: number): number {
  let x = value
  let result = 0
  for (; x < 7; x++) result -= 1 / x
  x -= 0.5
  const square = 1 / (x * x)
  const fourth = square * square
  return (
    result +
    Math.log(x) +
    square / 24 -
    (7 / 960) * fourth +
    (31 / 8064) * fourth * square -
    (127 / 30720) * fourth * fourth
  )
}

/** A round of expectation maximisation with a sparse prior (Liang and Klein, ACL tutorial 2007): ψ(count) − ψ(sum). */
function fitted(model: Lattices, sentences: Sentences): Lattices {
  const expected = new Float64Array(model.pieces.length)
  for (const [sentence, count] of sentences) model.addExpected(sentence, count, expected)
  const kept = model.pieces.flatMap(([text], i): Piece[] => {
    const count = expected[i] as number
    return count < leastExpected ? [] : [[text, count]]
  })
  const sum = digamma(kept.reduce((total, [, count]) => total + count, 0))
  return new Lattices(kept.map(([text, count]) => [text, digamma(count) - sum]))
}

/**
 * Leaves out the words without which the texts are least less likely, each replaced by the best way to write it.
 *
 * The loss of a word with the count c, of Σ all together, is c · (log(c/Σ) − Σᵢ log((cᵢ + c)/Σ′)) over the words i that take its
 * place. SentencePiece has Σ′ = Σ + c · (number of those − 1). Python's tokenizers take the number of all pieces there, and so
 * does this, since vocabularies are to be the same.
 */
function pruned(model: Lattices, sentences: Sentences, desired: number): readonly Piece[] {
  const { pieces } = model
  const counts = new Float64Array(pieces.length)
  let unknown = 0
  let total = 0
  for (const [sentence, count] of sentences) {
    total += count
    for (const piece of model.best(sentence)?.words ?? []) {
      if (piece < 0) unknown += count
      else counts[piece] = (counts[piece] as number) + count
    }
  }
  const sum = counts.reduce((all, count) => all + count, unknown)
  const kept: Piece[] = []
  const candidates: { readonly piece: Piece; readonly loss: number }[] = []
  for (const [i, piece] of pieces.entries()) {
    const [text, score] = piece
    const other = model.best(text, i)
    const count = counts[i] as number
    if (other === undefined || (count > 0 && other.score > score)) {
      kept.push(piece)
      continue
    }
    if (count === 0) continue
    const logSumOfOthers = Math.log(sum + count * pieces.length)
    const others = other.words.reduce(
      (all, word) => all + Math.log((word < 0 ? unknown : (counts[word] as number)) + count) - logSumOfOthers,
      0,
    )
    candidates.push({ piece, loss: (count / total) * (Math.log(count) - Math.log(sum) - others) })
  }
  // One for the unknown word, which Python counts among the pieces.
  const size = Math.max(desired, Math.floor((pieces.length + 1) * shrinking)) - 1
  candidates.sort((a, b) => b.loss - a.loss)
  return [...kept, ...candidates.slice(0, Math.max(0, size - kept.length)).map(({ piece }) => piece)]
}

/** All characters, then words in the order they have, as many as fit; by their probabilities. */
function finished(model: Lattices, characters: ReadonlyMap<string, number>, size: number): readonly Piece[] {
  const scores = new Map(model.pieces)
  let penalty = 0
  const required = [...characters.keys()].sort().map((character): Piece => {
    const score = scores.get(character)
    if (score !== undefined) return [character, score]
    penalty += penaltyStep
    return [character, model.leastScore + penalty - penaltyStep]
  })
  const others = model.pieces
    .filter(([text]) => !characters.has(text))
    .slice(0, Math.max(0, size - required.length))
  return [...required, ...others].sort((a, b) => b[1] - a[1])
}
