import { FormatError } from 'typegrad/core'
import { readArray, readNumbers, readPart } from '../../saving/saved.ts'
import type { Grouped } from '../interactions/interactions.ts'
import type { NeighbourTable } from './neighbour-table.ts'
import type { ScoredItem, Scorer } from './scorer.ts'
import { biasScorer, readVectorScorer, type VectorScorer } from './vector-scorer.ts'

interface NeighbourParts {
  readonly biases: VectorScorer
  readonly table: NeighbourTable
  /** What each user took, and for what. */
  readonly history: Grouped
  /** Of how many neighbours the mean is taken; 0 for the sum over all. */
  readonly most: number
}

/**
 * Scores by neighbours: b_ui + Σ_j s_ij · x_uj, over the items j that the user took and that are neighbours of i. Of ratings the sum over
 * the nearest of them, divided by Σ_j s_ij.
 */
export class NeighbourScorer implements Scorer {
  readonly kind = 'neighbours'
  readonly #parts: NeighbourParts

  constructor(parts: NeighbourParts) {
    this.#parts = parts
  }

  pairs(users: Int32Array, items: Int32Array): Float64Array {
    const scores = this.#parts.biases.pairs(users, items)
    const of = new Map<number, Map<number, number>>()
    for (let row = 0; row < scores.length; row++) {
      const [user, item] = [users[row] as number, items[row] as number]
      if (user < 0 || item < 0) continue
      const taken = of.get(user) ?? this.#takenBy(user)
      of.set(user, taken)
      scores[row] = (scores[row] as number) + this.#scoreOf(item, (other) => taken.get(other))
    }
    return scores
  }

  all(user: number): Float64Array {
    const { biases } = this.#parts
    const scores = biases.all(user)
    if (user < 0) return scores
    const taken = this.#takenBy(user)
    const dense = new Float64Array(scores.length).fill(Number.NaN)
    for (const [item, value] of taken) dense[item] = value
    return scores.map((score, item) => score + this.#scoreOf(item, (other) => dense[other]))
  }

  #takenBy(user: number): Map<number, number> {
    const { starts, others, ratings } = this.#parts.history
    const taken = new Map<number, number>()
    for (let row = starts[user] as number; row < (starts[user + 1] as number); row++)
      taken.set(others[row] as number, ratings[row] as number)
    return taken
  }

  /** What neighbours add to a score: the nearest come first. */
  #scoreOf(item: number, taken: (other: number) => number | undefined): number {
    const { table, most } = this.#parts
    let [sum, weights, used] = [0, 0, 0]
    for (let at = item * table.most; at < (item + 1) * table.most; at++) {
      const other = table.items[at] as number
      if (other < 0 || (most > 0 && used === most)) break
      const value = taken(other)
      if (value === undefined || Number.isNaN(value)) continue
      const similarity = table.similarities[at] as number
      sum += similarity * value
      weights += similarity
      used += 1
    }
    return most === 0 ? sum : weights > 0 ? sum / weights : 0
  }

  /** The nearest items, with how near they are. */
  similar(item: number, k: number): ScoredItem[] {
    const { items, similarities, most } = this.#parts.table
    const own = Array.from(items.subarray(item * most, item * most + Math.min(k, most)))
    return own.flatMap((other, place) =>
      other < 0 ? [] : [{ item: other, score: similarities[item * most + place] as number }],
    )
  }

  /** Of what is taken; how a rating differs from its biases would have to be learned. */
  get informed(): ((history: Grouped) => Promise<Scorer>) | undefined {
    const { biases, most } = this.#parts
    if (most > 0) return undefined
    return async (history) => {
      const users = new Float32Array(history.starts.length - 1)
      return new NeighbourScorer({
        ...this.#parts,
        biases: biasScorer(0, users, biases.vectors.itemBiases),
        history: { ...history, ratings: new Float64Array(history.others.length).fill(1) },
      })
    }
  }

  toSaved() {
    const { biases, table, history, most } = this.#parts
    return {
      biases: biases.toSaved(),
      shape: [table.most, most],
      neighbours: table.items,
      similarities: table.similarities,
      starts: history.starts,
      taken: history.others,
      values: history.ratings,
    }
  }
}

/** @throws FormatError for what is damaged. */
export function readNeighbourScorer(saved: unknown): NeighbourScorer {
  const biases = readVectorScorer(readPart(saved, 'biases'))
  const [kept = 0, most = 0] = readNumbers(saved, 'shape')
  const table = {
    most: kept,
    items: readArray(saved, 'neighbours', Int32Array),
    similarities: readArray(saved, 'similarities', Float32Array),
  }
  const history = {
    starts: readArray(saved, 'starts', Uint32Array),
    others: readArray(saved, 'taken', Int32Array),
    ratings: readArray(saved, 'values', Float64Array),
  }
  const [users, items] = [biases.vectors.userBiases.length, biases.vectors.itemBiases.length]
  const isWhole =
    table.items.length === items * kept &&
    table.similarities.length === items * kept &&
    table.items.every((item) => item >= -1 && item < items) &&
    history.starts.length === users + 1 &&
    history.starts[users] === history.others.length &&
    history.ratings.length === history.others.length &&
    history.others.every((item) => item >= 0 && item < items)
  if (isWhole) return new NeighbourScorer({ biases, table, history, most })
  throw new FormatError({
    where: 'recommender: neighbours',
    expected: `tables of ${items} items and ${users} users`,
    received: 'others',
    fix: 'The file is damaged: restore it from a copy, or train the model again.',
  })
}
