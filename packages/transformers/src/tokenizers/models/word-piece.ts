import type { ConfigReader } from '../../base/config.ts'
import { PieceTokens, readVocabulary, remembering, type TokenModel, unknownId } from './model.ts'

/**
 * WordPiece: the longest word of the vocabulary that the piece begins with, then of the rest (with `##` before it); the
 * unknown word for a piece that cannot be cut so (Wu et al., "Google's Neural Machine Translation System", 2016,
 * https://arxiv.org/abs/1609.08144).
 */
export function wordPiece(config: ConfigReader): TokenModel {
  const vocabulary = readVocabulary(config)
  const unknown = config.string('unk_token', '[UNK]')
  const unknownToken = unknownId(vocabulary, unknown, config.at('unk_token'))
  const prefix = config.string('continuing_subword_prefix', '##')
  const most = config.count('max_input_chars_per_word', 100)
  let longest = 0
  for (const token of vocabulary.ids.keys()) longest = Math.max(longest, token.length)

  const whole = (piece: string): PieceTokens => {
    const tokens = new PieceTokens()
    tokens.push(unknownToken, unknown, 0, piece.length)
    return tokens
  }
  const tokenize = (piece: string): PieceTokens => {
    if (piece.length > most && Array.from(piece).length > most) return whole(piece)
    const tokens = new PieceTokens()
    for (let start = 0; start < piece.length; ) {
      let end = Math.min(piece.length, start + longest)
      let id: number | undefined
      let token = ''
      for (; end > start; end--) {
        token = start > 0 ? prefix + piece.slice(start, end) : piece.slice(0, end)
        id = vocabulary.id(token)
        if (id !== undefined) break
      }
      if (id === undefined) return whole(piece)
      tokens.push(id, token, start, end)
      start = end
    }
    return tokens
  }
  return { vocabulary, tokenize: remembering(tokenize) }
}

/** A word of the vocabulary for each piece, or the unknown one. */
export function wordLevel(config: ConfigReader): TokenModel {
  const vocabulary = readVocabulary(config)
  const unknown = config.string('unk_token', '<unk>')
  return {
    vocabulary,
    tokenize(piece) {
      const tokens = new PieceTokens()
      const id = vocabulary.id(piece)
      if (id !== undefined) tokens.push(id, piece, 0, piece.length)
      else tokens.push(unknownId(vocabulary, unknown, config.at('unk_token')), unknown, 0, piece.length)
      return tokens
    },
  }
}
