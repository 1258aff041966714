/**
 * The fold of a row in a repetition, from 0, by Knuth's multiplicative hash: the same in every language, so that programs in Python are
 * judged on the same folds (tools/golden/make_trade_examples.py).
 */
export const foldOf = (row: number, repetition: number, folds: number): number =>
  Math.floor(
    (((Math.imul(row + 1, 2654435761) + Math.imul(repetition, 40503 * 65537)) >>> 0) / 2 ** 32) * folds,
  )

/** The rows of a fold, and the others. */
export function splitByFold<T>(rows: readonly T[], repetition: number, fold: number, folds: number) {
  return {
    training: rows.filter((_, row) => foldOf(row, repetition, folds) !== fold),
    test: rows.filter((_, row) => foldOf(row, repetition, folds) === fold),
  }
}

/** The mean of −log of the probability of what happened. */
export const logLoss = (isCase: readonly boolean[], chances: ArrayLike<number>): number =>
  isCase.reduce(
    (sum, one, i) =>
      sum - Math.log(Math.max(1e-15, one ? (chances[i] as number) : 1 - (chances[i] as number))),
    0,
  ) / isCase.length
