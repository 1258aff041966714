import type { layers, Tensor } from 'typegrad'
import { ShapeError } from 'typegrad/core'
import type { HostArray } from 'typegrad/layers'
import { Network, type NetworkContext, type NetworkInput, networkInputs } from './network.ts'

/**
 * A network that reads a whole text: each position sees all others. Heads stand on it.
 *
 * What stands at padding is any numbers; no other position sees it.
 */
export abstract class Encoder extends Network {
  /** Size of its states. */
  abstract readonly width: number
  /** The longest text that it can read, in tokens. */
  abstract readonly maxPositions: number
  /** The table of words, which masked language models score by. */
  abstract readonly words: layers.ReversibleEmbedding
  /** The table of kinds of tokens, where there are any. */
  readonly types: layers.ReversibleEmbedding | undefined

  /** What stands for the whole text, where the network has learned that: (batch, length, width) → (batch, width). */
  pooled(_states: Tensor): Tensor | undefined {
    return undefined
  }

  /** Refuses texts that are too long as well. */
  override checkInput(where: string, data: HostArray, input: number): Promise<unknown> | undefined {
    const name = this.takes[input]?.name
    const length = data.shape[1] ?? 0
    if (name === 'input_ids' && length > this.maxPositions) {
      throw new ShapeError({
        where: `${where}: ${name}`,
        expected: `at most ${this.maxPositions} tokens, which are all that ${this.className} can tell apart`,
        received: String(length),
        fix: 'Truncate the text, which loses its end, or cut it into parts that overlap.',
      })
    }
    return super.checkInput(where, data, input)
  }

  override tableOf(input: string): layers.ReversibleEmbedding | undefined {
    return { input_ids: this.words, token_type_ids: this.types }[input]
  }

  override outputs(ids: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const states = this.hiddenStates(ids, context).at(-1) as Tensor
    const pooled = this.pooled(states)
    return { last_hidden_state: states, ...(pooled !== undefined && { pooler_output: pooled }) }
  }
}

/** What encoders take: `token_type_ids` only where there are several kinds. */
export const encoderInputs = (tokenTypes: number): readonly NetworkInput[] => [
  networkInputs.inputIds,
  networkInputs.attentionMask,
  ...(tokenTypes > 1 ? [networkInputs.tokenTypeIds] : []),
]
