import { arange, ops, type Tensor, tensor } from 'typegrad'
import { bucketsByDistance } from './relative-positions.ts'

/**
 * Which bucket a distance is in, for encoders that learn of distances by buckets: each near one has its own, farther ones
 * share one with more and more of their like.
 */
export interface RelativeBuckets {
  /** Distances that are farther are in the same bucket as this one. */
  readonly farthest: number
  /** The bucket of each distance from −farthest to farthest. */
  readonly table: Int32Array
}

function tableOf(farthest: number, bucketOf: (distance: number) => number): RelativeBuckets {
  return { farthest, table: Int32Array.from({ length: 2 * farthest + 1 }, (_, i) => bucketOf(i - farthest)) }
}

/** The nearest number of float32, in which PyTorch computes these: at a bucket's edge the last bit decides. */
const f32 = Math.fround

/**
 * T5's buckets for both directions, which MPNet has too: half of them for keys behind the query, and of each half one half
 * for the nearest distances, the others growing by a factor up to `maxDistance`.
 *
 * Raffel et al. 2019, https://arxiv.org/abs/1910.10683, section 2.1
 *
 * @returns of the distance key − query.
 */
export const bidirectionalBuckets = (buckets: number, maxDistance: number): RelativeBuckets => ({
  farthest: maxDistance,
  table: bucketsByDistance({ buckets, maxDistance, bidirectional: true }),
})

/**
 * DeBERTa's buckets: distances up to half of `buckets` each have their own, farther ones grow by a factor up to
 * `maxDistance`.
 *
 * He et al. 2021, https://arxiv.org/abs/2111.09543; the formula is that of its code.
 *
 * @returns of the distance query − key: −buckets + 1 to buckets − 1, and farther ones beyond `maxDistance`.
 */
export function signedLogBuckets(buckets: number, maxDistance: number): RelativeBuckets {
  const middle = Math.floor(buckets / 2)
  const scale = f32(Math.log(f32((maxDistance - 1) / middle)))
  return tableOf(maxDistance, (distance) => {
    const far = Math.abs(distance)
    if (far <= middle) return distance
    const grown = f32(f32(f32(Math.log(f32(far / middle))) / scale) * (middle - 1))
    return Math.sign(distance) * (Math.ceil(grown) + middle)
  })
}

/**
 * The bucket of the distance from each row's position to each column's.
 *
 * @returns (length, length), int32: of row − column.
 */
export function bucketsOf(length: number, { farthest, table }: RelativeBuckets): Tensor {
  const places = arange(0, length, 1, { dtype: 'int32' })
  const distances = places.reshape([length, 1]).sub(places)
  const found = distances.clip({ min: -farthest, max: farthest }).add(farthest)
  return ops.gather(tensor(table), found)
}
