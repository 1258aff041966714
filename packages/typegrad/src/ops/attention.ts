import { arange } from '../tensor/create.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import { apply, cast } from './apply.ts'
import { mul, sub } from './arithmetic.ts'

/** Which keys each query may see; what is left out forbids nothing. */
export interface AttentionMaskOptions {
  /** Whether a query sees no key after its own position. */
  readonly causal?: boolean
  /** Whether a query sees only keys fewer than so many positions away. */
  readonly slidingWindow?: number | undefined
  /** Which key the first query stands at; `'end'`: the last query stands at the last key. Default 0, as in Keras. */
  readonly queryOffset?: QueryOffset | undefined
}

/** Where the queries begin among the keys. */
export type QueryOffset = number | 'end'

/** Positions (queries, 1), of which the first is `first`, less positions (1, keys). */
function distances(queries: number, keys: number, first: number): Tensor {
  const rows = apply('reshape', [arange(first, first + queries, 1, { dtype: 'int32' })], {
    shape: [queries, 1],
  })
  return apply('sub', [rows, arange(0, keys, 1, { dtype: 'int32' })], {})
}

/**
 * Which keys each query may see by their positions alone: bool (queries, keys); nothing where all may.
 *
 * Query i stands at key `queryOffset` + i.
 */
export function positionMask(
  queries: number,
  keys: number,
  { causal = false, slidingWindow, queryOffset = 0 }: AttentionMaskOptions,
): Tensor | undefined {
  if (!causal && slidingWindow === undefined) return undefined
  const away = distances(queries, keys, queryOffset === 'end' ? keys - queries : queryOffset)
  const past = causal ? apply('lessEqual', [constant([0], [], 'int32'), away], {}) : undefined
  if (slidingWindow === undefined) return past
  const near = apply('less', [apply('abs', [away], {}), constant([slidingWindow], [], 'int32')], {})
  return past === undefined ? near : apply('and', [past, near], {})
}

/** What masked scores fall by: e to the minus this is 0 in every dtype. */
const forbidding = (scores: Tensor): number => (scores.dtype === 'float16' ? 3e4 : 1e9)

/**
 * Scores lowered where the mask (bool, broadcasting) is false, so that their softmax is 0 there.
 *
 * The mask becomes numbers before it meets the scores: an addition that broadcasts is many times faster than a
 * selection that does.
 */
export function maskScores(scores: Tensor, mask: Tensor | undefined): Tensor {
  if (mask === undefined) return scores
  const bias = mul(sub(cast(mask, scores.dtype), 1), forbidding(scores))
  return apply('add', [scores, bias], {})
}
