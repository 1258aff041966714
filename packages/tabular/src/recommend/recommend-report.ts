import type { Score } from '../scores/interval.ts'
import { scoreText } from '../scores/score-text.ts'
import type { SplitKind } from './interactions/split.ts'
import type { RecommendTask } from './models/scorer.ts'
import type { RecommendModelName } from './models/table.ts'
import type { RecommendNote } from './recommend-notes.ts'

/** A model that was tried. */
export interface RecommendCandidateReport {
  readonly name: RecommendModelName
  /** What models are chosen by, on the watched rows: RMSE, or NDCG. */
  readonly watched: number
  /** Its share in what is recommended. */
  readonly weight: number
  /** Its measures on the rows that nothing was learned from; the most important first. */
  readonly scores: readonly Score[]
  /** Passes over the rows that were best. */
  readonly epochs?: number
}

/** What was asked, what there was, and what was reached. */
export interface RecommendReport {
  readonly task: RecommendTask
  /** The column of users, and how many there are. */
  readonly user: { readonly column: string; readonly count: number }
  readonly item: { readonly column: string; readonly count: number }
  /** The column of ratings; absent where there was none. */
  readonly rating?: string
  readonly split: SplitKind
  readonly rows: {
    readonly total: number
    readonly training: number
    /** Models are chosen by these. */
    readonly watched: number
    /** Nothing was learned from these until the model was judged. */
    readonly test: number
  }
  /** What the best reaches on the test rows, with intervals of 95 %. */
  readonly scores: readonly Score[]
  /** The share of the items that are in a list of some test user. */
  readonly coverage: number
  /** How long lists are. */
  readonly k: number
  readonly candidates: readonly RecommendCandidateReport[]
  /** What should be known of it, in sentences. */
  readonly notes: readonly string[]
  /** The same for programs, and for sentences in other languages. */
  readonly remarks: readonly RecommendNote[]
  readonly seconds: number
}

const splitTexts: Readonly<Record<SplitKind, string>> = {
  last: 'the latest of each user are held back',
  date: 'the latest of all are held back',
  random: 'held back at random',
}

/** A report in lines. */
export function recommendReportText(report: RecommendReport): string {
  const { task, user, item, split, rows, scores, coverage, k, candidates, notes, seconds } = report
  return [
    `${task}: ${user.count} of '${user.column}', ${item.count} of '${item.column}', ${rows.total} interactions; ${seconds.toFixed(1)} s`,
    `${rows.training} rows to learn from, ${rows.watched} to choose by, ${rows.test} to judge on: ${splitTexts[split]}`,
    ...scores.map((score) => `  ${scoreText(score)}`),
    `  coverage@${k} ${(100 * coverage).toFixed(1)} % of the items`,
    ...candidates.map(
      ({ name, weight, scores: [score], epochs }) =>
        `  ${name}: weight ${weight.toFixed(3)}${score === undefined ? '' : `, ${scoreText(score)}`}${epochs === undefined ? '' : `, ${epochs} epochs`}`,
    ),
    ...notes,
  ].join('\n')
}
