import { ConfigReader, type RawConfig } from '../base/config.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'

/**
 * The tokenizer of a network that spells what it hears (wav2vec 2.0), whose folders have a `vocab.json` of letters and no
 * `tokenizer.json`: equal letters in a row are one, padding between them is nothing, and a letter stands for the space.
 *
 * @param vocabulary `vocab.json`.
 * @param config `tokenizer_config.json`.
 */
export function ctcTokenizer(vocabulary: unknown, config: RawConfig = {}): Tokenizer {
  const reader = new ConfigReader(config, 'tokenizer_config.json')
  return Tokenizer.fromFiles({
    tokenizer: {
      model: {
        type: 'WordLevel',
        vocab: new ConfigReader(vocabulary, 'vocab.json').raw,
        unk_token: reader.string('unk_token', '<unk>'),
      },
      decoder: {
        type: 'CTC',
        pad_token: reader.string('pad_token', '<pad>'),
        word_delimiter_token: reader.string('word_delimiter_token', '|'),
        cleanup: true,
      },
    },
    config,
  })
}
