import { blendWeights } from '../scores/blend.ts'
import type { Score } from '../scores/interval.ts'
import { type Grouped, type Interactions, ofSomeUsers } from './interactions/interactions.ts'
import {
  type JudgedLists,
  judgeLists,
  judgeRatings,
  mostJudged,
  rootMeanSquaredError,
  scoresOfLists,
} from './measures/judge.ts'
import { BlendScorer } from './models/blend.ts'
import type { FitContext, RecommendCandidate, RecommendTask, Scorer } from './models/scorer.ts'
import { baselines, candidates, type RecommendModelName } from './models/table.ts'

/** A model that was fitted to the training rows. */
export interface TriedScorer {
  readonly name: RecommendModelName
  readonly scorer: Scorer
  readonly epochs?: number
  /** Seconds that it took. */
  readonly seconds: number
}

/** Whether what takes time should begin nothing more. */
export const isOver = ({ deadline, stop }: Pick<FitContext, 'deadline' | 'stop'>): boolean =>
  stop?.aborted === true || performance.now() > deadline

/** Fits the candidates of a task, one after another, for as long as there is time. */
export async function fitScorers(
  context: FitContext,
  names: readonly RecommendModelName[],
  onProgress: ((message: string) => void) | undefined,
): Promise<{ readonly tried: readonly TriedScorer[]; readonly skipped: readonly RecommendModelName[] }> {
  const tried: TriedScorer[] = []
  const skipped: RecommendModelName[] = []
  for (const candidate of candidates) {
    const { name, fit } = candidate
    const isBaseline = baselines.includes(name)
    if (!fits(candidate, context) || !(isBaseline || names.includes(name))) continue
    context.signal?.throwIfAborted()
    if (!isBaseline && isOver(context)) {
      skipped.push(name)
      continue
    }
    onProgress?.(`${name}: ${context.training.users.length} interactions`)
    const began = performance.now()
    const fitted = await fit(context)
    if (fitted === undefined) skipped.push(name)
    else tried.push({ name, ...fitted, seconds: (performance.now() - began) / 1000 })
  }
  return { tried, skipped }
}

/** Whether a candidate has what it learns from. */
const fits = (
  { tasks, needsTime = false, needsFeatures = false }: RecommendCandidate,
  { task, hasTimes, features }: FitContext,
): boolean =>
  tasks.includes(task) &&
  (hasTimes || !needsTime) &&
  (features.users !== undefined || features.items !== undefined || !needsFeatures)

/** How a task is judged, and how its models become one. */
interface Judging {
  /** What models are chosen by, on watched rows. */
  watched(scorer: Scorer): Promise<number>
  /** A weight for each, 1 together, by what each reached on the watched rows. */
  weights(tried: readonly TriedScorer[], reached: readonly number[]): ArrayLike<number>
  /** Measures on the test rows. */
  test(scorer: Scorer): Promise<readonly Score[]>
}

export interface JudgedRows {
  readonly training: Grouped
  /** Training and watched rows, which the user has taken when the test rows come. */
  readonly before: Grouped
  readonly watched: Interactions
  readonly test: Interactions
  readonly users: number
  readonly items: number
  readonly k: number
  readonly seed: number
  readonly within: (scores: Float64Array) => Float64Array
}

/** Lists of the users of the test rows. */
export async function testLists(rows: JudgedRows, scorer: Scorer): Promise<JudgedLists> {
  // What users took in the watched rows is known by then.
  const informed = (await scorer.informed?.(rows.before)) ?? scorer
  return judgeLists(informed, rows.before, ofSomeUsers(rows.test, mostJudged), rows.users, rows.k)
}

/** The judging of each task. */
export const judgings: Readonly<Record<RecommendTask, (rows: JudgedRows) => Judging>> = {
  ratings: (rows) => {
    const predicted = (scorer: Scorer, { users, items }: Interactions): Float64Array =>
      rows.within(scorer.pairs(users, items))
    return {
      watched: async (scorer) =>
        rootMeanSquaredError.of(rows.watched.ratings, [predicted(scorer, rows.watched)]),
      weights: (tried) =>
        blendWeights(
          rootMeanSquaredError,
          rows.watched.ratings,
          tried.map(({ scorer }) => [predicted(scorer, rows.watched)]),
        ),
      test: async (scorer) => judgeRatings(rows.test.ratings, predicted(scorer, rows.test), rows.seed),
    }
  },
  ranking: (rows) => {
    const watched = async (scorer: Scorer): Promise<number> => {
      const { ndcg } = await judgeLists(
        scorer,
        rows.training,
        ofSomeUsers(rows.watched, mostJudged),
        rows.users,
        rows.k,
      )
      return ndcg.reduce((sum, value) => sum + value, 0) / ndcg.length
    }
    return {
      watched,
      // Scores of rankings have no common scale: the best is taken.
      weights: (_, reached) => {
        const best = reached.indexOf(Math.max(...reached))
        return reached.map((__, i) => Number(i === best))
      },
      test: async (scorer) => scoresOfLists(await testLists(rows, scorer), rows.k, rows.seed),
    }
  },
}

/** Several models as one. */
export function combined(tried: readonly TriedScorer[], weights: ArrayLike<number>): Scorer {
  const members = tried.flatMap(({ scorer }, i) => {
    const weight = weights[i] as number
    return weight > 0 ? [{ weight, scorer }] : []
  })
  const [first, ...others] = members
  return first !== undefined && others.length === 0 ? first.scorer : new BlendScorer(members)
}
