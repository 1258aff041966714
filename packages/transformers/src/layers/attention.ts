import { ops, type Tensor } from 'typegrad'
import { StateError } from 'typegrad/core'
import type { KeysAndValues, NetworkContext } from './network.ts'

/** (batch, length, heads · dim) → (batch, length, heads, dim) */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, features] = x.shape as readonly [number, number, number]
  return x.reshape([batch, length, heads, features / heads])
}

/** (batch, length, heads, dim) → (batch, length, heads · dim) */
export function joinHeads(x: Tensor): Tensor {
  const [batch, length, heads, dim] = x.shape as readonly [number, number, number, number]
  return x.reshape([batch, length, heads * dim])
}

export interface AttendOptions {
  /** Whether a query sees no key after its own position. Default false. */
  readonly causal?: boolean
  /** A query sees only keys fewer than so many positions away. Default all. */
  readonly window?: number | undefined
  /** What products are multiplied with. Default 1 / √dim. */
  readonly scale?: number
  /** Scores are kept within ± this, as in Gemma 2. Default no limit. */
  readonly softCap?: number | undefined
  /**
   * What is added to the scores: broadcasts to (batch, heads, queries, keys). A function where that depends on how many keys
   * there are, which a cache decides.
   */
  readonly bias?: Tensor | ((keys: number) => Tensor) | undefined
  /** Which of the network's attentions this is, counted from 0: its place in a cache. */
  readonly block?: number
  /** Drops weights in training. */
  readonly dropout?: (weights: Tensor) => Tensor
}

/**
 * Attention of a network to itself: over the cache's keys and values and these, or these alone, with padding left out.
 * Every transformer of this package attends by this function or by {@link attendAcross}.
 *
 * @param query (batch, queries, heads, dim)
 * @param key (batch, queries, keyHeads, dim), where keyHeads divides heads (Ainslie et al. 2023).
 * @param value (batch, queries, keyHeads, dim)
 * @returns (batch, queries, heads, dim)
 */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  context: NetworkContext,
  { causal = false, window, block = 0, bias, ...options }: AttendOptions = {},
): Tensor {
  const { cache } = context
  const { keys, values } = cache?.extend(block, key, value) ?? { keys: key, values: value }
  const mask = maskOf(context)
  return ops.dotProductAttention(query, keys, values, {
    ...options,
    bias: typeof bias === 'function' ? bias(keys.shape[1] as number) : bias,
    ...(mask !== undefined && { mask }),
    // A cache has places that nothing stands in yet: only positions tell which.
    causal: causal || cache !== undefined,
    ...(window !== undefined && { slidingWindow: window }),
    ...(cache !== undefined && { queryOffset: cache.offset }),
  })
}

/**
 * Keys and values over what an encoder made, for {@link attendAcross}: those of the cache where it keeps them, which then
 * needs no encoder's states.
 *
 * @param block which of the decoder's attentions to the encoder this is, counted from 0.
 * @param make gives them for the encoder's states (batch, positions, features).
 * @throws StateError where there are no states to make them of.
 */
export function encoderKeys(
  block: number,
  { cache, encoderStates }: NetworkContext,
  make: (states: Tensor) => KeysAndValues,
): KeysAndValues {
  const made = () => {
    if (encoderStates !== undefined) return make(encoderStates)
    throw new StateError({
      where: 'decode',
      expected: 'encoderStates, or a cache that keeps keys and values over them',
      received: 'neither',
      fix: 'Give what encode(ids, { attentionMask }) gives, with that mask as encoderMask.',
    })
  }
  return cache?.cross?.(block, made) ?? made()
}

/**
 * Attention to what an encoder made.
 *
 * @param query (batch, queries, heads, dim)
 * @returns (batch, queries, heads, dim)
 */
export function attendAcross(
  query: Tensor,
  { keys, values }: KeysAndValues,
  { encoderMask, observeCross }: NetworkContext,
  { block = 0, ...options }: Pick<AttendOptions, 'scale' | 'dropout' | 'block'> = {},
): Tensor {
  observeCross?.(block, { query, keys, scale: options.scale ?? (query.shape[3] as number) ** -0.5 })
  return ops.dotProductAttention(query, keys, values, {
    ...options,
    ...(encoderMask !== undefined && { mask: keyMask(encoderMask) }),
  })
}

/** Which keys each query may see, for all that padding and segments say: bool (batch, 1, 1 or queries, keys). */
function maskOf({ attentionMask, segmentIds }: NetworkContext): Tensor | undefined {
  const counted = attentionMask === undefined ? undefined : keyMask(attentionMask)
  if (segmentIds === undefined) return counted
  const isOwn = segmentIds.expandDims(2).equal(segmentIds.expandDims(1)).expandDims(1)
  return counted === undefined ? isOwn : counted.logicalAnd(isOwn)
}

/** (batch, keys) of numbers or booleans → bool (batch, 1, 1, keys) */
function keyMask(mask: Tensor): Tensor {
  const [batch, keys] = mask.shape as readonly [number, number]
  return mask.cast('bool').reshape([batch, 1, 1, keys])
}
