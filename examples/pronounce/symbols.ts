import { Tokenizer } from '@typegrad/transformers'

const part = (id: 'A' | 'B') => ({ Sequence: { id, type_id: 0 } })
const end = { SpecialToken: { id: '</s>', type_id: 0 } }

/**
 * A tokenizer whose words are symbols with a blank between them, as Hugging Face's files say it: letters, and phonemes, which
 * are in upper case. Each text ends with `</s>`.
 *
 * @param texts in which all symbols stand.
 */
export function symbolTokenizer(texts: readonly string[]): Tokenizer {
  const symbols = new Set(texts.flatMap((text) => text.split(' ')))
  const words = ['<pad>', '</s>', '<unk>', ...[...symbols].sort()]
  return Tokenizer.fromFiles({
    tokenizer: {
      version: '1.0',
      added_tokens: words.slice(0, 3).map((content, id) => ({ id, content, special: true })),
      pre_tokenizer: { type: 'WhitespaceSplit' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [part('A'), end],
        pair: [part('A'), end, part('B'), end],
        special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
      },
      model: {
        type: 'WordLevel',
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
        unk_token: '<unk>',
      },
    },
    config: { pad_token: '<pad>', eos_token: '</s>', unk_token: '<unk>' },
  })
}
