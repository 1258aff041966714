/**
 * `pipelines/`: a task from its input to its result, as Hugging Face's pipelines do it: text in, labels, places, text or
 * vectors out. It knows all of the package but `testing/`.
 */
import { ArgumentError } from 'typegrad/core'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { ImageProcessor } from '../processors/image-processor.ts'
import type { Processor } from '../processors/processor.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'

/** What pipelines are made of: the task says what it needs. */
export interface PipelineParts {
  readonly model: PretrainedModel | SentenceEncoder
  readonly tokenizer?: Tokenizer
  /** For pictures and sounds. */
  readonly processor?: Processor
}

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

/** What a pipeline of pictures is made of. */
export interface PictureParts {
  readonly model: PretrainedModel
  readonly processor: ImageProcessor
}

/** @throws ArgumentError where the tokenizer is missing. */
export function textParts({ model, tokenizer }: PipelineParts): TextParts {
  if (tokenizer instanceof Tokenizer) return { model, tokenizer }
  throw new ArgumentError({
    where: 'pipeline',
    expected: '{ model, tokenizer }',
    received: 'no tokenizer',
    fix: 'loadTokenizer(folder) reads one.',
  })
}

/** @throws ArgumentError where the processor is missing, or is none of pictures. */
export function pictureParts({ model, processor }: PipelineParts): PictureParts {
  if (model instanceof PretrainedModel && processor instanceof ImageProcessor) return { model, processor }
  throw new ArgumentError({
    where: 'pipeline',
    expected: '{ model, processor } with an ImageProcessor',
    received: processor === undefined ? 'no processor' : 'another processor',
    fix: 'processorFromPretrained(folder) reads one.',
  })
}
