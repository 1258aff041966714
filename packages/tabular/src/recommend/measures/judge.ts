import { paced, type Work } from 'typegrad/core'
import { type Score, scoreOf } from '../../scores/interval.ts'
import { type Metric, meanSquaredError } from '../../scores/metrics.ts'
import type { Grouped, Interactions } from '../interactions/interactions.ts'
import { grouped, othersOf } from '../interactions/interactions.ts'
import type { Scorer } from '../models/scorer.ts'
import { listMeasures } from './ranking.ts'
import { topItems } from './top-items.ts'

export const rootMeanSquaredError: Metric = {
  name: 'RMSE',
  isGain: false,
  of: (values, predictions) => Math.sqrt(meanSquaredError(values, predictions)),
}

const meanAbsoluteError: Metric = {
  name: 'MAE',
  isGain: false,
  of: (values, [first]) =>
    values.reduce((sum, value, row) => sum + Math.abs(value - (first?.[row] as number)), 0) / values.length,
}

/** Measures of ratings that are predicted, with intervals. */
export const judgeRatings = (truth: Float64Array, predicted: Float64Array, seed: number): Score[] =>
  [rootMeanSquaredError, meanAbsoluteError].map((metric) => scoreOf(metric, truth, [predicted], seed))

/** Users whose lists are judged at most. */
export const mostJudged = 5000

/** Lists of some users, and what they took. */
export interface JudgedLists {
  /** Of the users that took something, one list each. */
  readonly lists: readonly Int32Array[]
  readonly recall: Float64Array
  readonly ndcg: Float64Array
  readonly reciprocalRank: Float64Array
}

/**
 * Lists of all users that held rows tell of: all items are ranked but those that the user is known to have taken. Items that a user takes
 * twice are learned from and not judged on.
 */
export const judgeLists = (
  scorer: Scorer,
  seen: Grouped,
  held: Interactions,
  users: number,
  k: number,
): Promise<JudgedLists> => paced(listsWork(scorer, seen, held, users, k))

function* listsWork(
  scorer: Scorer,
  seen: Grouped,
  held: Interactions,
  users: number,
  k: number,
): Work<JudgedLists> {
  const wanted = grouped(held, 'users', users)
  const lists: Int32Array[] = []
  const measures: ReturnType<typeof listMeasures>[] = []
  for (let user = 0; user < users; user++) {
    const known = new Set(othersOf(seen, user))
    const taken = new Set(othersOf(wanted, user).filter((item) => !known.has(item)))
    if (taken.size === 0) continue
    const list = topItems(scorer.all(user), k, known)
    lists.push(list)
    measures.push(listMeasures(list, taken))
    yield
  }
  const each = (of: (one: ReturnType<typeof listMeasures>) => number) => Float64Array.from(measures, of)
  return {
    lists,
    recall: each(({ recall }) => recall),
    ndcg: each(({ ndcg }) => ndcg),
    reciprocalRank: each(({ reciprocalRank }) => reciprocalRank),
  }
}

/** Measures of lists: means over users, with intervals by drawing users. The first is what models are chosen by. */
export function scoresOfLists(judged: JudgedLists, k: number, seed: number): Score[] {
  const mean = (name: string, values: Float64Array): Score => {
    const metric: Metric = {
      name,
      isGain: true,
      of: (own) => own.reduce((sum, value) => sum + value, 0) / own.length,
    }
    return scoreOf(metric, values, [], seed)
  }
  return [
    mean(`NDCG@${k}`, judged.ndcg),
    mean(`recall@${k}`, judged.recall),
    mean(`MRR@${k}`, judged.reciprocalRank),
  ]
}
