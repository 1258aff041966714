/**
 * `recommend/retrieval/`: the vectors that are nearest to one, by looking at all of them or at a part. It knows numbers, and nothing of users and
 * items.
 */
import { ArgumentError, checkOptions, optionsOf, paced } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { topItems } from '../measures/top-items.ts'
import { type InvertedFile, invertedFile } from './inverted-file.ts'
import type { VectorRows } from './vector-rows.ts'

export interface VectorIndexOptions {
  /**
   * `'exact'`: all vectors are looked at. `'approximate'`: they are divided into lists of near ones, of which a query looks at the nearest
   * (an inverted file). Default `'exact'`.
   */
  readonly search?: 'exact' | 'approximate'
  /** By what vectors are near: the product, or the cosine. Default `'product'`. */
  readonly measure?: 'product' | 'cosine'
  /** Of an approximate index: lists. Default the root of the number of vectors. */
  readonly lists?: number
  /** Of an approximate index: lists that a query looks at; more of them find more. Default a fifth, at least 4. */
  readonly probes?: number
  /** Of the lists, which begin at random. Default 0. */
  readonly seed?: number
}

const indexChecks = optionsOf<VectorIndexOptions>()({
  search: checks.oneOf('exact', 'approximate'),
  measure: checks.oneOf('product', 'cosine'),
  lists: checks.count,
  probes: checks.count,
  seed: checks.integer,
})

/** A vector that was found. */
export interface FoundVector {
  /** Its place, from 0. */
  readonly row: number
  /** The product or the cosine. */
  readonly score: number
}

/**
 * An index of vectors, for the nearest of them to a query.
 *
 * @param vectors one behind the other: `count` times `dimensions` numbers.
 * @throws ArgumentError for options that cannot be, and numbers that are not as many.
 * @example
 * const index = await vectorIndex({ count: 3, dimensions: 2, values: Float32Array.of(1, 0, 0, 1, 2, 2) })
 * index.search([1, 0], 2) // [{ row: 2, score: 2 }, { row: 0, score: 1 }]
 */
export async function vectorIndex(
  vectors: VectorRows,
  options: VectorIndexOptions = {},
): Promise<VectorIndex> {
  checkOptions('vectorIndex', options, indexChecks)
  const { search = 'exact', measure = 'product', seed = 0 } = options
  const { count, dimensions, values } = vectors
  if (values.length !== count * dimensions || dimensions < 1)
    throw new ArgumentError({
      where: 'vectorIndex',
      expected: `${count} vectors of ${dimensions} numbers`,
      received: `${values.length} numbers`,
    })
  const kept = measure === 'cosine' ? normalized(vectors) : vectors
  if (search === 'exact' || count === 0) return new VectorIndex(kept, measure)
  const lists = Math.min(count, options.lists ?? Math.ceil(Math.sqrt(count)))
  const probes = Math.min(lists, options.probes ?? Math.max(4, Math.ceil(lists / 5)))
  return new VectorIndex(kept, measure, { file: await paced(invertedFile(kept, lists, seed)), probes })
}

interface Approximation {
  readonly file: InvertedFile
  readonly probes: number
}

/** Finds the nearest of some vectors, as {@link vectorIndex} makes it. */
export class VectorIndex {
  readonly #vectors: VectorRows
  readonly #measure: 'product' | 'cosine'
  readonly #approximation: Approximation | undefined

  constructor(vectors: VectorRows, measure: 'product' | 'cosine', approximation?: Approximation) {
    this.#vectors = vectors
    this.#measure = measure
    this.#approximation = approximation
  }

  /**
   * The nearest vectors, at most `k`, the nearest first; of equal ones the earlier.
   *
   * @param leftOut places that are not wanted.
   * @throws ArgumentError for a query of another length.
   */
  search(query: ArrayLike<number>, k: number, leftOut?: ReadonlySet<number>): FoundVector[] {
    const { dimensions, count } = this.#vectors
    if (query.length !== dimensions)
      throw new ArgumentError({
        where: 'VectorIndex.search',
        expected: `a query of ${dimensions} numbers`,
        received: `${query.length}`,
      })
    const own = this.#measure === 'cosine' ? unit(query) : query
    const rows = this.#approximation?.file.candidates(own, this.#approximation.probes)
    const total = rows?.length ?? count
    const scores = new Float64Array(total)
    for (let i = 0; i < total; i++)
      scores[i] = this.#product(own, rows === undefined ? i : (rows[i] as number))
    const places =
      rows === undefined || leftOut === undefined
        ? leftOut
        : new Set(Array.from(rows.keys()).filter((i) => leftOut.has(rows[i] as number)))
    return Array.from(topItems(scores, k, places), (i) => ({
      row: rows === undefined ? i : (rows[i] as number),
      score: scores[i] as number,
    }))
  }

  /** The share of the nearest `k` that a search of all would find, on average over queries, one behind the other. */
  recall(queries: VectorRows, k: number): number {
    const all = new VectorIndex(this.#vectors, this.#measure)
    let share = 0
    for (let i = 0; i < queries.count; i++) {
      const query = queries.values.subarray(i * queries.dimensions, (i + 1) * queries.dimensions)
      const wanted = new Set(all.search(query, k).map(({ row }) => row))
      share += this.search(query, k).filter(({ row }) => wanted.has(row)).length / wanted.size
    }
    return share / queries.count
  }

  #product(query: ArrayLike<number>, row: number): number {
    const { dimensions, values } = this.#vectors
    let sum = 0
    for (let d = 0, at = row * dimensions; d < dimensions; d++, at++)
      sum += (query[d] as number) * (values[at] as number)
    return sum
  }
}

/** A vector of length 1; one of 0 stays. */
function unit(vector: ArrayLike<number>): Float64Array {
  const own = Float64Array.from(vector)
  const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? own : own.map((value) => value / length)
}

function normalized({ count, dimensions, values }: VectorRows): VectorRows {
  const made = new Float32Array(values.length)
  for (let row = 0; row < count; row++)
    made.set(unit(values.subarray(row * dimensions, (row + 1) * dimensions)), row * dimensions)
  return { count, dimensions, values: made }
}
