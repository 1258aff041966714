import { ArgumentError } from 'typegrad/core'
import type { TokenIds } from '../generation/prompts.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** A text, or the ids of its tokens. */
export type TextOrIds = string | TokenIds

/**
 * Ids of a prompt: of a text with what the tokenizer puts in front of one.
 *
 * @throws ArgumentError for a text where there is no tokenizer.
 */
export const promptIds = (where: string, prompt: TextOrIds, tokenizer: Tokenizer | undefined): TokenIds =>
  typeof prompt === 'string' ? tokenizerFor(where, tokenizer).encode(prompt).ids : prompt

/** Ids of an answer: of a text those of its tokens alone, and the token that ends texts, where the tokenizer has one. */
export function answerIds(where: string, answer: TextOrIds, tokenizer: Tokenizer | undefined): TokenIds {
  if (typeof answer !== 'string') return answer
  const known = tokenizerFor(where, tokenizer)
  const { ids } = known.encode(answer, undefined, { addSpecialTokens: false })
  const end = known.specialId('eos_token')
  // Of an empty answer there is nothing to learn, and it shall be refused as such.
  return ids.length === 0 || end === undefined ? ids : [...ids, end]
}

function tokenizerFor(where: string, tokenizer: Tokenizer | undefined): Tokenizer {
  if (tokenizer !== undefined) return tokenizer
  throw new ArgumentError({
    where,
    expected: 'a tokenizer for texts',
    received: 'none',
    fix: 'Give it ({ tokenizer }), or lists of token ids in the place of texts.',
  })
}
