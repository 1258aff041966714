import { arange, type Tensor, tensor } from 'typegrad'

export interface RelativeBuckets {
  /** How many there are: half of them for keys behind the query, where it sees these. */
  readonly buckets: number
  /** From this distance on all keys are in the last bucket. */
  readonly maxDistance: number
  /** Whether a query sees keys after its own position. */
  readonly bidirectional: boolean
}

/**
 * The bucket of each distance of a key from a query, from −maxDistance to maxDistance: near ones have a bucket each, farther
 * ones share buckets that widen with the logarithm of the distance.
 *
 * Raffel et al. 2020, section 2.1, https://arxiv.org/abs/1910.10683
 *
 * @returns 2 · maxDistance + 1 numbers.
 */
export function bucketsByDistance({ buckets, maxDistance, bidirectional }: RelativeBuckets): Int32Array {
  const side = bidirectional ? buckets >> 1 : buckets
  const exact = side >> 1
  const span = Math.fround(Math.log(maxDistance / exact))
  return Int32Array.from({ length: 2 * maxDistance + 1 }, (_, i) => {
    const distance = i - maxDistance
    const isAfter = bidirectional && distance > 0
    const away = bidirectional ? Math.abs(distance) : Math.max(-distance, 0)
    // In float32, as those did who trained the models: where a bucket begins depends on the rounding.
    const share = Math.fround(Math.fround(Math.log(Math.fround(away / exact))) / span)
    const wide = exact + Math.trunc(Math.fround(share * (side - exact)))
    return (isAfter ? side : 0) + (away < exact ? away : Math.min(wide, side - 1))
  })
}

/**
 * The bucket of each key for each query.
 *
 * @param table of {@link bucketsByDistance}.
 * @param queries where they stand: (queries) or (batch, queries), int32.
 * @param keys how many there are; they stand at 0, 1, …
 * @returns (…, queries, keys), int32.
 */
export function relativeBuckets(table: Int32Array, queries: Tensor, keys: number): Tensor {
  const farthest = (table.length - 1) / 2
  const distances = arange(0, keys, 1, { dtype: 'int32' }).sub(queries.expandDims(-1))
  const near = distances.clip({ min: -farthest, max: farthest })
  return tensor(table).gather(near.add(farthest).cast('int32'))
}
