import { lambdaLoss } from './lambda-loss.ts'
import type { Scores, TreeLoss } from './tree-loss.ts'

/** What trees can be trained for. */
export type TreeLossName = 'squaredError' | 'logistic' | 'softmax' | 'poisson' | 'quantile' | 'lambda'

export interface TreeLossOptions {
  /** Classes of `softmax`. */
  readonly classes: number
  /** The level of `quantile`. */
  readonly quantile: number
  /** Of `lambda`: the list of each row. */
  readonly groups?: ArrayLike<number> | undefined
}

export const treeLosses = {
  squaredError: (): TreeLoss => ({
    hasConstantHessians: true,
    begin: (targets) => [meanOf(targets)],
    writePairs: eachRow((target, score, pairs, at) => {
      pairs[at] = score - target
      pairs[at + 1] = 1
    }),
    mean: meanOverRows((target, score) => (score - target) ** 2 / 2),
    predict: () => {},
  }),
  /** Targets are 0 and 1, scores are log-odds. */
  logistic: () => ({
    hasConstantHessians: false,
    begin: (targets) => [logit(meanOf(targets))],
    writePairs: eachRow((target, score, pairs, at) => {
      const p = sigmoid(score)
      pairs[at] = p - target
      pairs[at + 1] = p * (1 - p)
    }),
    // log(1 + exp(s)) − y s, without overflow.
    mean: meanOverRows(
      (target, score) => Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score,
    ),
    predict: ([scores = new Float64Array(0)]) => {
      for (let row = 0; row < scores.length; row++) scores[row] = sigmoid(scores[row] as number)
    },
  }),
  softmax: ({ classes }) => softmaxLoss(classes),
  /** Targets are counts or rates, scores their logarithms. */
  poisson: () => ({
    hasConstantHessians: false,
    begin: (targets) => [Math.log(meanOf(targets))],
    writePairs: eachRow((target, score, pairs, at) => {
      const rate = Math.exp(score)
      pairs[at] = rate - target
      pairs[at + 1] = rate
    }),
    mean: meanOverRows((target, score) => Math.exp(score) - target * score),
    predict: ([scores = new Float64Array(0)]) => {
      for (let row = 0; row < scores.length; row++) scores[row] = Math.exp(scores[row] as number)
    },
  }),
  /** The pinball loss, whose leaves are quantiles of what is left (Friedman 2001). */
  quantile: ({ quantile }) => ({
    hasConstantHessians: true,
    begin: (targets) => [quantileOf(targets.slice(), quantile)],
    writePairs: eachRow((target, score, pairs, at) => {
      pairs[at] = target >= score ? -quantile : 1 - quantile
      pairs[at + 1] = 1
    }),
    mean: meanOverRows((target, score) =>
      target >= score ? quantile * (target - score) : (1 - quantile) * (score - target),
    ),
    leaf: (residuals) => quantileOf(residuals, quantile),
    predict: () => {},
  }),
  /** Targets are how relevant rows are, scores order the rows of a list. */
  lambda: ({ groups = [] }) => lambdaLoss(groups),
} satisfies Record<TreeLossName, (options: TreeLossOptions) => TreeLoss>

/** Targets are numbers of classes, scores logits of each. */
function softmaxLoss(classes: number): TreeLoss {
  let shares: Float64Array[] = []
  const writeShares = (scores: Scores): void => {
    shares = scores.map((of) => of.slice())
    softmax(shares)
  }
  return {
    hasConstantHessians: false,
    begin: (targets) => {
      const logs = Array.from({ length: classes }, (_, k) => {
        const count = targets.reduce((sum, target) => sum + (target === k ? 1 : 0), 0)
        return Math.log(Math.max(count / targets.length, Number.EPSILON))
      })
      const middle = logs.reduce((sum, log) => sum + log, 0) / classes
      return logs.map((log) => log - middle)
    },
    writePairs: (targets, scores, output, pairs) => {
      // All outputs of one iteration are of the same scores.
      if (output === 0) writeShares(scores)
      const own = shares[output] as Float64Array
      for (let row = 0; row < targets.length; row++) {
        const p = own[row] as number
        pairs[2 * row] = p - (targets[row] === output ? 1 : 0)
        pairs[2 * row + 1] = p * (1 - p)
      }
    },
    mean: (targets, scores) => {
      let sum = 0
      for (let row = 0; row < targets.length; row++) {
        let most = Number.NEGATIVE_INFINITY
        for (const of of scores) most = Math.max(most, of[row] as number)
        let total = 0
        for (const of of scores) total += Math.exp((of[row] as number) - most)
        sum += most + Math.log(total) - (scores[targets[row] as number]?.[row] ?? Number.NaN)
      }
      return sum / targets.length
    },
    predict: softmax,
  }
}

/** Makes each row's logits shares of 1. */
function softmax(scores: readonly Float64Array[]): void {
  const rows = scores[0]?.length ?? 0
  for (let row = 0; row < rows; row++) {
    let most = Number.NEGATIVE_INFINITY
    for (const of of scores) most = Math.max(most, of[row] as number)
    let total = 0
    for (const of of scores) {
      const share = Math.exp((of[row] as number) - most)
      of[row] = share
      total += share
    }
    for (const of of scores) of[row] = (of[row] as number) / total
  }
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score))
const logit = (share: number): number => Math.log(share / (1 - share))

function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum / values.length
}

const eachRow =
  (
    write: (target: number, score: number, pairs: Float32Array | Float64Array, at: number) => void,
  ): TreeLoss['writePairs'] =>
  (targets, [scores = new Float64Array(0)], _, pairs) => {
    for (let row = 0; row < targets.length; row++)
      write(targets[row] as number, scores[row] as number, pairs, 2 * row)
  }

const meanOverRows =
  (of: (target: number, score: number) => number): TreeLoss['mean'] =>
  (targets, [scores = new Float64Array(0)]) => {
    let sum = 0
    for (let row = 0; row < targets.length; row++) sum += of(targets[row] as number, scores[row] as number)
    return sum / targets.length
  }

/** A quantile of values, which are sorted for it: NumPy's `linear`. */
export function quantileOf(values: Float64Array, level: number): number {
  values.sort()
  const place = level * (values.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  const [a, b] = [values[low] as number, values[high] as number]
  return a + (b - a) * (place - low)
}
