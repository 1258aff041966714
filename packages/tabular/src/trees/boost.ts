import { checkOptions, optionsOf, paced } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { TreeColumn } from './bins.ts'
import type { BoostOptions } from './boost-options.ts'
import type { BoostedTrees } from './boosted-trees.ts'
import { type TreeLossName, treeLosses } from './losses.ts'
import { boostWork } from './rounds.ts'

const lossNames = Object.keys(treeLosses) as readonly TreeLossName[]

export const boostChecks = optionsOf<BoostOptions>()({
  loss: checks.oneOf(...lossNames),
  classes: checks.wholeFrom(2),
  quantile: checks.share,
  groups: checks.anything,
  rounds: checks.count,
  learningRate: checks.positive,
  maxLeaves: checks.wholeFrom(2),
  maxDepth: checks.number,
  minRows: checks.count,
  l2: checks.notNegative,
  minGain: checks.notNegative,
  bins: checks.wholeFrom(2),
  rowShare: checks.share,
  columnShare: checks.share,
  validation: checks.anything,
  patience: checks.count,
  tolerance: checks.notNegative,
  seed: checks.integer,
  deadline: checks.number,
  signal: checks.abortSignal,
})

/**
 * Trains gradient-boosted trees: each tree takes a Newton step from what those before it predict.
 *
 * Numbers are binned by quantiles, and missing ones go where they gain most, split by split. Categories are split into two sets by their
 * gradients. The same rows, options and seed give the same trees. It runs in slices, so that the event loop goes on.
 *
 * @param columns of one length, with numbers or categories.
 * @param targets a number for each row, as the loss takes it.
 * @throws ArgumentError for options and columns that cannot be; DataError for targets that the loss does not take, by row.
 * @example
 * const x = Float64Array.from({ length: 200 }, (_, i) => i / 200)
 * const trees = await boost([{ values: x }], x.map((value) => value ** 2))
 * const [squares] = trees.predict([{ values: [0.5] }])
 */
export async function boost(
  columns: readonly TreeColumn[],
  targets: ArrayLike<number>,
  options: BoostOptions = {},
): Promise<BoostedTrees> {
  checkOptions('boost', options, boostChecks)
  return paced(boostWork(columns, targets, options))
}
