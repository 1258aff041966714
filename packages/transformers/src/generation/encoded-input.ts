import type { Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { EncoderDecoder } from '../layers/network.ts'
import { decoderOf, type GenerationModel } from './decoder.ts'
import type { Encoded } from './sequences.ts'

/**
 * What an encoder made of its input, for several answers about it: which language is spoken, then what is said. The encoder
 * reads the input once. It is of the weights that the model had then.
 *
 * @example
 * const heard = await EncodedInput.of(whisper, input_features)
 * const [[language]] = await generateIds(whisper, heard, { decoderIds: [start], maxNewTokens: 1 })
 * const answers = await generateIds(whisper, heard, { decoderIds: [start, ...language.ids] })
 */
export class EncodedInput {
  readonly model: GenerationModel
  readonly encoded: Encoded

  private constructor(model: GenerationModel, encoded: Encoded) {
    this.model = model
    this.encoded = encoded
  }

  /**
   * @param input (batch, …), what the encoder reads.
   * @throws ArgumentError for a model without an encoder.
   */
  static async of(model: GenerationModel, input: Tensor): Promise<EncodedInput> {
    const decoder = decoderOf(model)
    if (!(decoder.network instanceof EncoderDecoder)) {
      throw new ArgumentError({
        where: 'EncodedInput.of',
        expected: 'an encoder–decoder',
        received: decoder.network.className,
        fix: 'A Conversation keeps what a causal language model has read.',
      })
    }
    // What the head's shape tells, it tells by an input of the encoder's.
    decoder.words(input)
    return new EncodedInput(model, await decoder.encode(input))
  }

  /** How many inputs. */
  get rows(): number {
    return this.encoded.states.shape[0] as number
  }

  /** Each of them alone. */
  each(): EncodedInput[] {
    const { states, mask, cross } = this.encoded
    return Array.from({ length: this.rows }, (_, row) => {
      const one = (x: Tensor): Tensor =>
        x.slice([row, ...x.shape.slice(1).map(() => 0)], [1, ...x.shape.slice(1)])
      return new EncodedInput(this.model, {
        states: one(states),
        cross: cross.map(one),
        ...(mask !== undefined && { mask: one(mask) }),
      })
    })
  }
}
