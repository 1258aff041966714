import { sizeOf } from '../base/shape.ts'
import type { FloatConstant } from './constants.ts'
import { rounded } from './ranges.ts'

/** A weight as int8 with scales: x ≈ number · scale. */
export interface Int8Weight {
  readonly data: Int8Array
  /** One for each channel, or one for all. */
  readonly scales: Float32Array
}

/**
 * A weight in int8, symmetric about 0.
 *
 * @param axis of the channels, which have a scale each; undefined for one scale.
 * @param largest the largest number: 127, or 63 so that sums of two products fit into the 16 bits in which processors without
 * VNNI add them up.
 */
export function int8Weight(
  { shape, data }: FloatConstant,
  axis: number | undefined,
  largest: 127 | 63,
): Int8Weight {
  const channels = axis === undefined ? 1 : (shape[axis] as number)
  const inner = axis === undefined ? data.length : sizeOf(shape.slice(axis + 1))
  const channelOf = (i: number): number => Math.floor(i / inner) % channels
  const most = new Float32Array(channels)
  data.forEach((value, i) => {
    const channel = channelOf(i)
    most[channel] = Math.max(most[channel] as number, Math.abs(value))
  })
  // A channel of zeros has any scale.
  const scales = most.map((value) => (value === 0 ? 1 : value / largest))
  const numbers = new Int8Array(data.length)
  data.forEach((value, i) => {
    const number = rounded(value / (scales[channelOf(i)] as number))
    numbers[i] = Math.max(-largest, Math.min(largest, number))
  })
  return { data: numbers, scales }
}
