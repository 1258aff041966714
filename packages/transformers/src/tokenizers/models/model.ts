/**
 * `tokenizers/models/`: what makes tokens of a piece of text: byte-pair encoding, WordPiece, Unigram, whole words. It knows
 * nothing of the pieces' places in a document.
 */
import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../../base/config.ts'

/** Tokens of a piece, with their places in it in UTF-16 units. */
export class PieceTokens {
  readonly ids: number[] = []
  readonly tokens: string[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []

  push(id: number, token: string, start: number, end: number): void {
    this.ids.push(id)
    this.tokens.push(token)
    this.starts.push(start)
    this.ends.push(end)
  }
}

/** Cuts pieces into tokens of a vocabulary. */
export interface TokenModel {
  readonly vocabulary: Vocabulary
  tokenize(piece: string): PieceTokens
}

/** The words of a model by their ids and back. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>
  readonly #tokens = new Map<number, string>()

  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = ids
    for (const [token, id] of ids) this.#tokens.set(id, token)
  }

  /** How many there are. */
  get size(): number {
    return this.ids.size
  }

  id(token: string): number | undefined {
    return this.ids.get(token)
  }

  token(id: number): string | undefined {
    return this.#tokens.get(id)
  }
}

/** The entry `vocab`: ids by words. */
export function readVocabulary(config: ConfigReader): Vocabulary {
  const { raw, where } = config.needed('vocab')
  const ids = new Map<string, number>()
  const wrong: string[] = []
  for (const [token, id] of Object.entries(raw)) {
    if (Number.isInteger(id) && (id as number) >= 0) ids.set(token, id as number)
    else wrong.push(`${JSON.stringify(token)}: ${JSON.stringify(id)}`)
  }
  if (wrong.length > 0) {
    throw new FormatError({ where, expected: 'ids from 0', received: wrong.slice(0, 5).join(', ') })
  }
  return new Vocabulary(ids)
}

/** The id of the word that stands for what is not known. */
export function unknownId(vocabulary: Vocabulary, token: string, where: string): number {
  const id = vocabulary.id(token)
  if (id !== undefined) return id
  throw new FormatError({ where, expected: 'a token of the vocabulary', received: JSON.stringify(token) })
}

/** How many results are kept, and of which length, as Python's `tokenizers` does. */
const capacity = 10_000
const longest = 256

/** Remembers the tokens of pieces, which repeat much in any language. */
export function remembering(tokenize: (piece: string) => PieceTokens): (piece: string) => PieceTokens {
  const known = new Map<string, PieceTokens>()
  return (piece) => {
    let tokens = known.get(piece)
    if (tokens === undefined) {
      tokens = tokenize(piece)
      if (piece.length < longest) {
        // The oldest half goes, so that a new subject of the text finds room.
        if (known.size >= 4 * capacity)
          for (const old of [...known.keys()].slice(0, 2 * capacity)) known.delete(old)
        known.set(piece, tokens)
      }
    }
    return tokens
  }
}

const encoder = new TextEncoder()

/** The tokens of a text's bytes (`<0x0A>`); undefined if the vocabulary lacks one. */
export function byteTokens(
  text: string,
  vocabulary: Vocabulary,
): readonly (readonly [number, string])[] | undefined {
  const tokens: [number, string][] = []
  for (const byte of encoder.encode(text)) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
    const id = vocabulary.id(token)
    if (id === undefined) return undefined
    tokens.push([id, token])
  }
  return tokens
}
