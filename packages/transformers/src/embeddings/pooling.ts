/**
 * `embeddings/`: one vector for a whole text, as sentence-transformers makes them: states are pooled, perhaps projected and
 * normalized. It knows `checkpoint/`, `models/`, `layers/` and `base/`.
 */
import { arange, ones, ops, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'

/** Ways to make one vector of the states of a text's tokens, by the names of sentence-transformers. */
export const poolingModes = [
  'cls',
  'max',
  'mean',
  'mean_sqrt_len_tokens',
  'weightedmean',
  'lasttoken',
] as const

export type PoolingMode = (typeof poolingModes)[number]

/** No text is so empty that it is divided by 0. */
const divide = (sum: Tensor, by: Tensor): Tensor => sum.div(by.maximum(1e-9))

/** What of states (batch, length, width) with shares (batch, length) is left: (batch, width). */
const weighted = (states: Tensor, shares: Tensor): Tensor => states.mul(shares.expandDims(-1)).sum(1)

interface Pooled {
  /** (batch, length, width) */
  readonly states: Tensor
  /** (batch, length), 1 or 0 in the states' dtype. */
  readonly counts: Tensor
}

/** How far each position is behind the first that counts: (batch, length). */
function behindFirst({ states, counts }: Pooled): Tensor {
  const places = arange(0, states.shape[1] as number, 1, { dtype: 'int32' })
  return places.sub(ops.argMax(counts, 1).expandDims(-1)).cast(states.dtype)
}

const pool: Readonly<Record<PoolingMode, (pooled: Pooled) => Tensor>> = {
  cls: (pooled) => weighted(pooled.states, behindFirst(pooled).equal(0).cast(pooled.states.dtype)),
  max: ({ states, counts }) => ops.where(counts.expandDims(-1).cast('bool'), states, -Infinity).max(1),
  mean: ({ states, counts }) => divide(weighted(states, counts), counts.sum(1, { keepDims: true })),
  mean_sqrt_len_tokens: ({ states, counts }) =>
    weighted(states, counts).div(counts.sum(1, { keepDims: true }).maximum(1e-9).sqrt()),
  // The n-th token counts n times: Muennighoff 2022, https://arxiv.org/abs/2202.08904
  weightedmean(pooled) {
    const shares = behindFirst(pooled).add(1).mul(pooled.counts)
    return divide(weighted(pooled.states, shares), shares.sum(1, { keepDims: true }))
  },
  lasttoken({ states, counts }) {
    const left = ops.cumsum(counts, 1, { reverse: true }).equal(1).cast(states.dtype)
    return weighted(states, left.mul(counts))
  },
}

/**
 * One vector for each text, of the states of its tokens: those of several modes stand behind each other.
 *
 * The definitions are those of sentence-transformers (Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084): the first
 * token that counts, the largest number of each feature, the mean, the sum over the root of the length, the mean in which the
 * n-th token counts n times, the last token that counts.
 *
 * @param states (batch, length, width)
 * @param attentionMask (batch, length): 1 for tokens that count, 0 for padding, on either side. Default: all count.
 * @returns (batch, width · modes)
 * @throws ArgumentError for a mode that is none, or no mode.
 * @example
 * const states = tensor([[[1, 5], [3, 1], [9, 9]]])
 * poolStates(states, tensor([[1, 1, 0]]), ['mean']) // [[2, 3]]
 */
export function poolStates(
  states: Tensor,
  attentionMask: Tensor | undefined,
  modes: readonly PoolingMode[],
): Tensor {
  const odd = modes.find((mode) => !poolingModes.includes(mode))
  if (odd !== undefined || modes.length === 0) {
    throw new ArgumentError({
      where: 'poolStates: modes',
      expected: `one or more of ${poolingModes.map((mode) => `'${mode}'`).join(', ')}`,
      received: odd === undefined ? 'none' : `'${odd}'`,
    })
  }
  const [batch, length] = states.shape as readonly [number, number, number]
  const counts = attentionMask?.cast(states.dtype) ?? ones([batch, length], { dtype: states.dtype })
  const pooled = modes.map((mode) => pool[mode]({ states, counts }))
  return pooled.length === 1 ? (pooled[0] as Tensor) : ops.concat(pooled, -1)
}
