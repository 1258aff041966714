import { hostRandom, type Work } from 'typegrad/core'
import type { VectorRows } from './vector-rows.ts'

/** Rounds of k-means; later ones move few vectors. */
const rounds = 8
/** Vectors of each list that centres are found by. */
const sampled = 128

/**
 * Vectors in lists of near ones (the inverted file of Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", 2011).
 *
 * A product is large for long vectors too, which lie far from what is near by angle. Each vector is therefore given one number more that
 * makes all of them equally long, √(M² − ‖x‖²), and a query 0 (Bachrach et al., "Speeding up the Xbox recommender system", 2014): what has
 * the largest product is then what is nearest by angle, and lists are by k-means on the sphere.
 */
export class InvertedFile {
  readonly #centres: Float64Array
  readonly #width: number
  readonly #rows: readonly Uint32Array[]

  constructor(centres: Float64Array, width: number, rows: readonly Uint32Array[]) {
    this.#centres = centres
    this.#width = width
    this.#rows = rows
  }

  /** Places of the vectors in the lists that are nearest to a query. */
  candidates(query: ArrayLike<number>, probes: number): Uint32Array {
    const scores = this.#rows.map((_, list) => {
      let sum = 0
      // The number that was added is 0 in a query.
      for (let d = 0; d < query.length; d++)
        sum += (query[d] as number) * (this.#centres[list * this.#width + d] as number)
      return sum
    })
    const nearest = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number))
    const chosen = nearest.slice(0, probes).map((list) => this.#rows[list] as Uint32Array)
    const found = new Uint32Array(chosen.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const rows of chosen) {
      found.set(rows, at)
      at += rows.length
    }
    return found.sort()
  }
}

/** Makes lists, as work that yields between portions of vectors. */
export function* invertedFile(vectors: VectorRows, lists: number, seed: number): Work<InvertedFile> {
  const { count, dimensions } = vectors
  const width = dimensions + 1
  const lifted = liftedRows(vectors)
  yield
  const order = drawn(count, Math.min(count, lists * sampled), seed)
  const centres = new Float64Array(lists * width)
  for (let list = 0; list < lists; list++)
    centres.set(
      lifted.subarray((order[list] as number) * width, ((order[list] as number) + 1) * width),
      list * width,
    )
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(centres.length)
    for (const [i, row] of order.entries()) {
      const list = nearestCentre(lifted, row, centres, lists, width)
      for (let d = 0; d < width; d++)
        sums[list * width + d] = (sums[list * width + d] as number) + (lifted[row * width + d] as number)
      if (i % 256 === 0) yield
    }
    for (let list = 0; list < lists; list++) {
      const own = sums.subarray(list * width, (list + 1) * width)
      const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0))
      // A centre that nothing is near to stays where it is.
      if (length > 0)
        centres.set(
          own.map((value) => value / length),
          list * width,
        )
    }
  }
  const rows = Array.from({ length: lists }, (): number[] => [])
  for (let row = 0; row < count; row++) {
    rows[nearestCentre(lifted, row, centres, lists, width)]?.push(row)
    if (row % 256 === 0) yield
  }
  return new InvertedFile(
    centres,
    width,
    rows.map((list) => Uint32Array.from(list)),
  )
}

/** Vectors of one length, 1, with one number more each. */
function liftedRows({ count, dimensions, values }: VectorRows): Float64Array {
  const squares = Float64Array.from({ length: count }, (_, row) => {
    const own = values.subarray(row * dimensions, (row + 1) * dimensions)
    return own.reduce((sum, value) => sum + value * value, 0)
  })
  const most = squares.reduce((a, b) => Math.max(a, b), 0) || 1
  const lifted = new Float64Array(count * (dimensions + 1))
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < dimensions; d++)
      lifted[row * (dimensions + 1) + d] = (values[row * dimensions + d] as number) / Math.sqrt(most)
    lifted[row * (dimensions + 1) + dimensions] = Math.sqrt(Math.max(0, 1 - (squares[row] as number) / most))
  }
  return lifted
}

function nearestCentre(
  lifted: Float64Array,
  row: number,
  centres: Float64Array,
  lists: number,
  width: number,
): number {
  let [best, nearest] = [Number.NEGATIVE_INFINITY, 0]
  for (let list = 0; list < lists; list++) {
    let sum = 0
    for (let d = 0; d < width; d++)
      sum += (lifted[row * width + d] as number) * (centres[list * width + d] as number)
    if (sum > best) [best, nearest] = [sum, list]
  }
  return nearest
}

/** Some of the places below `count`, each once. */
function drawn(count: number, some: number, seed: number): Uint32Array {
  const below = hostRandom(seed, 0x1f11e)
  const order = Uint32Array.from({ length: count }, (_, place) => place)
  for (let i = 0; i < some; i++) {
    const j = i + below(count - i)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  return order.subarray(0, some)
}
