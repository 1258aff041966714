/**
 * `recommend/`: recommendation: from a table of who took what to a model that was judged on what users took next. It knows scores and
 * saving, and nothing of tasks, candidates and trees.
 */

export type { EvaluateRecommenderOptions, RecommenderEvaluation } from './evaluate-rows.ts'
export type { SplitKind } from './interactions/split.ts'
export type { RecommendTask } from './models/scorer.ts'
export type { RecommendModelName } from './models/table.ts'
export { recommend } from './recommend.ts'
export { type RecommendNote, recommendNoteText } from './recommend-notes.ts'
export type { RecommendOptions } from './recommend-options.ts'
export type { RecommendCandidateReport, RecommendReport } from './recommend-report.ts'
export type {
  Basis,
  ListOptions,
  PairScores,
  Recommendations,
  RecommendedItem,
} from './recommendations.ts'
export { Recommender } from './recommender.ts'
export {
  type FoundVector,
  type VectorIndex,
  type VectorIndexOptions,
  vectorIndex,
} from './retrieval/vector-index.ts'
export type { VectorRows } from './retrieval/vector-rows.ts'
