/**
 * `@typegrad/tabular`: models for tables: from a file or rows to a model that was judged honestly, and the boosted trees and
 * networks that it is made of.
 */
export { type EvaluateTableOptions, evaluate, type TableEvaluation } from './evaluate.ts'
export type { ColumnRoles, DroppedColumn } from './features/column-roles.ts'
export type { ColumnDrift } from './features/drift.ts'
export * from './forecast/index.ts'
export type * from './judging/judgement.ts'
export * from './networks/index.ts'
export * from './recommend/index.ts'
export type { CandidateReport, TrainReport } from './report.ts'
export type { ReportLanguage } from './report-language.ts'
export type { Calibration } from './scores/calibration.ts'
export type { Score } from './scores/interval.ts'
export { type ReportOptions, TableModel, type TablePredictions } from './table-model.ts'
export type { TaskOptions } from './tasks/find-task.ts'
export type { TaskKind } from './tasks/task.ts'
export { train } from './train.ts'
export { noteText, type TrainNote } from './train-notes.ts'
export type { DecisionCosts, TrainOptions } from './train-options.ts'
export {
  BoostedTrees,
  type BoostOptions,
  boost,
  type TreeColumn,
  type TreeLossName,
  treesToOnnx,
} from './trees/index.ts'
