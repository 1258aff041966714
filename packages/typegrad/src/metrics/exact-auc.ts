import { ArgumentError } from '../base/errors.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { weightOfEach } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { mul, sub } from '../ops/arithmetic.ts'
import { notEqual } from '../ops/comparison.ts'
import { sigmoid } from '../ops/elementwise.ts'
import { cumsum, gather, scatterAdd, topK } from '../ops/indexing.ts'
import { sum } from '../ops/reduce.ts'
import { concat, flip, slice, stack } from '../ops/shape.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { areasUnder, type Curve, curves, oneOf, type SummationMethod, summationMethods } from './auc-curve.ts'
import type { AUCOptions } from './auc-options.ts'
import { CollectingMetric } from './collecting.ts'

/** Options that say how the curve is cut, or that there are several. */
const unfit = ['thresholds', 'multiLabel', 'numLabels', 'labelWeights'] as const

/** The area under a curve that is known at every score; see {@link auc}, with `exact`. */
export class ExactAUC extends CollectingMetric {
  readonly className = 'AUC'
  readonly curve: Curve
  readonly summationMethod: SummationMethod
  readonly fromLogits: boolean

  constructor(given: AUCOptions = {}) {
    const { curve = 'ROC', summationMethod = 'interpolation', fromLogits = false, ...options } = given
    super(options, 'auc')
    for (const name of unfit) {
      // A configuration says of each option what it is.
      if (given[name] == null || given[name] === false) continue
      throw new ArgumentError({
        where: `AUC: ${name}`,
        expected: 'none with exact, which has one curve of all scores',
        received: JSON.stringify(given[name]),
        fix: 'Leave exact out.',
      })
    }
    this.curve = oneOf('curve', curve.toUpperCase(), curves)
    this.summationMethod = oneOf('summationMethod', summationMethod.toLowerCase(), summationMethods)
    this.fromLogits = fromLogits
  }

  /** (n, 3): the score, and what it weighs as a positive and as a negative. */
  protected rowsOf(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | undefined): Tensor {
    const predicted = cast(this.fromLogits ? sigmoid(yPred) : yPred, 'float32')
    const [labels, scores] = alignedOperands(this.className, yTrue, predicted)
    const positive = cast(notEqual(labels, 0), 'float32')
    const weight =
      sampleWeight === undefined ? undefined : weightOfEach(scores, cast(sampleWeight, 'float32'))
    const isTrue = weight === undefined ? positive : mul(positive, weight)
    const isFalse = sub(weight ?? 1, isTrue)
    return stack(
      [scores, isTrue, isFalse].map((x) => x.reshape([scores.size])),
      1,
    )
  }

  /**
   * Scores from the highest to the lowest, equal ones as one group, and the weights above each: with ROC and
   * interpolation Σ (FPᵢ − FPᵢ₋₁)·(TPᵢ + TPᵢ₋₁) / (2·P·N), the share of pairs in the right order, where equal scores
   * count half.
   */
  protected resultOf(rows: Tensor): Tensor {
    const [count] = rows.shape as readonly [number, number]
    const column = (i: number): Tensor => slice(rows, [0, i], [count, 1]).reshape([count])
    const { values: scores, indices } = topK(column(0), count)
    const differs = notEqual(slice(scores, [1], [count - 1]), slice(scores, [0], [count - 1]))
    const group = concat([zeros([1], { dtype: 'int32' }), cumsum(cast(differs, 'int32'))])
    // Double precision: sums of a million weights.
    const above = (weights: Tensor): Tensor => {
      const sorted = cast(gather(weights, indices), 'float64')
      const byGroup = scatterAdd(zeros([count], { dtype: 'float64' }), group, sorted)
      return flip(concat([zeros([1], { dtype: 'float64' }), cumsum(byGroup)]))
    }
    const [truePositives, falsePositives] = [above(column(1)), above(column(2))]
    const rest = (counts: Tensor): Tensor => sub(slice(counts, [0], [1]), counts)
    const areas = areasUnder(this.curve, this.summationMethod, {
      truePositives,
      falsePositives,
      trueNegatives: rest(falsePositives),
      falseNegatives: rest(truePositives),
    })
    return cast(sum(areas), 'float32')
  }

  override getConfig(): Record<string, unknown> {
    const { curve, summationMethod, fromLogits } = this
    return { ...super.getConfig(), curve, summationMethod, fromLogits, exact: true }
  }
}
