import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { scalar, type Tensor } from '../../tensor/tensor.ts'
import type { Operator, Operators } from '../node-call.ts'

/** (batch, time, heads · dim) → (batch, heads, time, dim); what has four axes has its heads already. */
function inHeads(x: Tensor, heads: number): Tensor {
  if (x.rank === 4) return x
  const [batch, time, width] = x.shape as readonly [number, number, number]
  return swapped(ops.reshape(x, [batch, time, heads, width / heads]))
}

/** (batch, heads, time, dim) → (batch, time, heads · dim) */
function joined(x: Tensor): Tensor {
  const [batch, heads, time, dim] = x.shape as readonly [number, number, number, number]
  return ops.reshape(swapped(x), [batch, time, heads * dim])
}

const swapped = (x: Tensor): Tensor => apply('transpose', [x], { permutation: [0, 2, 1, 3] })

/** Additive: 0 for what may be seen, −∞ for what may not. */
const asBias = (mask: Tensor, like: Tensor): Tensor =>
  mask.dtype === 'bool'
    ? ops.where(mask, scalar(0, like.dtype), scalar(Number.NEGATIVE_INFINITY, like.dtype))
    : mask

/** A mask for fewer keys than there are does not let the rest be seen. */
function widened(mask: Tensor, keys: number, like: Tensor): Tensor {
  const bias = asBias(mask, like)
  const own = bias.shape.at(-1) as number
  if (own === keys || own === 1) return bias
  const padding = bias.shape.map((_, i): readonly [number, number] => [
    0,
    i === bias.rank - 1 ? keys - own : 0,
  ])
  return apply('pad', [bias], { padding, value: Number.NEGATIVE_INFINITY })
}

interface Attended {
  readonly values: Tensor
  /** Products, these capped, masked, and the weights: what `qk_matmul_output_mode` counts. */
  readonly scores: readonly Tensor[]
}

interface AttentionOptions {
  readonly scale: number
  readonly bias: readonly Tensor[]
  readonly softCap: number
}

/** softmax(cap(Q · Kᵀ · scale) + bias) · V, each (batch, heads, time, dim); fewer heads of keys serve several of queries. */
export function attended(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { scale, bias, softCap }: AttentionOptions,
): Attended {
  const heads = q.shape[1] as number
  const shared = (t: Tensor): Tensor => ops.repeat(t, heads / (t.shape[1] as number), 1)
  const products = ops.matmul(
    ops.mul(q, scale),
    apply('transpose', [shared(k)], { permutation: [0, 1, 3, 2] }),
  )
  const capped = softCap > 0 ? ops.mul(ops.tanh(ops.div(products, softCap)), softCap) : products
  const masked = bias.reduce<Tensor>((scores, one) => ops.add(scores, one), capped)
  const weights = softmaxOfSome(masked)
  return { values: ops.matmul(weights, shared(v)), scores: [products, capped, masked, weights] }
}

/** The softmax over keys; a query that may see none has weights of 0, and no gradient that is no number. */
function softmaxOfSome(scores: Tensor): Tensor {
  const largest = ops.max(scores, 3, { keepDims: true })
  const isBlind = ops.equal(largest, Number.NEGATIVE_INFINITY)
  return ops.where(isBlind, 0, apply('softmax', [ops.where(isBlind, 0, scores)], { axis: 3 }))
}

/** 0 on and below the diagonal that is moved by `offset`, −∞ above. */
export function causalBias(queries: number, keys: number, offset: number | Tensor, like: Tensor): Tensor {
  const rows = ops.reshape(apply('iota', [], { length: queries, dtype: 'int32' }), [queries, 1])
  const columns = apply('iota', [], { length: keys, dtype: 'int32' })
  return asBias(ops.lessEqual(columns, ops.add(rows, offset)), like)
}

/** 0 on and above the diagonal that is moved by `offset`, −∞ below. */
function windowBias(queries: number, keys: number, offset: Tensor, like: Tensor): Tensor {
  const rows = ops.reshape(apply('iota', [], { length: queries, dtype: 'int32' }), [queries, 1])
  const columns = apply('iota', [], { length: keys, dtype: 'int32' })
  return asBias(ops.greaterEqual(columns, ops.add(rows, offset)), like)
}

/** The operator of version 23, with the windows of version 25 (Vaswani et al., 2017, https://arxiv.org/abs/1706.03762). */
const attention: Operator = (call) => {
  const given = [call.input(0), call.input(1), call.input(2)] as const
  const isFlat = given[0].rank === 3
  const queryHeads = call.int('q_num_heads', 0)
  const keyHeads = call.int('kv_num_heads', queryHeads)
  const [q, ownK, ownV] = [
    inHeads(given[0], queryHeads),
    inHeads(given[1], keyHeads),
    inHeads(given[2], keyHeads),
  ]
  const [pastK, pastV] = [call.optional(4), call.optional(5)]
  const k = pastK === undefined ? ownK : ops.concat([pastK, ownK], 2)
  const v = pastV === undefined ? ownV : ops.concat([pastV, ownV], 2)
  const [queries, keys] = [q.shape[2] as number, k.shape[2] as number]
  const bias: Tensor[] = []
  const mask = call.optional(3)
  if (mask !== undefined) bias.push(widened(mask, keys, q))
  const lengths = call.optional(6)
  if (lengths !== undefined) {
    const places = apply('iota', [], { length: keys, dtype: 'int64' })
    bias.push(asBias(ops.less(places, ops.reshape(lengths, [-1, 1, 1, 1])), q))
  }
  // The last query stands at the end of the keys that count.
  const ends = lengths === undefined ? undefined : ops.reshape(ops.cast(lengths, 'int32'), [-1, 1, 1, 1])
  const offset = ends === undefined ? (pastK?.shape[2] ?? 0) : ops.sub(ends, queries)
  const [left, right] = [call.int('left_window_size', -1), call.int('right_window_size', -1)]
  if (call.int('is_causal', 0) === 1) bias.push(causalBias(queries, keys, offset, q))
  if (right >= 0) bias.push(causalBias(queries, keys, ops.add(offset, right), q))
  if (left >= 0) bias.push(windowBias(queries, keys, ops.sub(offset, left), q))
  const { values, scores } = attended(q, k, v, {
    scale: call.float('scale', 1 / Math.sqrt(q.shape[3] as number)),
    bias,
    softCap: call.float('softcap', 0),
  })
  const asked = call.node.outputs[3] === undefined ? undefined : call.int('qk_matmul_output_mode', 0)
  return [isFlat ? joined(values) : values, k, v, asked === undefined ? undefined : scores[asked]]
}

/** Pairs of features turned by an angle for each position (Su et al., 2021, https://arxiv.org/abs/2104.09864). */
export function rotated(x: Tensor, cos: Tensor, sin: Tensor, isInterleaved: boolean, dim: number): Tensor {
  const [turnedPart, rest] =
    dim === x.shape[3] ? [x, undefined] : ops.split(x, [dim, (x.shape[3] as number) - dim], 3)
  const part = turnedPart
  const half = dim / 2
  const [a, b] = isInterleaved
    ? [ops.stridedSlice(part, 3, 0, null, 2), ops.stridedSlice(part, 3, 1, null, 2)]
    : [ops.stridedSlice(part, 3, 0, half), ops.stridedSlice(part, 3, half)]
  const [first, second] = [
    ops.sub(ops.mul(a, cos), ops.mul(b, sin)),
    ops.add(ops.mul(a, sin), ops.mul(b, cos)),
  ]
  const made = isInterleaved
    ? ops.reshape(ops.stack([first, second], 4), part.shape)
    : ops.concat([first, second], 3)
  return rest === undefined ? made : ops.concat([made, rest], 3)
}

/** x, cosines and sines for each position, and perhaps which positions these are. */
const rotaryEmbedding: Operator = (call) => {
  const given = call.input(0)
  const x = inHeads(given, call.int('num_heads', 0))
  const positions = call.optional(3)
  const asked = call.int('rotary_embedding_dim', 0)
  const dim = asked === 0 ? (x.shape[3] as number) : asked
  const table = (cache: Tensor): Tensor => {
    const rows = positions === undefined ? cache : ops.gather(cache, positions)
    return ops.expandDims(ops.stridedSlice(rows, rows.rank - 1, 0, dim / 2), 1)
  }
  const made = rotated(x, table(call.input(1)), table(call.input(2)), call.int('interleaved', 0) === 1, dim)
  return given.rank === 4 ? made : joined(made)
}

export const attentionOperators: Operators = { Attention: attention, RotaryEmbedding: rotaryEmbedding }

/** Queries, keys and values that are projected already; ONNX Runtime's own (com.microsoft). */
const multiHeadAttention: Operator = (call) => {
  for (const i of [5, 6, 7].filter((input) => call.optional(input) !== undefined))
    if (i !== 5) call.refuse('with past keys and values')
  if (call.optional(4) !== undefined) call.refuse('with a key padding mask')
  const heads = call.int('num_heads', 1)
  const bias = call.optional(3)
  const parts = bias === undefined ? [] : ops.split(bias, 3)
  const [q, k, v] = [0, 1, 2].map((i) => {
    const part = parts[i]
    const x = call.input(i)
    return inHeads(part === undefined ? x : ops.add(x, part), heads)
  }) as [Tensor, Tensor, Tensor]
  const scores = call.optional(5)
  const added = scores === undefined ? [] : [scores]
  const [queries, keys] = [q.shape[2] as number, k.shape[2] as number]
  if (call.int('unidirectional', 0) === 1) {
    // ONNX Runtime lets the last query see all keys then, and the others those up to their own place.
    if (queries < keys) call.refuse(`with unidirectional, and ${queries} queries of ${keys} keys`)
    added.push(causalBias(queries, keys, 0, q))
  }
  const { values } = attended(q, k, v, {
    scale: call.float('scale', 1 / Math.sqrt(q.shape[3] as number)),
    bias: added,
    softCap: 0,
  })
  return [joined(values), k, v]
}

/** x · W + b for queries, keys and values at once, then attention; ONNX Runtime's own. */
const fusedAttention: Operator = (call) => {
  if (call.optional(4) !== undefined) call.refuse('with past keys and values')
  const heads = call.int('num_heads', 1)
  const [x, mask] = [call.input(0), call.optional(3)]
  const bias = call.optional(2)
  const projected = ops.matmul(x, call.input(1))
  const sizes = call.ints('qkv_hidden_sizes') ?? 3
  const [q, k, v] = ops
    .split(bias === undefined ? projected : ops.add(projected, bias), sizes, 2)
    .map((part) => inHeads(part, heads)) as [Tensor, Tensor, Tensor]
  const keys = k.shape[2] as number
  const added: Tensor[] = []
  const visible = (t: Tensor): Tensor => asBias(ops.greater(t, 0), q)
  if (mask !== undefined && mask.rank === 1) {
    // The number of words of each sample.
    const places = apply('iota', [], { length: keys, dtype: 'int32' })
    added.push(asBias(ops.less(places, ops.reshape(mask, [-1, 1, 1, 1])), q))
  } else if (mask !== undefined && mask.rank === 2) added.push(visible(ops.reshape(mask, [-1, 1, 1, keys])))
  else if (mask !== undefined) added.push(visible(ops.expandDims(mask, 1)))
  if (call.int('unidirectional', 0) === 1) added.push(causalBias(keys, keys, 0, q))
  const scores = call.optional(5)
  if (scores !== undefined) added.push(scores)
  const scale = call.float('scale', 0)
  const { values } = attended(q, k, v, {
    scale: scale === 0 ? 1 / Math.sqrt(q.shape[3] as number) : scale,
    bias: added,
    softCap: 0,
  })
  return joined(values)
}

export const runtimeAttention: Operators = {
  Attention: fusedAttention,
  MultiHeadAttention: multiHeadAttention,
}
