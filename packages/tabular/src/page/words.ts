import type { CandidateName } from '../candidates/table.ts'
import type { ReportLanguage } from '../report-language.ts'
import type { MetricName } from '../scores/metrics.ts'
import type { TaskKind } from '../tasks/task.ts'

/** All that a page says, in one language. */
export interface Words {
  readonly language: ReportLanguage
  /** A heading with what it is of. */
  readonly headed: (title: string, of: string) => string
  /** Names of a kind. */
  readonly listed: (kind: string, names: readonly string[]) => string
  readonly title: (target: string) => string
  readonly tasks: Readonly<Record<TaskKind, string>>
  readonly asked: string
  readonly target: string
  readonly task: string
  readonly rowsLearned: string
  readonly rowsJudged: string
  readonly columns: string
  readonly time: string
  readonly seconds: (seconds: string) => string
  readonly energy: string
  /** The sentence for everyone. */
  readonly summary: (rows: string, metric: string, value: string, low: string, high: string) => string
  readonly against: (others: readonly (readonly [name: string, value: string])[]) => string
  readonly better: string
  readonly notBetter: string
  readonly reached: string
  readonly reachedNote: string
  readonly model: string
  readonly final: string
  readonly weight: string
  readonly metric: string
  readonly value: string
  readonly interval: string
  readonly candidates: Readonly<Record<CandidateName, string>>
  /** Metrics and losses, by the names that reports have. */
  readonly metrics: Readonly<Record<MetricName, string>>
  readonly decisions: string
  readonly roc: readonly [title: string, x: string, y: string]
  readonly precisionRecall: readonly [title: string, x: string, y: string]
  readonly gain: readonly [title: string, x: string, y: string]
  readonly calibration: readonly [title: string, x: string, y: string]
  readonly calibrationOfNumbers: readonly [title: string, x: string, y: string]
  readonly pairs: readonly [title: string, x: string, y: string]
  readonly coverage: readonly [title: string, x: string, y: string]
  readonly liftNote: (share: string, found: string, times: string) => string
  readonly label: string
  readonly labelShare: string
  readonly confusion: string
  readonly confusionNote: (threshold: string) => string
  readonly confusionOfClasses: string
  readonly actual: string
  readonly predicted: string
  readonly looksAt: string
  readonly looksAtNote: (loss: string) => string
  readonly dependence: string
  readonly dependenceNote: string
  readonly weak: string
  readonly weakNote: (loss: string, all: string) => string
  readonly noWeak: string
  readonly slice: string
  readonly rows: string
  readonly errors: string
  readonly mistakes: string
  readonly mistakesNote: string
  readonly row: string
  readonly made: string
  readonly calibratedBy: (kind: 'temperature' | 'isotonic', temperature: string) => string
  readonly notCalibrated: string
  readonly blended: (loss: string) => string
  readonly kindsOfColumns: Readonly<Record<'numbers' | 'categories' | 'dates' | 'texts', string>>
  readonly dropped: string
  readonly notes: string
}
