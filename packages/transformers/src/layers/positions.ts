import { arange, type Tensor } from 'typegrad'
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
