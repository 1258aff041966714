import { kCenterGreedy } from './k-center.ts'

/** What is known of a sample that is to be ranked. */
export interface Ranked {
  readonly uncertainty: number | undefined
  readonly embedding: ArrayLike<number> | undefined
}

export interface RankOptions {
  /** Whether the first `batch` are also to be unlike each other. */
  readonly diversity: boolean
  /** How many are labelled before the model learns again. */
  readonly batch: number
  /** Vectors of what has labels. */
  readonly known: readonly ArrayLike<number>[]
}

/** How many times as many candidates as are needed diversity chooses from: the least sure ones. */
const candidates = 10

/**
 * The least sure first; of equals the earlier, and what nothing is known of last. With diversity, the first `batch` are chosen
 * by {@link kCenterGreedy} from the ten times as many that are the least sure.
 *
 * @returns places in `samples`.
 */
export function rank(samples: readonly Ranked[], { diversity, batch, known }: RankOptions): number[] {
  const unsure = ({ uncertainty }: Ranked): number => uncertainty ?? Number.NEGATIVE_INFINITY
  const order = samples
    .map((_, i) => i)
    .sort((a, b) => {
      const [first, second] = [unsure(samples[a] as Ranked), unsure(samples[b] as Ranked)]
      return first === second ? a - b : second - first
    })
  if (!diversity) return order
  const pool = order.filter((i) => samples[i]?.embedding !== undefined).slice(0, candidates * batch)
  const vectors = pool.map((i) => samples[i]?.embedding as ArrayLike<number>)
  const front = kCenterGreedy(vectors, batch, known).map((i) => pool[i] as number)
  const chosen = new Set(front)
  return [...front, ...order.filter((i) => !chosen.has(i))]
}
