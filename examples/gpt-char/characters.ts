import { Tokenizer } from '@typegrad/transformers'

/** A tokenizer whose tokens are the characters of a text, in their order: pairs without merges, as Hugging Face's files say it. */
export function characterTokenizer(text: string): Tokenizer {
  const characters = [...new Set(text)].sort()
  const vocab = Object.fromEntries(characters.map((character, id) => [character, id]))
  return Tokenizer.fromFiles({
    tokenizer: {
      version: '1.0',
      added_tokens: [],
      // A line is encoded at once, its end with it.
      pre_tokenizer: { type: 'Split', pattern: { String: '\n' }, behavior: 'Isolated', invert: false },
      model: { type: 'BPE', vocab, merges: [] },
      decoder: { type: 'Fuse' },
    },
  })
}
