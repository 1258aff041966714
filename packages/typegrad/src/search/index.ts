/**
 * `search/`: trials of a model's options, and which to try next. It uses models and their training as their users do.
 */
export { type Evaluate, type SearchOptions, type Strategy, search, type TrialRun } from './search.ts'
export type { Space, Values } from './space.ts'
export * as space from './space-functions.ts'
export type { Trial } from './trial.ts'
export { type TuneOptions, type Tuning, tune } from './tune.ts'
