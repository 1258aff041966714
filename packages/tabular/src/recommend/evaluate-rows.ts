import type { Category, Frame } from '@typegrad/data'
import { DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { checkColumn } from '../features/frame-of.ts'
import type { Score } from '../scores/interval.ts'
import type { Catalogue } from './interactions/catalogue.ts'
import { type Grouped, type Interactions, interactionsAt, ofSomeUsers } from './interactions/interactions.ts'
import { judgeLists, judgeRatings, mostJudged, scoresOfLists } from './measures/judge.ts'
import { coverage } from './measures/ranking.ts'
import type { Scorer } from './models/scorer.ts'
import type { RecommendReport } from './recommend-report.ts'

export interface EvaluateRecommenderOptions {
  /** Of the draws that intervals are made by. Default 0. */
  readonly seed?: number
}

export const evaluateChecks = optionsOf<EvaluateRecommenderOptions>()({ seed: checks.integer })

/** How good a recommender is on rows that it was not trained on. */
export interface RecommenderEvaluation {
  /** The metrics of the model's report, with intervals of 95 %. */
  readonly scores: readonly Score[]
  /** Of rankings: the share of the items that are in a list of some user. */
  readonly coverage?: number
  /** Rows that were judged. */
  readonly rows: number
  /** Of rankings: users whose lists were judged. */
  readonly users?: number
  /** Rows without a user, an item or a rating, which were left out. */
  readonly incomplete: number
  /** Rows whose user or item the model has never seen, which were left out. */
  readonly unseen: number
  /** Of rankings: rows of what the user had taken when the model was trained, which no list has again. They were left out. */
  readonly repeated: number
}

interface Judged {
  readonly report: RecommendReport
  readonly users: Catalogue
  readonly items: Catalogue
  /** What each user took in training. */
  readonly seen: Grouped
  readonly scorer: Scorer
  readonly within: (scores: Float64Array) => Float64Array
}

/** Judges a recommender on other rows. @throws ArgumentError for columns that there are not; DataError where no row is left. */
export async function evaluateRows(
  model: Judged,
  frame: Frame,
  seed: number,
): Promise<RecommenderEvaluation> {
  const { report, users, items, seen, scorer } = model
  const isRated = report.task === 'ratings' && report.rating !== undefined
  const columns = [report.user.column, report.item.column, ...(isRated ? [report.rating as string] : [])]
  for (const column of columns) checkColumn(frame, 'evaluate', column)
  const people = frame.categories(report.user.column, 'evaluate')
  const things = frame.categories(report.item.column, 'evaluate')
  const placeOf = (catalogue: Catalogue) => (id: Category | null) =>
    id === null ? -1 : catalogue.placeOf(id)
  const all: Interactions = {
    users: Int32Array.from(people, placeOf(users)),
    items: Int32Array.from(things, placeOf(items)),
    ratings: isRated
      ? frame.numbers(report.rating as string, 'evaluate')
      : new Float64Array(frame.length).fill(1),
    times: Float64Array.from(people, (_, row) => row),
  }
  const taken = isRated ? undefined : pairsOf(seen)
  const counts = { incomplete: 0, unseen: 0, repeated: 0 }
  const rows: number[] = []
  for (let row = 0; row < frame.length; row++) {
    const [user, item] = [all.users[row] as number, all.items[row] as number]
    if (people[row] === null || things[row] === null || Number.isNaN(all.ratings[row])) counts.incomplete++
    else if (user < 0 || item < 0) counts.unseen++
    else if (taken?.(user, item) === true) counts.repeated++
    else rows.push(row)
  }
  if (rows.length === 0) throw nothingLeft(frame.length, counts)
  const held = interactionsAt(all, rows)
  if (isRated)
    return {
      scores: judgeRatings(held.ratings, model.within(scorer.pairs(held.users, held.items)), seed),
      rows: rows.length,
      ...counts,
    }
  const judged = await judgeLists(scorer, seen, ofSomeUsers(held, mostJudged), users.length, report.k)
  return {
    scores: scoresOfLists(judged, report.k, seed),
    coverage: coverage(judged.lists, items.length),
    rows: rows.length,
    users: judged.lists.length,
    ...counts,
  }
}

/** Whether a user took an item. */
function pairsOf({ starts, others }: Grouped): (user: number, item: number) => boolean {
  const sets = new Map<number, ReadonlySet<number>>()
  return (user, item) => {
    const own = sets.get(user) ?? new Set(others.subarray(starts[user], starts[user + 1]))
    sets.set(user, own)
    return own.has(item)
  }
}

const nothingLeft = (
  rows: number,
  { incomplete, unseen, repeated }: Pick<RecommenderEvaluation, 'incomplete' | 'unseen' | 'repeated'>,
): DataError =>
  new DataError({
    where: 'evaluate',
    expected: 'rows of users and items that the model knows, taken after it was trained',
    received: `${rows} rows: ${incomplete} incomplete, ${unseen} of a user or an item that it has never seen, ${repeated} that it was trained on`,
  })
