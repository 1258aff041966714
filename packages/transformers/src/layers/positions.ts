import { arange, type Tensor, tensor } from 'typegrad'
import type { NetworkContext } from './network.ts'

/**
 * Where the tokens stand: those that the call was given, or counted from 0, from the cache's offset, or from the beginning of
 * each one's segment.
 *
 * @param length how many tokens there are.
 * @returns (length) or (batch, length), int32.
 */
export function positionsOf(length: number, { positionIds, segmentIds, cache }: NetworkContext): Tensor {
  if (positionIds !== undefined) return positionIds
  if (segmentIds !== undefined) return positionsWithin(segmentIds)
  const counted = arange(0, length, 1, { dtype: 'int32' })
  return cache === undefined ? counted : counted.add(cache.offset)
}

/**
 * Positions of tokens counted among those of their own segment.
 *
 * @param segmentIds (batch, length), int32.
 * @returns (batch, length), int32.
 */
export function positionsWithin(segmentIds: Tensor): Tensor {
  const length = segmentIds.shape[1] as number
  const places = arange(0, length, 1, { dtype: 'int32' })
  const isBefore = places.expandDims(0).less(places.expandDims(1)) // (length, length): [token, other]
  const isOwn = segmentIds.expandDims(2).equal(segmentIds.expandDims(1)) // (batch, length, length)
  return isOwn.logicalAnd(isBefore).cast('float32').sum(-1).cast('int32')
}

/** Whether sine and cosine of a frequency stand beside each other, or all sines before all cosines. */
export type SinusoidLayout = 'interleaved' | 'halves'

/**
 * Positions as waves: sin and cos of position / 10000^(2i / width), i counted from 0.
 *
 * Vaswani et al. 2017, section 3.5, https://arxiv.org/abs/1706.03762
 *
 * @returns (positions, width)
 */
export function sinusoids(positions: number, width: number, layout: SinusoidLayout): Tensor {
  const table = new Float32Array(positions * width)
  for (let position = 0; position < positions; position++) {
    for (let feature = 0; feature < width; feature++) {
      const i = feature >> 1
      const angle = position / 10_000 ** ((2 * i) / width)
      const isCosine = feature % 2 === 1
      const place = layout === 'interleaved' ? feature : i + (isCosine ? Math.ceil(width / 2) : 0)
      table[position * width + place] = isCosine ? Math.cos(angle) : Math.sin(angle)
    }
  }
  return tensor(table, { shape: [positions, width] })
}
