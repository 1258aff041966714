import { isFloating } from '../base/dtype.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import {
  anything,
  boolean,
  type Check,
  checked,
  count,
  either,
  finite,
  func,
  integer,
  oneOf,
  optionsOf,
  positive,
} from '../base/options.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { positionsMayHideAll } from '../graph/masked-softmax.ts'
import { arange, asTensor, type TensorLike } from '../tensor/create.ts'
import { constant, Tensor } from '../tensor/tensor.ts'
import { softmax } from './activations.ts'
import { apply, cast, toFloating } from './apply.ts'
import { add, mul, sub } from './arithmetic.ts'
import { logicalAnd } from './comparison.ts'
import { tanh } from './elementwise.ts'
import { any, mean } from './reduce.ts'
import { reshape, transpose } from './shape.ts'

/**
 * Where the queries begin among the keys: the first one's key, or `'end'`, where the last query stands at the last key.
 */
export type QueryOffset = number | 'end'

/** The same, or a scalar tensor (int32 or int64), which may be computed: a compiled function is traced once for all of its values. */
export type AnyQueryOffset = QueryOffset | Tensor

export const queryOffsetCheck: Check<QueryOffset> = either(integer, oneOf('end'))
export const anyQueryOffsetCheck: Check<AnyQueryOffset> = {
  expected: `${queryOffsetCheck.expected}, or a scalar tensor`,
  accepts: (value) => value instanceof Tensor || queryOffsetCheck.accepts(value),
}

/** Which keys each query may see. A key is seen where all that is given allows it. */
export interface MaskedSoftmaxOptions {
  /**
   * Which keys may be seen: bool, of a shape that broadcasts to the scores' (…, queries, keys). True: may be seen.
   * Default all.
   */
  readonly mask?: TensorLike | undefined
  /** Whether a query sees no key after its own position. Default false. */
  readonly causal?: boolean | undefined
  /** A query sees only keys fewer than so many positions away, before and after its own. Default all. */
  readonly slidingWindow?: number | undefined
  /**
   * Which key the first query stands at, for `causal` and `slidingWindow`: a whole number, `'end'` (the last query stands at
   * the last key) or a scalar tensor of int32 or int64, which may be computed. Default 0, as in Keras.
   */
  readonly queryOffset?: AnyQueryOffset | undefined
}

const maskedSoftmaxChecks = optionsOf<MaskedSoftmaxOptions>()({
  mask: anything,
  causal: boolean,
  slidingWindow: count,
  queryOffset: anyQueryOffsetCheck,
})

export interface DotProductAttentionOptions extends MaskedSoftmaxOptions {
  /** What products of queries and keys are multiplied with. Default 1 / √dim. */
  readonly scale?: number | undefined
  /**
   * Scores are kept within ± this: softCap · tanh(score / softCap), before anything is added or masked, as in Gemma 2.
   * Default no limit.
   */
  readonly softCap?: number | undefined
  /** What is added to the scores: broadcasts to (batch, heads, queries, keys), as relative positions do. Default nothing. */
  readonly bias?: TensorLike | undefined
  /** Drops weights before they meet the values: (batch, heads, queries, keys) → the same. Default none are dropped. */
  readonly dropout?: ((weights: Tensor) => Tensor) | undefined
  /**
   * What a query gets that may see no key: `'zeros'`, as in PyTorch, or the `'mean'` of all values, as in Keras.
   * Default `'zeros'`.
   */
  readonly fullyMasked?: 'zeros' | 'mean' | undefined
}

const dotProductAttentionChecks = optionsOf<DotProductAttentionOptions>()({
  ...maskedSoftmaxChecks,
  scale: finite,
  softCap: positive,
  bias: anything,
  dropout: func,
  fullyMasked: oneOf('zeros', 'mean'),
})

/** Options with an offset that is a number or a tensor, and a mask that is a tensor of bools. */
interface Masks {
  readonly mask: Tensor | undefined
  readonly causal: boolean
  readonly slidingWindow: number | undefined
  readonly offset: number | Tensor
}

function masksOf(where: string, options: MaskedSoftmaxOptions, scores: Shape): Masks {
  const { mask, causal = false, slidingWindow, queryOffset = 0 } = options
  const [queries, keys] = scores.slice(-2) as [number, number]
  return {
    mask: mask === undefined ? undefined : boolsOf(where, mask),
    causal,
    slidingWindow,
    offset: queryOffset === 'end' ? keys - queries : queryOffset,
  }
}

/** A tensor of floats may be meant for adding, where 0 says that a key may be seen. */
function boolsOf(where: string, mask: TensorLike): Tensor {
  if (!(mask instanceof Tensor && isFloating(mask.dtype))) return cast(asTensor(mask), 'bool')
  throw new DTypeError({
    where: `${where}: mask`,
    expected: 'a tensor of bools, true for the keys that may be seen',
    received: mask.dtype,
    fix: "Cast it: mask.cast('bool'). What is to be added to scores is no mask: add it, or give it as the bias of dotProductAttention.",
  })
}

/**
 * The softmax of scores over the keys that each query may see: (…, queries, keys) → the same. The weights of all other keys
 * are exactly 0, and so are all weights of a query that may see none; no gradient goes to their scores.
 *
 * Query i stands at key `queryOffset` + i. What positions hide is known before anything runs: products with a causal softmax
 * of as many queries as keys need half of the multiplications.
 *
 * @param scores (…, queries, keys), floating; integers become float32.
 * @throws ShapeError for scores of a lower rank, a mask that does not broadcast to them, or an offset that is no scalar;
 * DTypeError for a tensor of floats as a mask; ArgumentError for options that are none.
 * @example
 * maskedSoftmax([[0, 5], [0, 0]], { causal: true }) // [[1, 0], [0.5, 0.5]]
 */
export function maskedSoftmax(scores: TensorLike, options: MaskedSoftmaxOptions = {}): Tensor {
  const given = checked('maskedSoftmax', options, maskedSoftmaxChecks)
  const t = toFloating(asTensor(scores))
  return softmaxOfSeen(t, masksOf('maskedSoftmax', given, t.shape), 'zero')
}

/** @param blind what the weights of a query are that may see nothing: 0, or any numbers, where nothing is made of them. */
function softmaxOfSeen(
  scores: Tensor,
  { mask, causal, slidingWindow, offset }: Masks,
  blind: 'zero' | 'any',
): Tensor {
  const hasPositions = causal || slidingWindow !== undefined
  if (mask === undefined && !hasPositions) return softmax(scores)
  const computed = hasPositions && typeof offset !== 'number' ? offset : undefined
  return apply('maskedSoftmax', [scores, ...[mask, computed].filter((input) => input !== undefined)], {
    causal,
    ...(slidingWindow !== undefined && { window: slidingWindow }),
    offset: hasPositions && typeof offset === 'number' ? offset : 0,
    blind,
  })
}

/** Which queries may see some key: bool, broadcasting to (…, queries, 1); nothing where each sees one. */
function seeingQueries(scores: Shape, masks: Masks): Tensor | undefined {
  const { mask, causal, slidingWindow, offset } = masks
  const [queries, keys] = scores.slice(-2) as [number, number]
  const hasPositions = causal || slidingWindow !== undefined
  const positions = {
    causal,
    ...(slidingWindow !== undefined && { window: slidingWindow }),
    offset: typeof offset === 'number' ? offset : Number.NaN,
  }
  if (mask === undefined && !(hasPositions && positionsMayHideAll(positions, queries, keys))) return undefined
  const near = hasPositions ? seenByPosition(queries, keys, masks) : undefined
  const seen = mask !== undefined && near !== undefined ? logicalAnd(mask, near) : (mask ?? near)
  return seen && any(seen, -1, { keepDims: true })
}

/** Which keys each query may see by their positions alone: bool (queries, keys). */
function seenByPosition(
  queries: number,
  keys: number,
  { causal, slidingWindow, offset }: Omit<Masks, 'mask'>,
): Tensor {
  const whole = (value: number): Tensor => constant([value], [], 'int32')
  const first = typeof offset === 'number' ? whole(offset) : cast(offset, 'int32')
  const rows = reshape(add(arange(0, queries, 1, { dtype: 'int32' }), first), [queries, 1])
  const away = apply('sub', [rows, arange(0, keys, 1, { dtype: 'int32' })], {})
  const past = causal ? apply('lessEqual', [whole(0), away], {}) : undefined
  if (slidingWindow === undefined) return past as Tensor
  const near = apply('less', [apply('abs', [away], {}), whole(slidingWindow)], {})
  return past === undefined ? near : apply('and', [past, near], {})
}

/** What attention gives: for each query a mean of the values, and the weights that it gives to them. */
export interface AttendedValues {
  readonly output: Tensor
  readonly weights: Tensor
}

type WeighingOptions = MaskedSoftmaxOptions & Pick<DotProductAttentionOptions, 'dropout' | 'fullyMasked'>

/** What scores become. */
interface Weighed {
  /** Weights for the values. Those of queries that see nothing are any numbers: `finished` leaves nothing of them. */
  readonly applied: Tensor
  /** Weights as they are shown, before any is dropped. */
  readonly weights: Tensor
  /** 1 for queries that see something, 0 for others: broadcasts to (…, queries, 1). Nothing where each sees something. */
  readonly seeing: Tensor | undefined
}

function weigh(where: string, scores: Tensor, options: WeighingOptions): Weighed {
  const masks = masksOf(where, options, scores.shape)
  const raw = softmaxOfSeen(scores, masks, 'any')
  const applied = options.dropout?.(raw) ?? raw
  const queries = seeingQueries(scores.shape, masks)
  if (queries === undefined) return { applied, weights: raw, seeing: undefined }
  const seeing = cast(queries, raw.dtype)
  const even = mul(sub(1, seeing), 1 / (scores.shape.at(-1) as number))
  const weights = mul(raw, seeing)
  return { applied, weights: options.fullyMasked === 'mean' ? add(weights, even) : weights, seeing }
}

/**
 * Outputs of queries that see something; zeros, or means over all values, for others. To leave these out here costs less
 * than to do so in the weights, which are as many as there are keys.
 */
function finished(output: Tensor, seeing: Tensor | undefined, means: (() => Tensor) | undefined): Tensor {
  if (seeing === undefined) return output
  const seen = mul(output, seeing)
  return means === undefined ? seen : add(seen, mul(sub(1, seeing), means()))
}

/**
 * Attention by given scores (…, queries, keys), which may be the products of queries and keys or anything else: the values
 * (…, keys, dim), weighted by the softmax of what each query may see of them.
 */
export function attendByScores(scores: Tensor, value: Tensor, options: WeighingOptions): AttendedValues {
  const { weights, applied, seeing } = weigh('attention', scores, options)
  const means = options.fullyMasked === 'mean' ? () => mean(value, -2, { keepDims: true }) : undefined
  return { output: finished(apply('matmul', [applied, value], {}), seeing, means), weights }
}

/**
 * Attention by products: each query takes a mean of the values, weighted by the softmax of its products with the keys that it
 * may see. softmax(q · kᵀ · scale + bias) · v, in each head.
 *
 * Masks are said and not added: `causal`, `slidingWindow` and `queryOffset` by positions, `mask` for padding and everything
 * else. With a cache of keys the queries of a step begin at the position that they are written to, which may be computed:
 * `{ causal: true, queryOffset: position }`.
 *
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; heads that share keys: Ainslie et al. 2023,
 * https://arxiv.org/abs/2305.13245. This is Keras's `ops.dot_product_attention` with its order of axes, and PyTorch's
 * `scaled_dot_product_attention` with heads behind the steps.
 *
 * @param query (batch, queries, heads, dim)
 * @param key (batch, keys, keyHeads, dim), where keyHeads divides heads: head h reads those of head ⌊h · keyHeads / heads⌋.
 * @param value (batch, keys, keyHeads, valueDim)
 * @returns (batch, queries, heads, valueDim)
 * @throws ShapeError for tensors, or a mask or bias, that do not fit; DTypeError for tensors of several dtypes and for one of
 * floats as a mask; ArgumentError for options that are none.
 * @example
 * const x = ones([1, 3, 2, 4]) // three steps, two heads of four
 * const padding = [[[[true, true, false]]]] // (batch, 1, 1, keys)
 * dotProductAttention(x, x, x, { causal: true, mask: padding })
 */
export const dotProductAttention = (
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  options: DotProductAttentionOptions = {},
): Tensor =>
  attendByProducts(
    asTensor(query),
    asTensor(key),
    asTensor(value),
    checked('dotProductAttention', options, dotProductAttentionChecks),
  ).output

/** {@link dotProductAttention} with the weights: (batch, heads, queries, keys). */
export function attendByProducts(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: DotProductAttentionOptions,
): AttendedValues {
  checkHeads(query.shape, key.shape, value.shape)
  const [batch, queries, heads, dim] = query.shape as readonly [number, number, number, number]
  const [, keys, keyHeads, valueDim] = value.shape as readonly [number, number, number, number]
  const shared = heads / keyHeads
  const { scale = 1 / Math.sqrt(dim), softCap, bias } = options
  // As rows of all heads: behind a reshape the gradient's transpose stays with the product that writes it for nothing.
  const rows = mul(reshape(query, [batch, queries, heads * dim]), scale)
  const scaled = scale === 1 ? query : reshape(rows, query.shape)
  // One head of the keys sees the queries of all heads that share it as so many more queries:
  // (B, T, G, R, D) → (B, G, R, T, D) → (B, G, R·T, D), and nothing of the keys is repeated.
  const q =
    shared === 1
      ? transpose(scaled, [0, 2, 1, 3])
      : reshape(transpose(reshape(scaled, [batch, queries, keyHeads, shared, dim]), [0, 2, 3, 1, 4]), [
          batch,
          keyHeads,
          shared * queries,
          dim,
        ])
  const products = apply('matmul', [q, transpose(key, [0, 2, 3, 1])], {})
  const raw = shared === 1 ? products : reshape(products, [batch, heads, queries, keys])
  const capped = softCap === undefined ? raw : mul(tanh(mul(raw, 1 / softCap)), softCap)
  const scores = bias === undefined ? capped : add(capped, cast(asTensor(bias), capped.dtype))
  const { weights, applied, seeing } = weigh('dotProductAttention', scores, options)

  const grouped = shared === 1 ? applied : reshape(applied, [batch, keyHeads, shared * queries, keys])
  const mixed = apply('matmul', [grouped, transpose(value, [0, 2, 1, 3])], {})
  // (B, G, R·T, V) → (B, T, H, V)
  const output = transpose(reshape(mixed, [batch, heads, queries, valueDim]), [0, 2, 1, 3])
  const means =
    options.fullyMasked === 'mean' ? () => headsOf(mean(value, 1, { keepDims: true }), shared) : undefined
  return { output: finished(output, seeing && stepsFirst(seeing), means), weights }
}

/** (B or 1, H or 1, T or 1, 1), perhaps without axes of 1 in front → (B or 1, T or 1, H or 1, 1). */
function stepsFirst(x: Tensor): Tensor {
  const shape = [...new Array<number>(4 - x.rank).fill(1), ...x.shape]
  return transpose(reshape(x, shape), [0, 2, 1, 3])
}

/** (B, 1, G, V) → (B, 1, G·R, V): what each head of several that share one reads. */
function headsOf(x: Tensor, shared: number): Tensor {
  if (shared === 1) return x
  const [batch, , keyHeads, dim] = x.shape as readonly [number, number, number, number]
  const spread = apply('broadcast', [reshape(x, [batch, 1, keyHeads, 1, dim])], {
    shape: [batch, 1, keyHeads, shared, dim],
  })
  return reshape(spread, [batch, 1, keyHeads * shared, dim])
}

function checkHeads(query: Shape, key: Shape, value: Shape): void {
  const fits =
    [query, key, value].every(({ length }) => length === 4) &&
    query[0] === key[0] &&
    query[3] === key[3] &&
    [0, 1, 2].every((axis) => key[axis] === value[axis]) &&
    (query[2] as number) % (key[2] as number) === 0
  if (fits) return
  throw new ShapeError({
    where: 'dotProductAttention',
    expected:
      'a query (batch, queries, heads, dim), a key (batch, keys, keyHeads, dim) and a value (batch, keys, keyHeads, valueDim), where keyHeads divides heads',
    received: [query, key, value].map(formatShape).join(', '),
    fix: 'Heads stand behind the steps: transpose what has them before, x.transpose([0, 2, 1, 3]).',
  })
}
