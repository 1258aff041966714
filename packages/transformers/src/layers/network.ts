/**
 * `layers/`: what transformers are made of beside typegrad's own layers: networks and what their calls are told, caches,
 * positions, feed-forward parts. It knows `base/` and typegrad's doors.
 */
import type { Tensor } from 'typegrad'
import { type CallContext, Layer } from 'typegrad/layers'

/**
 * Keys and values of earlier positions, so that a step of generation computes the new ones alone. Layers see this much of
 * it: who makes one decides where they are kept and how they grow.
 */
export interface Cache {
  /** Where the first query of this call stands among all positions: a scalar int32, which may be computed. */
  readonly offset: Tensor
  /**
   * Adds the new keys and values of a block and gives those of all positions, its own places filled up to
   * `offset` + queries, whatever stands behind.
   *
   * @param block which of the network's attentions this is, counted from 0.
   * @param keys (batch, new, keyHeads, dim)
   * @param values (batch, new, keyHeads, dim)
   */
  extend(block: number, keys: Tensor, values: Tensor): KeysAndValues
  /** Keys and values over an encoder's output: computed once, by `make`, and kept. */
  cross?(block: number, make: () => KeysAndValues): KeysAndValues
}

export interface KeysAndValues {
  /** (batch, positions, keyHeads, dim) */
  readonly keys: Tensor
  /** (batch, positions, keyHeads, dim) */
  readonly values: Tensor
}

/** What a network's call is told beside its first input. */
export interface NetworkContext extends CallContext {
  /**
   * Which positions count: (batch, positions), 1 or true where there is something, 0 or false for padding; with a cache for
   * all of its positions. Default: all.
   */
  readonly attentionMask?: Tensor
  /** Where each token stands: (batch, length), int32. Default: counted from 0, or from the cache's offset. */
  readonly positionIds?: Tensor
  /** Which of two texts a token is of: (batch, length), int32. Default: the first. */
  readonly tokenTypeIds?: Tensor
  readonly cache?: Cache
  /** What an encoder made, for a decoder: (batch, positions, features). */
  readonly encoderStates?: Tensor
  /** Which of the encoder's positions count: (batch, positions). Default: all. */
  readonly encoderMask?: Tensor
  /** What a decoder begins with: (batch, length), int32. */
  readonly decoderInputIds?: Tensor
  /** Pictures, for a network that takes texts too: (pictures, channels, height, width). */
  readonly pixelValues?: Tensor
}

/** The names of what {@link NetworkContext} adds. */
export const networkOptions = [
  'attentionMask',
  'positionIds',
  'tokenTypeIds',
  'cache',
  'encoderStates',
  'encoderMask',
  'decoderInputIds',
  'pixelValues',
] as const satisfies readonly (keyof NetworkContext)[]

/**
 * A part of a transformer whose calls are told of masks, positions and caches, and hand that on to the parts within:
 * `this.attention.apply(x, context)`.
 *
 * Fields are named as Hugging Face's modules (`selfAttn` is `self_attn`), so that the paths of weights are the names of its
 * checkpoints, and patterns such as `q_proj` mean what its users expect.
 */
export abstract class Part extends Layer {
  override get callOptions(): readonly string[] {
    return networkOptions
  }

  abstract override call(x: Tensor, context: NetworkContext): Tensor
}

/** An input of a network as its files and its users know it. */
export interface NetworkInput {
  /** Hugging Face's name, such as `input_ids`. */
  readonly name: string
  /** What the call's context calls it; undefined for the network's first input. */
  readonly option?: (typeof networkOptions)[number]
  readonly dtype: 'int32' | 'float32'
  /** Without the batch; open sizes by name. */
  readonly shape: readonly (number | string)[]
}

/**
 * A whole transformer: what Hugging Face has a class for, such as `GPT2LMHeadModel`.
 *
 * A call gives its main output (logits, or the last hidden states). Others, such as pooled states, come from `outputs`.
 */
export abstract class Network extends Part {
  /** What it takes, the first input first. */
  abstract readonly takes: readonly NetworkInput[]

  /** All that it gives, by Hugging Face's names, the main output first. */
  outputs(x: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    return { logits: this.call(x, context) }
  }

  /**
   * The hidden states as Hugging Face's `hidden_states` has them: those that the first block gets, then what each block
   * gives (the last behind the final normalization, where the architecture has one there).
   */
  abstract hiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[]

  override call(x: Tensor, context: NetworkContext): Tensor {
    return Object.values(this.outputs(x, context))[0] as Tensor
  }
}

/** What a cache has to keep of a network. */
export interface CacheSizes {
  /** Attentions of the network to itself. */
  readonly blocks: number
  readonly keyHeads: number
  /** Size of each head's keys and values. */
  readonly dim: number
}

/** A network that continues texts: a decoder with a head that scores the next word of each position. */
export abstract class CausalLM extends Network {
  /** How many positions it can tell apart, prompt and answer together. */
  abstract readonly maxPositions: number
  abstract readonly cacheSizes: CacheSizes

  /** The last hidden states, before the head: (batch, length) → (batch, length, features). */
  abstract features(ids: Tensor, context: NetworkContext): Tensor

  /** Scores of all words: (…, features) → (…, words). A step of generation asks for the last position's alone. */
  abstract head(states: Tensor): Tensor

  override outputs(ids: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    return { logits: this.head(this.features(ids, context)) }
  }
}

/** A network that reads with an encoder and writes with a decoder. */
export abstract class EncoderDecoder extends Network {
  abstract readonly maxPositions: number
  /** Of the decoder's attention to itself. Attention to the encoder is numbered from 0 as well. */
  abstract readonly cacheSizes: CacheSizes

  /** What the decoder attends to: (batch, positions, features). */
  abstract encode(x: Tensor, context: NetworkContext): Tensor

  /** The decoder's last hidden states, with `encoderStates` in the context: (batch, length) → (batch, length, features). */
  abstract decode(ids: Tensor, context: NetworkContext): Tensor

  /** Scores of all words: (…, features) → (…, words). */
  abstract head(states: Tensor): Tensor

  override outputs(x: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const { decoderInputIds, encoderStates = this.encode(x, context), attentionMask } = context
    const decoder: NetworkContext = {
      ...context,
      encoderStates,
      // The mask of the call is the encoder's; a decoder's own sequences have no padding.
      ...(attentionMask !== undefined && { encoderMask: attentionMask }),
    }
    const { attentionMask: _, ...told } = decoder
    return {
      logits: this.head(this.decode(decoderInputIds as Tensor, told)),
      encoder_last_hidden_state: encoderStates,
    }
  }
}

const ids = (name: string, option?: NetworkInput['option']): NetworkInput => ({
  name,
  dtype: 'int32',
  shape: ['length'],
  ...(option !== undefined && { option }),
})

/** Inputs that many networks share. */
export const networkInputs = {
  inputIds: ids('input_ids'),
  attentionMask: ids('attention_mask', 'attentionMask'),
  tokenTypeIds: ids('token_type_ids', 'tokenTypeIds'),
} as const
