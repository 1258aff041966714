import { ArgumentError } from 'typegrad/core'
import { checkValue, ValueFault } from '../annotations/check-value.ts'
import type { Task, ValueOf } from '../annotations/task.ts'
import { multiUncertainty, type UncertaintyMeasure, uncertainty } from './uncertainty.ts'

/** What a model says of a sample. */
export interface Proposal<T extends Task = Task> {
  /** Its answer. Default: of `class` the likeliest by `scores`, of `classes` those above 0.5. */
  readonly value?: ValueOf<T> | undefined
  /** A probability for each class, in the order of the classes: of `class` they sum to 1, of `classes` each stands by itself. */
  readonly scores?: ArrayLike<number> | undefined
  /** How unsure the model is, in any unit, larger for less sure. Default: by `scores` and the option `order`. */
  readonly uncertainty?: number | undefined
  /** A vector for the sample, for `diversity`. */
  readonly embedding?: ArrayLike<number> | undefined
}

/** A proposal that was checked, and filled up. */
export interface CheckedProposal<T extends Task = Task> {
  readonly value: ValueOf<T> | undefined
  readonly scores: readonly number[] | undefined
  /** Undefined where nothing says it. */
  readonly uncertainty: number | undefined
  readonly embedding: ArrayLike<number> | undefined
}

/** How far probabilities in float32 may be from a sum of 1. */
const tolerance = 1e-3

/** @throws ArgumentError for scores that are no probabilities of the classes, or a value that is none of the task's. */
export function checkProposal<T extends Task>(
  task: T,
  classes: readonly string[],
  measure: UncertaintyMeasure,
  proposal: Proposal<T>,
  textLength: number | undefined,
): CheckedProposal<T> {
  const scores = proposal.scores === undefined ? undefined : Array.from(proposal.scores)
  if (scores !== undefined) checkScores(task, classes, scores)
  const value = proposal.value ?? likeliest(task, classes, scores)
  try {
    return {
      value: value === undefined ? undefined : checkValue(task, value, { classes, textLength }),
      scores,
      uncertainty: proposal.uncertainty ?? (scores && measured(task, measure, scores)),
      embedding: proposal.embedding,
    }
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error
    throw new ArgumentError({ where: 'label: propose', expected: error.expected, received: error.received })
  }
}

function checkScores(task: Task, classes: readonly string[], scores: readonly number[]): void {
  const sum = scores.reduce((total, score) => total + score, 0)
  const areShares = scores.every((score) => score >= -tolerance && score <= 1 + tolerance)
  const isWhole = task !== 'class' || Math.abs(sum - 1) < tolerance
  if (scores.length === classes.length && areShares && isWhole) return
  throw new ArgumentError({
    where: 'label: propose',
    expected: `${classes.length} probabilities${task === 'class' ? ' that sum to 1' : ''}, one for each of ${classes.join(', ')}`,
    received: `[${scores.slice(0, 8).join(', ')}${scores.length > 8 ? ', …' : ''}]`,
    fix: 'Logits become probabilities by softmax, or by sigmoid where several classes hold.',
  })
}

function likeliest<T extends Task>(
  task: T,
  classes: readonly string[],
  scores: readonly number[] | undefined,
): unknown {
  if (scores === undefined) return undefined
  if (task === 'class') return classes[scores.indexOf(Math.max(...scores))]
  return task === 'classes' ? classes.filter((_, i) => (scores[i] as number) > 0.5) : undefined
}

const measured = (task: Task, measure: UncertaintyMeasure, scores: readonly number[]): number =>
  task === 'classes' ? multiUncertainty(measure, scores) : uncertainty[measure](scores)
