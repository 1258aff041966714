import type { Category } from '@typegrad/data'
import type { ColumnRoles } from './features/column-roles.ts'
import type { Judgement } from './judging/judgement.ts'
import type { Calibration } from './scores/calibration.ts'
import type { Score } from './scores/interval.ts'
import { scoreText } from './scores/score-text.ts'
import type { TaskKind } from './tasks/task.ts'
import type { TrainNote } from './train-notes.ts'

/** A model that was tried. */
export interface CandidateReport {
  readonly name: string
  /** Its share in the predictions. */
  readonly weight: number
  /** The loss that models are blended by, on rows that it was watched on. */
  readonly validationLoss: number
  /** Its metrics on the rows that nothing was learned from. */
  readonly scores: readonly Score[]
}

/** What was asked, what there was, and what was reached. */
export interface TrainReport {
  readonly task: {
    readonly kind: TaskKind
    readonly target: string
    /** Why the task is what it is. */
    readonly reason: string
    readonly classes?: readonly Category[]
    /** Columns that are labels. */
    readonly labels?: readonly string[]
    /** Of a ranking: the column whose equal values are one list. */
    readonly group?: string
    /** Levels of quantiles. */
    readonly levels?: readonly number[]
  }
  readonly rows: {
    /** All that were read. */
    readonly total: number
    readonly withoutTarget: number
    readonly training: number
    readonly test: number
  }
  readonly columns: ColumnRoles
  /** Metrics on rows that nothing was learned from, with intervals of 95 %; the most important first. */
  readonly scores: readonly Score[]
  /** What the loss is called that models are blended by. */
  readonly loss: string
  readonly candidates: readonly CandidateReport[]
  /** How the mean of the models' probabilities is made true to size; none of numbers, and one for each of several labels. */
  readonly calibration: readonly Calibration[]
  /** The probability from which on the second of two classes is taken. */
  readonly threshold: number
  /** What was found out on the rows that nothing was learned from: curves, what it looks at, where it is weak. */
  readonly judgement: Judgement
  /** What should be known of it, in sentences. */
  readonly notes: readonly string[]
  /** The same for programs, and for sentences in other languages. */
  readonly remarks: readonly TrainNote[]
  readonly seconds: number
  /** Energy that the processors took meanwhile, in joules, what other programs took included; absent where it could not be read. */
  readonly joules?: number
}

/** Joules as a person reads them: `420 J`, `8.1 kJ`, `1.2 MJ`. */
export function energyText(joules: number): string {
  const [unit, size] = joules < 1e3 ? ['J', 1] : joules < 1e6 ? ['kJ', 1e3] : ['MJ', 1e6]
  return `${Number((joules / size).toPrecision(2))} ${unit}`
}

/** A report in lines. */
export function reportText(report: TrainReport): string {
  const { task, rows, scores, candidates, notes, loss, seconds, joules } = report
  return [
    `${task.target}: ${task.kind}, because ${task.reason}`,
    `${rows.training} rows to learn from, ${rows.test} to be judged on${rows.withoutTarget > 0 ? `, ${rows.withoutTarget} without a target` : ''}; ${seconds.toFixed(1)} s${joules === undefined ? '' : `, ${energyText(joules)}`}`,
    ...scores.map((score) => `  ${scoreText(score)}`),
    ...candidates.map(
      ({ name, weight, validationLoss, scores: [score] }) =>
        `  ${name}: weight ${weight.toFixed(3)}, ${loss} ${validationLoss.toPrecision(4)}${score === undefined ? '' : `, ${scoreText(score)}`}`,
    ),
    ...notes,
  ].join('\n')
}
