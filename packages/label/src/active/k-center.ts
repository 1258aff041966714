import { ArgumentError } from 'typegrad/core'

/**
 * Chooses vectors that are far from each other and from those that are known: one after the other the one whose nearest
 * neighbour among the known and the chosen is farthest away (k-center greedy; Sener and Savarese, Active Learning for
 * Convolutional Neural Networks: A Core-Set Approach, 2018). Its radius is at most twice the best one's. The first of
 * equals is taken; with nothing known, the first vector is the first that is chosen.
 *
 * @param vectors of one length; distances are Euclid's.
 * @param count how many are chosen, at most all.
 * @param known vectors that are covered already: mostly those that have labels.
 * @returns their places in `vectors`, in the order of choice.
 * @example
 * kCenterGreedy([[0], [1], [10], [11]], 2) // [0, 3]
 */
export function kCenterGreedy(
  vectors: readonly ArrayLike<number>[],
  count: number,
  known: readonly ArrayLike<number>[] = [],
): number[] {
  const length = vectors[0]?.length ?? known[0]?.length ?? 0
  const other = [...vectors, ...known].find((vector) => vector.length !== length)
  if (other !== undefined) {
    throw new ArgumentError({
      where: 'kCenterGreedy',
      expected: `vectors of one length, ${length}`,
      received: `one of ${other.length}`,
    })
  }
  // To the nearest of what is known or chosen, squared.
  const distances = new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY)
  const cover = (centre: ArrayLike<number>): void => {
    vectors.forEach((vector, i) => {
      distances[i] = Math.min(distances[i] as number, squaredDistance(vector, centre))
    })
  }
  known.forEach(cover)
  const chosen: number[] = []
  while (chosen.length < Math.min(count, vectors.length)) {
    let farthest = -1
    distances.forEach((distance, i) => {
      if (distance > (farthest < 0 ? -1 : (distances[farthest] as number))) farthest = i
    })
    chosen.push(farthest)
    cover(vectors[farthest] as ArrayLike<number>)
    distances[farthest] = -1
  }
  return chosen
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2
  return sum
}
