import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { cast } from '../ops/apply.ts'
import { div, mul } from '../ops/arithmetic.ts'
import { equal, where } from '../ops/comparison.ts'
import { mean, sum } from '../ops/reduce.ts'
import { broadcastTo, reshape } from '../ops/shape.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { matchRanks } from './alignment.ts'

/**
 * How the values of the samples become one: their sum over their number, their sum, their sum over that of
 * the weights, or not at all. `mean` is another name of `sumOverBatchSize`.
 */
export const reductions = {
  sumOverBatchSize: true,
  sum: true,
  mean: true,
  meanWithSampleWeight: true,
  none: true,
} as const
export type Reduction = keyof typeof reductions

export interface Weighting {
  /** What each value counts: the values' shape, or without some of their last axes. */
  readonly sampleWeight?: Tensor | undefined
  /** Which values count at all (not 0). With a mean, those that do not leave its denominator too. */
  readonly mask?: Tensor | undefined
}

/** a / b, and 0 where b is 0. */
export function divideNoNaN(a: Tensor, b: Tensor): Tensor {
  const none = equal(b, 0)
  return where(none, 0, div(a, where(none, 1, b)))
}

/** Values times weights and mask, reduced as Keras does. */
export function reduceWeighted(values: Tensor, reduction: Reduction, weighting: Weighting = {}): Tensor {
  const weight = combinedWeight(values, reduction, weighting)
  const [aligned, factor] = weight === undefined ? [values, undefined] : alignedWeight(values, weight)
  const weighted = factor === undefined ? aligned : mul(aligned, factor)
  if (reduction === 'none' || weighted.rank === 0) return weighted
  if (reduction === 'sum') return sum(weighted)
  if (reduction === 'meanWithSampleWeight' && weight !== undefined)
    return divideNoNaN(sum(weighted), sum(weight))
  return mean(weighted)
}

/** The weight with the mask worked in, in the values' dtype. */
function combinedWeight(
  values: Tensor,
  reduction: Reduction,
  { sampleWeight, mask }: Weighting,
): Tensor | undefined {
  const weight = sampleWeight === undefined ? undefined : cast(sampleWeight, values.dtype)
  if (mask === undefined) return weight
  const counted = cast(mask, values.dtype)
  // A mean divides by all values: those that count get the share of the others.
  const share =
    reduction === 'mean' || reduction === 'sumOverBatchSize'
      ? mul(counted, divideNoNaN(scalar(mask.size, values.dtype), sum(counted)))
      : counted
  if (weight === undefined) return share
  // Either may be without the other's last axes.
  const rank = Math.max(share.rank, weight.rank)
  return mul(withLastAxes(share, rank), withLastAxes(weight, rank))
}

/** The same with axes of size 1 at the end. */
const withLastAxes = (x: Tensor, rank: number): Tensor =>
  x.rank >= rank ? x : reshape(x, [...x.shape, ...new Array<number>(rank - x.rank).fill(1)])

/**
 * Values and weight with the same rank: a weight of the first axes stands for all values behind them.
 *
 * @throws ShapeError if the weight has an axis that does not fit the values'.
 */
export function alignedWeight(values: Tensor, weight: Tensor): [Tensor, Tensor] {
  // A loss of the whole batch (Dice without an axis): every weight multiplies it, as in Keras.
  if (values.rank === 0 && weight.rank > 0) return [broadcastTo(values, weight.shape), weight]
  const [v, w] = matchRanks(values, weight)
  const expanded = withLastAxes(w, v.rank)
  if (expanded.rank > v.rank || expanded.shape.some((d, i) => d !== 1 && d !== v.shape[i])) {
    throw new ShapeError({
      where: 'sampleWeight',
      expected: `weights of the losses' shape ${formatShape(values.shape)}, or of its first axes`,
      received: formatShape(weight.shape),
    })
  }
  return [v, expanded]
}

/** The weight of each value, of the values' shape. @throws ShapeError as {@link alignedWeight}. */
export function weightOfEach(values: Tensor, weight: Tensor): Tensor {
  // An axis of size 1 at the end may have been added to either.
  const [aligned, each] = alignedWeight(values, weight)
  return reshape(broadcastTo(each, aligned.shape), values.shape)
}
