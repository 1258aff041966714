import type { TreeColumn } from './bins.ts'
import type { TreeLossName } from './losses.ts'

export interface BoostOptions {
  /**
   * What the trees are trained for: numbers by `squaredError` or a `quantile` of them, counts by `poisson`, 0 and 1 by `logistic`, numbers
   * of classes from 0 on by `softmax`, and by `lambda` how relevant rows are, whose order in their lists is learned. Default `squaredError`.
   */
  readonly loss?: TreeLossName
  /** Classes of `softmax`. Default one more than the greatest target. */
  readonly classes?: number
  /** The level of the loss `quantile`, above 0 and below 1. Default 0.5, the median. */
  readonly quantile?: number
  /** Of the loss `lambda`: the number of the list that each row is in. Default none: it has to be given. */
  readonly groups?: ArrayLike<number>
  /** Rounds at most; each grows a tree for each class of `softmax`, and one otherwise. Default 100. */
  readonly rounds?: number
  /** What leaves are multiplied by. Default 0.1. */
  readonly learningRate?: number
  /** Leaves of a tree at most. Default 31. */
  readonly maxLeaves?: number
  /** Splits from the root to a leaf at most. Default any number. */
  readonly maxDepth?: number
  /** Rows of a leaf at least. Default 20. */
  readonly minRows?: number
  /** λ, by which leaf values are held back. Default 0. */
  readonly l2?: number
  /** What a split gains at least. Default 0. */
  readonly minGain?: number
  /** Bins of a column of numbers at most, from 2 to 255. Default 255. */
  readonly bins?: number
  /** The share of the rows, drawn anew for each round, that trees are grown from. Default 1. */
  readonly rowShare?: number
  /** The share of the columns, drawn anew for each tree, that it may split by. Default 1. */
  readonly columnShare?: number
  /** Rows by whose loss the number of rounds is found. Default none: all rounds are kept. */
  readonly validation?: {
    readonly columns: readonly TreeColumn[]
    readonly targets: ArrayLike<number>
    readonly groups?: ArrayLike<number>
  }
  /** Rounds without a lower loss of `validation` after which training ends. Default 10. */
  readonly patience?: number
  /** By how much a loss has to be lower to count. Default 1e-7. */
  readonly tolerance?: number
  /** Of the draws. Default 0. */
  readonly seed?: number
  /** When training ends with what it has, by `performance.now()`; the first round is always completed. Default never. */
  readonly deadline?: number
  /** Ends training with an error. */
  readonly signal?: AbortSignal
}
