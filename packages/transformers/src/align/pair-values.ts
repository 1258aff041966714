import type { Tensor } from 'typegrad'

/** A number for the better answer of each pair, and one for the other: (batch) each. */
export interface PairValues {
  readonly chosen: Tensor
  readonly rejected: Tensor
}

/** Both of a pair by a function. */
export const eachOf = (
  { chosen, rejected }: PairValues,
  fn: (value: Tensor, which: 'chosen' | 'rejected') => Tensor,
): PairValues => ({ chosen: fn(chosen, 'chosen'), rejected: fn(rejected, 'rejected') })

export const differenceOf = ({ chosen, rejected }: PairValues): Tensor => chosen.sub(rejected)

/** A column: (batch, columns) → (batch). */
export function columnOf(values: Tensor, column: number): Tensor {
  const batch = values.shape[0] as number
  return values.slice([0, column], [batch, 1]).reshape([batch])
}

/** (batch, 2) as a pair. */
export const pairOf = (values: Tensor): PairValues => ({
  chosen: columnOf(values, 0),
  rejected: columnOf(values, 1),
})

/** Sums over tokens, each by its weight: (batch, texts, tokens) twice → (batch, texts). */
export const weightedSums = (logProbs: Tensor, weights: Tensor): Tensor => logProbs.mul(weights).sum(-1)
