import { hostRandom } from 'typegrad/core'

/** Numbers from 0 to 1, from a seed. */
export function numbersFrom(seed: number): () => number {
  const below = hostRandom(seed)
  return () => below(2 ** 32) / 2 ** 32
}
