/**
 * `layers/`: what transformers are made of beside typegrad's own layers: networks and what their calls are told, caches,
 * positions, feed-forward parts. It knows `base/` and typegrad's doors.
 */
import type { layers, Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { type CallContext, type HostArray, Layer } from 'typegrad/layers'
import type { Rotation } from './rope.ts'

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
  readonly attentionMask?: Tensor | undefined
  /**
   * Which of several texts in a row each token is of: (batch, length), int32, 0 for padding. A token sees those of its own text
   * alone, and positions are counted from that one's beginning. Default: a row is one text. For reading without a cache.
   */
  readonly segmentIds?: Tensor | undefined
  /** Where each token stands: (batch, length), int32. Default: counted from 0, or from the cache's offset. */
  readonly positionIds?: Tensor | undefined
  /** How queries and keys are turned by their positions: a network with rotary positions tells its blocks. */
  readonly rotation?: Rotation | undefined
  /** Which of two texts a token is of: (batch, length), int32. Default: the first. */
  readonly tokenTypeIds?: Tensor | undefined
  readonly cache?: Cache | undefined
  /**
   * Learnt vectors in front of the words' embeddings: (prompt, features). With a cache they stand where ids are below 0: −1 is
   * the first of them. Decoders alone read it.
   */
  readonly prompt?: Tensor | undefined
  /** What an encoder made, for a decoder: (batch, positions, features). */
  readonly encoderStates?: Tensor | undefined
  /** Which of the encoder's positions count: (batch, positions). Default: all. */
  readonly encoderMask?: Tensor | undefined
  /**
   * Told of each attention of a decoder to what an encoder made: which of them, counted from 0, and what it compares, each
   * (batch, length, heads, dim), with the factor of their products.
   */
  readonly observeCross?: ((block: number, compared: ComparedStates) => void) | undefined
  /** What a decoder begins with: (batch, length), int32. */
  readonly decoderInputIds?: Tensor | undefined
  /** Which of the decoder's positions count: (batch, length); with a cache for all of its positions. Default: all. */
  readonly decoderAttentionMask?: Tensor | undefined
  /** Pictures, for a network that takes texts too: (pictures, channels, height, width). */
  readonly pixelValues?: Tensor | undefined
}

/** Queries and keys of an attention: (batch, length, heads, dim) each. */
export interface ComparedStates {
  readonly query: Tensor
  readonly keys: Tensor
  /** What their products are multiplied with. */
  readonly scale: number
}

/** The names of what {@link NetworkContext} adds. */
export const networkOptions = [
  'attentionMask',
  'segmentIds',
  'positionIds',
  'rotation',
  'tokenTypeIds',
  'cache',
  'prompt',
  'encoderStates',
  'encoderMask',
  'observeCross',
  'decoderInputIds',
  'decoderAttentionMask',
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
  /** What files call the number of samples, where a network takes things of several kinds. Default `batch_size`. */
  readonly batch?: string
}

/** What a network is told when it is called with its inputs, given in the order in which it takes them. */
export function contextOf(
  { takes }: Pick<Network, 'takes'>,
  inputs: readonly Tensor[],
  training: boolean,
): NetworkContext & { readonly training: boolean } {
  const options = takes.flatMap(({ option }, i) =>
    option === undefined ? [] : [[option, inputs[i] as Tensor] as const],
  )
  return { ...Object.fromEntries(options), training }
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

  /** The table in which the ids of an input are looked up; undefined for inputs that are no ids. */
  tableOf(_input: string): layers.ReversibleEmbedding | undefined {
    return undefined
  }

  /** Refuses ids that no table has. */
  override checkInput(where: string, data: HostArray, input: number): Promise<unknown> | undefined {
    const name = this.takes[input]?.name
    return name === undefined ? undefined : this.tableOf(name)?.checkInput(where, data)
  }

  /** What continues texts in the place of this network, where it does not itself. */
  get generator(): CausalLM | undefined {
    return undefined
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

  /**
   * How many learnt vectors stand in front of each text, beside those positions. With a cache they are read as ids below 0: −1 is
   * the first of them.
   */
  get vectorsInFront(): number {
    return 0
  }

  /** The last hidden states, before the head: (batch, length) → (batch, length, features). */
  abstract features(ids: Tensor, context: NetworkContext): Tensor

  /** Scores of all words: (…, features) → (…, words). A step of generation asks for the last position's alone. */
  abstract head(states: Tensor): Tensor

  override outputs(ids: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    return { logits: this.head(this.features(ids, context)) }
  }
}

/**
 * A network that reads with an encoder and writes with a decoder: gives the decoder's last hidden states.
 *
 * The context of its call is that of both: `attentionMask` is the encoder's, `decoderAttentionMask`, `positionIds` and
 * `cache` are the decoder's. With `encoderStates` in it the encoder is not asked again. In what `decode` is told,
 * `attentionMask` is the decoder's own.
 */
export abstract class EncoderDecoderBody extends Network {
  /** The encoder's hidden states as Hugging Face's `encoder_hidden_states` has them. */
  abstract encoderHiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[]

  /** The decoder's, with `encoderStates` in the context: (batch, length) → (batch, length, features) each. */
  abstract decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[]

  /** What the decoder attends to: (batch, positions, features). */
  encode(x: Tensor, context: NetworkContext): Tensor {
    return this.encoderHiddenStates(x, context).at(-1) as Tensor
  }

  /** The decoder's last hidden states, with `encoderStates` in the context: (batch, length) → (batch, length, features). */
  decode(ids: Tensor, context: NetworkContext): Tensor {
    return this.decoderHiddenStates(ids, context).at(-1) as Tensor
  }

  /** What the decoder begins with. @throws ArgumentError where the call was not told. */
  protected decoderIdsOf(_x: Tensor, { decoderInputIds }: NetworkContext): Tensor {
    if (decoderInputIds !== undefined) return decoderInputIds
    throw new ArgumentError({
      where: `${this.className}: decoderInputIds`,
      expected: 'ids that the decoder begins with, (batch, length)',
      received: 'none',
      fix: 'For training they are the labels moved by one: shiftTokensRight(labels, …).',
    })
  }

  /** What encoder and decoder are told, of what the whole is. */
  #contextsOf(x: Tensor, context: NetworkContext) {
    const { training, attentionMask, decoderAttentionMask, positionIds, cache } = context
    // Without the cache, which is the decoder's.
    const encoder: NetworkContext = { training, attentionMask }
    const encoderStates = context.encoderStates ?? this.encode(x, encoder)
    const encoderMask = context.encoderMask ?? attentionMask
    const decoder: NetworkContext = {
      ...{ training, positionIds, cache, encoderStates, encoderMask },
      attentionMask: decoderAttentionMask,
    }
    return { encoderStates, decoder }
  }

  /** The decoder's hidden states: those of its `encoderHiddenStates` are asked for apart. */
  hiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.decoderHiddenStates(this.decoderIdsOf(x, context), this.#contextsOf(x, context).decoder)
  }

  override outputs(x: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const { encoderStates, decoder } = this.#contextsOf(x, context)
    const states = this.decode(this.decoderIdsOf(x, context), decoder)
    return { ...this.outputsOf(states, x, context), encoder_last_hidden_state: encoderStates }
  }

  /** The outputs that the decoder's last hidden states become, the main one first. */
  protected outputsOf(
    states: Tensor,
    _x: Tensor,
    _context: NetworkContext,
  ): Readonly<Record<string, Tensor>> {
    return { last_hidden_state: states }
  }
}

/** An encoder and a decoder with a head that scores the next word of each position: it translates and sums up. */
export abstract class EncoderDecoder extends EncoderDecoderBody {
  /** How many positions it can tell apart. */
  abstract readonly maxPositions: number
  /** Of the decoder's attention to itself. Attention to the encoder is numbered from 0 as well. */
  abstract readonly cacheSizes: CacheSizes

  /** Scores of all words: (…, features) → (…, words). */
  abstract head(states: Tensor): Tensor

  protected override outputsOf(states: Tensor): Readonly<Record<string, Tensor>> {
    return { logits: this.head(states) }
  }
}

const ids = (name: string, option?: NetworkInput['option'], length = 'length'): NetworkInput => ({
  name,
  dtype: 'int32',
  shape: [length],
  ...(option !== undefined && { option }),
})

/** Inputs that many networks share. */
export const networkInputs = {
  inputIds: ids('input_ids'),
  attentionMask: ids('attention_mask', 'attentionMask'),
  segmentIds: ids('segment_ids', 'segmentIds'),
  tokenTypeIds: ids('token_type_ids', 'tokenTypeIds'),
  decoderInputIds: ids('decoder_input_ids', 'decoderInputIds', 'decoder_length'),
  decoderAttentionMask: ids('decoder_attention_mask', 'decoderAttentionMask', 'decoder_length'),
} as const

/** What encoder–decoders of texts take. */
export const encoderDecoderInputs = [
  networkInputs.inputIds,
  networkInputs.attentionMask,
  networkInputs.decoderInputIds,
] as const
