import { FormatError } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from './pretrained-model.ts'

/**
 * That a network has an embedding for each word of a tokenizer. It may have more: rows are often rounded up.
 *
 * @param words how many words the tokenizer has, with those that were added.
 * @throws FormatError for fewer rows than words.
 * @example
 * checkVocabulary(model, 50257)
 */
export function checkVocabulary({ config, network }: PretrainedModel, words: number): void {
  const rows = new ConfigReader(config).optionalNumber('vocab_size')
  if (rows === undefined || words <= rows) return
  throw new FormatError({
    where: `${network.className}: tokenizer`,
    expected: `at most as many words as the embedding has rows, ${rows} (vocab_size)`,
    received: `${words}`,
    fix: 'The tokenizer is of another model, or words were added to it after the weights were saved.',
  })
}
