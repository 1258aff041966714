import { arange, type Tensor, tensor } from 'typegrad'
import type { NetworkContext } from './network.ts'

/**
 * Where the tokens stand: those that the call was given, or counted from 0, or from the cache's offset.
 *
 * @param length how many tokens there are.
 * @returns (length) or (batch, length), int32.
 */
export function positionsOf(length: number, { positionIds, cache }: NetworkContext): Tensor {
  if (positionIds !== undefined) return positionIds
  const counted = arange(0, length, 1, { dtype: 'int32' })
  return cache === undefined ? counted : counted.add(cache.offset)
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
