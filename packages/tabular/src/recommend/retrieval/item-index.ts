import type { ScorerVectors } from '../models/scorer.ts'
import { type VectorIndex, vectorIndex } from './vector-index.ts'

/** An approximate index of items, whose biases are a dimension more. */
export function itemIndex({ items, itemBiases }: ScorerVectors): Promise<VectorIndex> {
  const { count, dimensions } = items
  const values = new Float32Array(count * (dimensions + 1))
  for (let item = 0; item < count; item++) {
    values.set(items.values.subarray(item * dimensions, (item + 1) * dimensions), item * (dimensions + 1))
    values[item * (dimensions + 1) + dimensions] = itemBiases[item] as number
  }
  return vectorIndex({ count, dimensions: dimensions + 1, values }, { search: 'approximate' })
}

/** A user as a query of such an index: the bias of an item counts once. */
export function userQuery({ users }: ScorerVectors, user: number): Float32Array {
  const query = new Float32Array(users.dimensions + 1).fill(1)
  query.set(users.values.subarray(user * users.dimensions, (user + 1) * users.dimensions))
  return query
}
