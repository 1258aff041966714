/** Precision, recall and their harmonic mean, with what they are counted from. */
export interface F1 {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** How many of the found are among the expected. */
  readonly matched: number
  readonly found: number
  readonly expected: number
}

/** Of nothing found and nothing expected, all three are 1: two people who see nothing agree. */
export function f1Of(matched: number, found: number, expected: number): F1 {
  const share = (of: number): number => (of === 0 ? (found === expected ? 1 : 0) : matched / of)
  return {
    precision: share(found),
    recall: share(expected),
    f1: found + expected === 0 ? 1 : (2 * matched) / (found + expected),
    matched,
    found,
    expected,
  }
}

/** The counts of many samples as one: micro F1. */
export const addedUp = (all: readonly F1[]): F1 =>
  f1Of(
    all.reduce((sum, { matched }) => sum + matched, 0),
    all.reduce((sum, { found }) => sum + found, 0),
    all.reduce((sum, { expected }) => sum + expected, 0),
  )
