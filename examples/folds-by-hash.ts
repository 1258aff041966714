/**
 * The fold of a row in a repetition, from 0, by Knuth's multiplicative hash: the same in every language, so that programs in Python are
 * judged on the same folds (tools/golden/make_trade_examples.py).
 */
export const foldOf = (row: number, repetition: number, folds: number): number =>
  Math.floor(
    (((Math.imul(row + 1, 2654435761) + Math.imul(repetition, 40503 * 65537)) >>> 0) / 2 ** 32) * folds,
  )

/** Mean and standard deviation, as tables show them. */
export function meanAndSpread(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return `${mean.toFixed(digits)} ± ${Math.sqrt(squares / Math.max(1, values.length - 1)).toFixed(digits)}`
}

/** The rows of a fold, and the others. */
export function splitByFold<T>(rows: readonly T[], repetition: number, fold: number, folds: number) {
  return {
    training: rows.filter((_, row) => foldOf(row, repetition, folds) !== fold),
    test: rows.filter((_, row) => foldOf(row, repetition, folds) === fold),
  }
}

/** The area under the ROC curve: how often a case has a higher score than a row that is none; equal scores count half. */
export function areaUnderRoc(isCase: readonly boolean[], scores: ArrayLike<number>): number {
  let [wins, pairs] = [0, 0]
  isCase.forEach((one, i) => {
    if (!one) return
    isCase.forEach((other, k) => {
      if (other) return
      pairs += 1
      const [a, b] = [scores[i] as number, scores[k] as number]
      wins += a > b ? 1 : a === b ? 0.5 : 0
    })
  })
  return wins / pairs
}

/** The mean of −log of the probability of what happened. */
export const logLoss = (isCase: readonly boolean[], chances: ArrayLike<number>): number =>
  isCase.reduce(
    (sum, one, i) =>
      sum - Math.log(Math.max(1e-15, one ? (chances[i] as number) : 1 - (chances[i] as number))),
    0,
  ) / isCase.length
