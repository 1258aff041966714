import type { Work } from 'typegrad/core'
import { type TreeLossName, treeLosses } from '../trees/losses.ts'
import type { TreeLoss } from '../trees/tree-loss.ts'
import { minimize } from './lbfgs.ts'

/** Rows of features, one after another. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/** A linear model: scores of a row are its features times the weights, and the biases. */
export interface LinearWeights {
  readonly loss: TreeLossName
  readonly outputs: number
  readonly columns: number
  /** By outputs: `columns` weights and then the bias of each. */
  readonly values: Float64Array
}

/**
 * Fits a linear model: the mean of a loss of `trees/losses.ts`, and λ / 2 times the squares of the weights, biases excepted. That is
 * scikit-learn's `Ridge` with alpha = rows · λ, and its `LogisticRegression` with C = 1 / (rows · λ).
 *
 * @param from weights to begin with, which are not changed.
 * @param tolerance the greatest part of the gradient that it ends with.
 */
export function* fitLinear(
  x: Matrix,
  targets: Float64Array,
  loss: TreeLossName,
  classes: number,
  l2: number,
  from?: LinearWeights,
  tolerance = 1e-6,
): Work<LinearWeights> {
  const { rows, columns } = x
  const kind: TreeLoss = treeLosses[loss]({ classes, quantile: 0.5 })
  const begin = kind.begin(targets)
  const outputs = begin.length
  const width = columns + 1
  const point = from?.values.slice() ?? new Float64Array(outputs * width)
  if (from === undefined)
    begin.forEach((bias, output) => {
      point[output * width + columns] = bias
    })
  const scores = begin.map(() => new Float64Array(rows))
  const pairs = new Float64Array(2 * rows)
  yield* minimize(
    (weights, gradient) => {
      addScores(x, weights, scores)
      let cost = kind.mean(targets, scores)
      for (let output = 0; output < outputs; output++) {
        kind.writePairs(targets, scores, output, pairs)
        const first = output * width
        const own = gradient.subarray(first, first + width).fill(0)
        addProducts(x, pairs, own)
        for (let i = 0; i < columns; i++) {
          const weight = weights[first + i] as number
          cost += (l2 / 2) * weight * weight
          own[i] = (own[i] as number) + l2 * weight
        }
      }
      return cost
    },
    point,
    { steps: 200, tolerance },
  )
  return { loss, outputs, columns, values: point }
}

/** Adds the rows times the first numbers of their pairs, divided by the rows: the gradient of the weights, and of the bias behind them. */
function addProducts({ rows, columns, values }: Matrix, pairs: Float64Array, gradient: Float64Array): void {
  // Four rows at a time, which reads and writes the gradient a quarter as often.
  let row = 0
  for (let at = 0; row + 4 <= rows; row += 4, at += 4 * columns) {
    const a = (pairs[2 * row] as number) / rows
    const b = (pairs[2 * row + 2] as number) / rows
    const c = (pairs[2 * row + 4] as number) / rows
    const d = (pairs[2 * row + 6] as number) / rows
    const [second, third, fourth] = [at + columns, at + 2 * columns, at + 3 * columns]
    for (let i = 0; i < columns; i++)
      gradient[i] =
        (gradient[i] as number) +
        a * (values[at + i] as number) +
        b * (values[second + i] as number) +
        c * (values[third + i] as number) +
        d * (values[fourth + i] as number)
    gradient[columns] = (gradient[columns] as number) + a + b + c + d
  }
  for (; row < rows; row++) {
    const g = (pairs[2 * row] as number) / rows
    const at = row * columns
    for (let i = 0; i < columns; i++) gradient[i] = (gradient[i] as number) + g * (values[at + i] as number)
    gradient[columns] = (gradient[columns] as number) + g
  }
}

/** Writes the scores of rows, one array an output. */
function addScores(x: Matrix, weights: Float64Array, scores: readonly Float64Array[]): void {
  const { rows, columns, values } = x
  scores.forEach((own, output) => {
    const first = output * (columns + 1)
    for (let row = 0, at = 0; row < rows; row++, at += columns) {
      // Four sums: each addition waits for the one before it.
      let [a, b, c, d] = [weights[first + columns] as number, 0, 0, 0]
      let i = 0
      for (; i + 4 <= columns; i += 4) {
        a += (weights[first + i] as number) * (values[at + i] as number)
        b += (weights[first + i + 1] as number) * (values[at + i + 1] as number)
        c += (weights[first + i + 2] as number) * (values[at + i + 2] as number)
        d += (weights[first + i + 3] as number) * (values[at + i + 3] as number)
      }
      for (; i < columns; i++) a += (weights[first + i] as number) * (values[at + i] as number)
      own[row] = a + b + c + d
    }
  })
}

/** Predictions of rows, one array an output: probabilities, counts, numbers. */
export function predictLinear(weights: LinearWeights, x: Matrix): Float64Array[] {
  const scores = Array.from({ length: weights.outputs }, () => new Float64Array(x.rows))
  addScores(x, weights.values, scores)
  treeLosses[weights.loss]({ classes: weights.outputs, quantile: 0.5 }).predict(scores)
  return scores
}
