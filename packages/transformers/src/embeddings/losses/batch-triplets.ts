import { arange, ops, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { similarities } from './similarity.ts'

export interface BatchTripletOptions {
  /** Default `'euclidean'`. */
  readonly distance?: 'cosine' | 'euclidean'
  /** How much nearer texts of one class are to be than others. Default 5. */
  readonly margin?: number
}

const optionChecks = optionsOf<BatchTripletOptions>()({
  distance: checks.oneOf('cosine', 'euclidean'),
  margin: checks.notNegative,
})

/** Distances of all texts of a batch: (n, n). */
const allDistances = {
  cosine: (x: Tensor) => similarities.cosine.matrix(x, x).neg().add(1),
  euclidean(x: Tensor) {
    const products = x.matmul(x.transpose())
    const squares = x.square().sum(-1)
    const distance = squares.expandDims(0).add(squares.expandDims(1)).sub(products.mul(2)).maximum(0)
    // The root has no derivative at 0, where texts are the same.
    const isZero = distance.equal(0)
    return ops.where(isZero, 0, ops.where(isZero, 1, distance).sqrt())
  },
} as const

/** Which texts are of one class, (n, n): others than the text itself, and those of other classes. */
function classesOf(labels: Tensor) {
  const places = arange(0, labels.shape[0] as number, 1, { dtype: 'int32' })
  const same = labels.expandDims(0).equal(labels.expandDims(1))
  return {
    positives: same.logicalAnd(places.expandDims(0).notEqual(places.expandDims(1))),
    negatives: same.logicalNot(),
  }
}

/** A loss of how far all texts of a batch are apart, and which of them are of one class. */
const overTriplets = (
  name: string,
  distance: keyof typeof allDistances,
  costOf: (apart: Tensor, classes: ReturnType<typeof classesOf>) => Tensor,
): EmbeddingLoss => ({
  ...{ name, rows: 'texts', label: 'class' },
  call: ([texts], labels) => costOf(allDistances[distance](texts as Tensor), classesOf(labels as Tensor)),
})

/**
 * All triplets of a batch whose anchor and positive are of one class and whose negative is of another: the mean of
 * max(d(a, p) − d(a, n) + margin, 0) over those that are not 0. Rows are `{ text, label }` with a class; a batch needs several
 * texts of each. It takes memory with the cube of the batch.
 *
 * Hermans et al. 2017, https://arxiv.org/abs/1703.07737
 *
 * @example
 * const loss = embeddingLosses.batchAllTriplet()
 */
export function batchAllTriplet(options: BatchTripletOptions = {}): EmbeddingLoss {
  checkOptions('batchAllTriplet', options, optionChecks)
  const { distance = 'euclidean', margin = 5 } = options
  return overTriplets('batchAllTriplet', distance, (apart, { positives, negatives }) => {
    // (anchor, positive, negative)
    const costs = apart.expandDims(2).sub(apart.expandDims(1)).add(margin).relu()
    const isTriplet = positives.expandDims(2).logicalAnd(negatives.expandDims(1))
    const counted = isTriplet.logicalAnd(costs.greater(1e-16))
    const total = ops.where(counted, costs, 0).sum()
    return total.div(counted.cast('float32').sum().add(1e-16))
  })
}

export interface BatchHardTripletOptions extends Omit<BatchTripletOptions, 'margin'> {
  /** A number, or `'soft'` for log(1 + e^(d(a, p) − d(a, n))), which never ends to pull. Default 5. */
  readonly margin?: number | 'soft'
}

const hardChecks = optionsOf<BatchHardTripletOptions>()({
  ...optionChecks,
  margin: checks.either(checks.notNegative, checks.oneOf('soft')),
})

/**
 * As {@link batchAllTriplet}, with the farthest positive and the nearest negative of each text.
 *
 * @example
 * const loss = embeddingLosses.batchHardTriplet({ margin: 'soft' })
 */
export function batchHardTriplet(options: BatchHardTripletOptions = {}): EmbeddingLoss {
  checkOptions('batchHardTriplet', options, hardChecks)
  const { distance = 'euclidean', margin = 5 } = options
  return overTriplets('batchHardTriplet', distance, (apart, { positives, negatives }) => {
    const farthest = ops.where(positives, apart, 0).max(1)
    const most = apart.max(1, { keepDims: true })
    const nearest = apart.add(ops.where(negatives, 0, most)).min(1)
    const gap = farthest.sub(nearest)
    return (margin === 'soft' ? ops.softplus(gap) : gap.add(margin).relu()).mean()
  })
}

/**
 * As {@link batchAllTriplet}, with one negative for each anchor and positive: the nearest of those that are farther than the
 * positive, or, where there is none, the farthest of all. Neither those that are told apart already nor the hardest, which may be
 * labelled wrongly, draw. The mean of max(d(a, p) − d(a, n) + margin, 0) over all pairs of one class.
 *
 * Schroff et al. 2015, https://arxiv.org/abs/1503.03832, section 3.2
 *
 * @example
 * const loss = embeddingLosses.batchSemiHardTriplet({ distance: 'cosine', margin: 0.2 })
 */
export function batchSemiHardTriplet(options: BatchTripletOptions = {}): EmbeddingLoss {
  checkOptions('batchSemiHardTriplet', options, optionChecks)
  const { distance = 'euclidean', margin = 5 } = options
  return overTriplets('batchSemiHardTriplet', distance, (apart, { positives, negatives }) => {
    const [toPositive, toNegative] = [apart.expandDims(2), apart.expandDims(1)]
    // (anchor, positive, negative)
    const isFarther = negatives.expandDims(1).logicalAnd(toNegative.greater(toPositive))
    const most = apart.max(1, { keepDims: true })
    const nearest = ops.where(isFarther, toNegative, most.expandDims(2)).min(2)
    const farthest = ops.where(negatives, apart, 0).max(1, { keepDims: true })
    const hasFarther = isFarther.cast('int32').max(2).greater(0)
    const costs = apart
      .sub(ops.where(hasFarther, nearest, farthest))
      .add(margin)
      .relu()
    return ops.where(positives, costs, 0).sum().div(positives.cast('float32').sum().maximum(1))
  })
}
