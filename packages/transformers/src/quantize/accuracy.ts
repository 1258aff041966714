import { ArgumentError } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { labelsOf } from '../layers/labels.ts'
import { textClassification } from '../pipelines/text-classification.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/**
 * The share of texts whose likeliest class is the right one.
 *
 * @param labels of each text, by name or by number.
 * @throws ArgumentError for texts without a label each, and labels that the model does not have.
 * @example
 * await accuracy(model, tokenizer, ['What a film!', 'Never again.'], ['good', 'bad']) // 1
 */
export async function accuracy(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  texts: readonly string[],
  labels: readonly (string | number)[],
): Promise<number> {
  const names = labelsOf(new ConfigReader(model.config))
  const right = labels.map((label) => (typeof label === 'number' ? names[label] : label))
  const unknown = labels.find((_, i) => !names.some((name) => name === right[i]))
  if (texts.length === 0 || texts.length !== labels.length || unknown !== undefined) {
    throw new ArgumentError({
      where: 'accuracy',
      expected: `texts, and for each a label of the model's: ${names.join(', ')}`,
      received:
        unknown === undefined ? `${texts.length} texts and ${labels.length} labels` : JSON.stringify(unknown),
    })
  }
  const found = await textClassification({ model, tokenizer })(texts)
  return found.filter(([best], i) => best?.label === right[i]).length / texts.length
}
