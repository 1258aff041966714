import type { ConfigReader } from '../base/config.ts'
import type { Network } from '../layers/network.ts'
import { type ClassifierConfig, DecoderTokenClassifier, LastTokenClassifier } from '../layers/text-heads.ts'
import type { Architecture } from './architecture.ts'

/** What is a decoder's own of the networks that classify. */
export interface DecoderRecipe {
  body(config: ConfigReader): Network
  classifier(config: ConfigReader): ClassifierConfig
}

const heads = {
  ForSequenceClassification: LastTokenClassifier,
  ForTokenClassification: DecoderTokenClassifier,
}

/**
 * The networks of a decoder that classify texts and tokens, by Hugging Face's classes. Checkpoints have a name of their own for
 * `body`, and some for `classifier`, which scores tokens: {@link CheckpointNames.segments} tell it.
 *
 * @param name what the classes' names begin with.
 */
export const decoderClassifiers = (
  name: string,
  { body, classifier }: DecoderRecipe,
): Architecture['networks'] =>
  Object.fromEntries(
    Object.entries(heads).map(([suffix, Head]) => {
      const className = `${name}${suffix}`
      return [className, (config: ConfigReader) => new Head(body(config), className, classifier(config))]
    }),
  )
