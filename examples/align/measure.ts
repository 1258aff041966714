import {
  generateIds,
  heldOutLoss,
  klToReference,
  type PretrainedModel,
  type PromptAndAnswer,
} from '@typegrad/transformers'
import { end, longest, type Writer } from './language-model.ts'
import { isPersonal } from './sentences.ts'

/** What an aligned model is, beside the one that it was made of. */
export interface Measured {
  /** The share of its sentences that speak of their writer. */
  readonly personal: number
  /** Loss on sentences of people that it has not seen, in nats a token. */
  readonly loss: number
  /** The KL of a token to the model before. */
  readonly kl: number
  /** The share of its sentences that differ. */
  readonly distinct: number
  readonly samples: readonly string[]
}

/** How many tokens a sentence may have behind its prompt of one token. */
export const room = longest - 2

/** Draws sentences. */
export async function write({ model, tokenizer }: Writer, count: number, seed: number) {
  const [drawn = []] = await generateIds(model, [[end]], {
    ...{ sample: true, sequences: count, maxNewTokens: room, stopIds: [end], seed },
  })
  return drawn.map(({ ids }) => ({ ids, text: tokenizer.decode(ids, { skipSpecialTokens: true }) }))
}

/**
 * Measures a model by sentences that it writes and by sentences of people.
 *
 * @param before the model that it was made of.
 */
export async function measure(
  writer: Writer,
  before: PretrainedModel,
  heldOut: readonly (readonly number[])[],
  count: number,
): Promise<Measured> {
  const written = await write(writer, count, 99)
  const answers: PromptAndAnswer[] = written.map(({ ids }) => ({ prompt: [end], answer: ids }))
  const { loss } = await heldOutLoss(writer.model, heldOut, { batchSize: 32 })
  const texts = written.map(({ text }) => text)
  return {
    personal: texts.filter(isPersonal).length / count,
    loss,
    kl: await klToReference(writer.model, before, answers, { batchSize: 32 }),
    distinct: new Set(texts).size / count,
    samples: texts.slice(0, 4),
  }
}
