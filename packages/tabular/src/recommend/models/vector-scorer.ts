import { FormatError } from 'typegrad/core'
import { readArray, readNumbers } from '../../saving/saved.ts'
import { topItems } from '../measures/top-items.ts'
import type { VectorRows } from '../retrieval/vector-rows.ts'
import type { ScoredItem, Scorer, ScorerVectors } from './scorer.ts'

/**
 * Scores by vectors: μ + b_u + c_i + p_u · q_i. The parts of a user or an item that was never seen are 0, so that what is left are means.
 */
export class VectorScorer implements Scorer {
  readonly kind = 'vectors'
  readonly vectors: ScorerVectors

  constructor(vectors: ScorerVectors) {
    this.vectors = vectors
  }

  pairs(users: Int32Array, items: Int32Array): Float64Array {
    const { mean, userBiases, itemBiases, users: p, items: q } = this.vectors
    const scores = new Float64Array(users.length)
    for (let row = 0; row < scores.length; row++) {
      const [user, item] = [users[row] as number, items[row] as number]
      let score = mean + (userBiases[user] ?? 0) + (itemBiases[item] ?? 0)
      if (user >= 0 && item >= 0) score += dot(p, user, q, item)
      scores[row] = score
    }
    return scores
  }

  all(user: number): Float64Array {
    const { mean, userBiases, itemBiases, users, items } = this.vectors
    const base = mean + (userBiases[user] ?? 0)
    return Float64Array.from(
      itemBiases,
      (bias, item) => base + bias + (user < 0 ? 0 : dot(users, user, items, item)),
    )
  }

  /** By the cosine of the vectors. */
  similar(item: number, k: number): ScoredItem[] {
    const { items } = this.vectors
    return items.dimensions === 0 ? [] : nearestByCosine(items, item, k)
  }

  toSaved() {
    const { mean, userBiases, itemBiases, users, items } = this.vectors
    return {
      mean,
      shape: [users.count, items.count, users.dimensions],
      userBiases: userBiases,
      itemBiases: itemBiases,
      users: users.values,
      items: items.values,
    }
  }
}

/** What scores as vectors do that were found in another way. */
export abstract class ByVectors {
  protected readonly found: VectorScorer

  constructor(found: VectorScorer) {
    this.found = found
  }

  get vectors(): ScorerVectors {
    return this.found.vectors
  }

  pairs(users: Int32Array, items: Int32Array): Float64Array {
    return this.found.pairs(users, items)
  }

  all(user: number): Float64Array {
    return this.found.all(user)
  }

  similar(item: number, k: number): readonly ScoredItem[] {
    return this.found.similar(item, k)
  }
}

/** The product of a vector of one table with one of another. */
export function dot(a: VectorRows, i: number, b: VectorRows, j: number): number {
  const { dimensions } = a
  let sum = 0
  for (let d = 0, at = i * dimensions, to = j * dimensions; d < dimensions; d++, at++, to++)
    sum += (a.values[at] as number) * (b.values[to] as number)
  return sum
}

/** The items whose vectors have the directions that are nearest to that of one; none for a vector of 0. */
function nearestByCosine(items: VectorRows, item: number, k: number): ScoredItem[] {
  const length = (i: number): number => Math.sqrt(dot(items, i, items, i))
  const own = length(item)
  if (own === 0) return []
  const cosines = Float64Array.from({ length: items.count }, (_, other) => {
    const product = own * length(other)
    return product === 0 ? Number.NaN : dot(items, item, items, other) / product
  })
  return Array.from(topItems(cosines, k, new Set([item])), (other) => ({
    item: other,
    score: cosines[other] as number,
  }))
}

/** @throws FormatError for what is damaged. */
export function readVectorScorer(saved: unknown): VectorScorer {
  const [users = 0, items = 0, dimensions = 0] = readNumbers(saved, 'shape')
  const numbers = (name: string, length: number): Float32Array => {
    const values = readArray(saved, name, Float32Array)
    if (values.length === length) return values
    throw new FormatError({
      where: `recommender: ${name}`,
      expected: `${length} numbers`,
      received: `${values.length}`,
      fix: 'The file is damaged: restore it from a copy, or train the model again.',
    })
  }
  const [mean = 0] = readNumbers({ mean: [(saved as { readonly mean?: unknown }).mean] }, 'mean')
  return new VectorScorer({
    mean,
    userBiases: numbers('userBiases', users),
    itemBiases: numbers('itemBiases', items),
    users: { count: users, dimensions, values: numbers('users', users * dimensions) },
    items: { count: items, dimensions, values: numbers('items', items * dimensions) },
  })
}

/** Scores by biases alone. */
export const biasScorer = (mean: number, userBiases: Float32Array, itemBiases: Float32Array): VectorScorer =>
  new VectorScorer({
    mean,
    userBiases,
    itemBiases,
    users: { count: userBiases.length, dimensions: 0, values: new Float32Array(0) },
    items: { count: itemBiases.length, dimensions: 0, values: new Float32Array(0) },
  })
