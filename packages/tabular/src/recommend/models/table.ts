import { biases, itemMeans } from './biases.ts'
import { factors } from './factors.ts'
import { neighbours } from './neighbours.ts'
import { popularity } from './popularity.ts'
import { bpr, softmax } from './ranking-factors.ts'
import type { RecommendCandidate } from './scorer.ts'
import { sequences } from './sequences.ts'
import { twoTowers } from './two-towers.ts'

/** What models are called. */
export type RecommendModelName =
  | 'item means'
  | 'biases'
  | 'popularity'
  | 'neighbours'
  | 'factors'
  | 'BPR'
  | 'softmax'
  | 'two towers'
  | 'SASRec'

/** The models that are tried, in the order in which they are: the baselines however short the time is. */
export const candidates: readonly RecommendCandidate<RecommendModelName>[] = [
  itemMeans,
  biases,
  popularity,
  neighbours,
  factors,
  bpr,
  softmax,
  twoTowers,
  sequences,
]

/** Models that need no time: what others are held against. */
export const baselines: readonly RecommendModelName[] = ['item means', 'biases', 'popularity']

export const modelNames: readonly RecommendModelName[] = candidates.map(({ name }) => name)
