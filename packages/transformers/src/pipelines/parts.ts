/**
 * `pipelines/`: a task from its input to its result, as Hugging Face's pipelines do it: text in, labels, places, text or
 * vectors out. It knows all of the package but `testing/`.
 */
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** What a pipeline of texts is made of. */
export interface TextParts {
  /** With the head that the task needs, as `fromPretrained` gives it; for vectors also a sentence encoder. */
  readonly model: PretrainedModel | SentenceEncoder
  readonly tokenizer: Tokenizer
}

/** The pretrained model itself, of a sentence encoder what it stands on. */
export const pretrainedOf = (model: TextParts['model']): PretrainedModel =>
  model instanceof SentenceEncoder ? model.base : model

/** How many tokens a text may have, special ones included; undefined where there is no limit. */
export function longestText({ model, tokenizer }: TextParts): number | undefined {
  const { network } = pretrainedOf(model)
  const positions = 'maxPositions' in network ? Number(network.maxPositions) : Number.POSITIVE_INFINITY
  const read = model instanceof SentenceEncoder ? model.maxLength : undefined
  const longest = Math.min(
    positions,
    tokenizer.modelMaxLength ?? Number.POSITIVE_INFINITY,
    read ?? Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(longest) ? longest : undefined
}
