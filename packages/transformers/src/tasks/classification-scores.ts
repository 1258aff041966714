import type { Scores } from './task.ts'

/** How often each class was right, said in vain and missed. */
interface Counts {
  readonly hits: number
  readonly said: number
  readonly meant: number
}

/** 2 · hits / (said + meant), and 0 where there are none, as scikit-learn counts it. */
const f1 = ({ hits, said, meant }: Counts): number => (said + meant === 0 ? 0 : (2 * hits) / (said + meant))

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/**
 * Accuracy and the mean over the classes of their F1 (scikit-learn's `f1_score(…, average='macro')` over all classes that
 * occur among labels or predictions).
 *
 * @param expected class numbers.
 * @param found class numbers, as many.
 */
export function singleLabelScores(expected: readonly number[], found: readonly number[]): Scores {
  const classes = [...new Set([...expected, ...found])]
  const counts = classes.map((one) => ({
    hits: expected.filter((label, i) => label === one && found[i] === one).length,
    said: found.filter((label) => label === one).length,
    meant: expected.filter((label) => label === one).length,
  }))
  const right = counts.reduce((sum, { hits }) => sum + hits, 0)
  return { accuracy: right / expected.length, f1: meanOf(counts.map(f1)) }
}

/**
 * The share of rows whose labels are all right, and F1 over all decisions (micro) and as a mean over the classes (macro).
 *
 * @param expected a 0 or 1 for each class, of each row.
 * @param found the same.
 */
export function multiLabelScores(
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
): Scores {
  const classes = (expected[0] ?? []).map((_, i) => i)
  const counts = classes.map((one) => ({
    hits: expected.filter((row, i) => row[one] === 1 && found[i]?.[one] === 1).length,
    said: found.filter((row) => row[one] === 1).length,
    meant: expected.filter((row) => row[one] === 1).length,
  }))
  const total = (name: keyof Counts) => counts.reduce((sum, count) => sum + count[name], 0)
  const right = expected.filter((row, i) => row.every((label, j) => label === found[i]?.[j])).length
  return {
    accuracy: right / expected.length,
    f1: f1({ hits: total('hits'), said: total('said'), meant: total('meant') }),
    macroF1: meanOf(counts.map(f1)),
  }
}

/**
 * The mean squared and absolute errors, and R²: what share of the labels' variance the predictions explain. Over several
 * targets, R² is their mean.
 *
 * @param expected the targets of each row.
 * @param found the same.
 */
export function regressionScores(
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
): Scores {
  const targets = (expected[0] ?? []).map((_, i) => i)
  const errors = expected.flatMap((row, i) => row.map((value, j) => value - (found[i]?.[j] as number)))
  const explained = targets.map((one) => {
    const values = expected.map((row) => row[one] as number)
    const mean = meanOf(values)
    const left = values.reduce((sum, value, i) => sum + (value - (found[i]?.[one] as number)) ** 2, 0)
    return 1 - left / values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  })
  return {
    mse: meanOf(errors.map((error) => error ** 2)),
    mae: meanOf(errors.map(Math.abs)),
    r2: meanOf(explained),
  }
}
