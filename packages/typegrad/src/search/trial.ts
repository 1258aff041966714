import type { Space, Values } from './space.ts'

/** One point of the space and what came of it. */
export interface Trial<S extends Space = Space> {
  /** Number of the trial, counted from 0 in the order in which they began. */
  readonly id: number
  readonly values: Values<S>
  /** The objective after each epoch. */
  readonly scores: readonly number[]
  /** The best of them; NaN if none was a number. */
  readonly score: number
  /**
   * Whether it had all its epochs, was stopped as one of the worse, did not go on to the next round, or ended with an
   * error, which then is `error`.
   */
  readonly status: 'complete' | 'stopped' | 'halved' | 'failed'
  /** What a failed trial ended with. */
  readonly error?: string
}

/** Errors that are the search's own and not a trial's: they end it. */
const ofSearch = new WeakSet<Error>()

export function endingSearch<E extends Error>(error: E): E {
  ofSearch.add(error)
  return error
}

export const endsSearch = (error: unknown): boolean => error instanceof Error && ofSearch.has(error)

/** What a strategy minimizes: the score, or its negative; the worst there is for NaN. */
export const costOf = (score: number, direction: 'min' | 'max'): number => {
  if (Number.isNaN(score)) return Number.POSITIVE_INFINITY
  return direction === 'min' ? score : -score
}

/** The best of an epoch's scores. */
export function bestOf(scores: readonly number[], direction: 'min' | 'max'): number {
  const known = scores.filter((score) => !Number.isNaN(score))
  if (known.length === 0) return Number.NaN
  return direction === 'min' ? Math.min(...known) : Math.max(...known)
}
