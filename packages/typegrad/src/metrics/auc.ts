import { epsilon } from '../base/epsilon.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { checked } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { divideNoNaN } from '../losses/reduction.ts'
import { mul } from '../ops/arithmetic.ts'
import { sigmoid } from '../ops/elementwise.ts'
import { mean, sum } from '../ops/reduce.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { areasUnder, type Curve, curves, oneOf, type SummationMethod, summationMethods } from './auc-curve.ts'
import { type AUCOptions, aucChecks } from './auc-options.ts'
import { BatchShapedMetric } from './batch-shaped.ts'
import { type ConfusionCounts, checkedThresholds, confusionCounts } from './confusion.ts'
import { ExactAUC } from './exact-auc.ts'

/** See {@link auc}. */
@takes(aucChecks)
export class AUC extends BatchShapedMetric<keyof ConfusionCounts> {
  readonly className = 'AUC'
  readonly curve: Curve
  readonly summationMethod: SummationMethod
  /** With one just below 0 and one just above 1. */
  readonly thresholds: readonly number[]
  readonly multiLabel: boolean
  readonly numLabels: number | undefined
  readonly labelWeights: readonly number[] | undefined
  readonly fromLogits: boolean
  readonly #given: readonly number[] | undefined

  constructor({
    numThresholds = 200,
    curve = 'ROC',
    summationMethod = 'interpolation',
    thresholds,
    multiLabel = false,
    numLabels,
    labelWeights,
    fromLogits = false,
    ...options
  }: AUCOptions = {}) {
    super(options, 'auc', {
      truePositives: 'true_positives',
      falsePositives: 'false_positives',
      trueNegatives: 'true_negatives',
      falseNegatives: 'false_negatives',
    })
    this.curve = oneOf('curve', curve.toUpperCase(), curves)
    this.summationMethod = oneOf('summationMethod', summationMethod.toLowerCase(), summationMethods)
    if (thresholds === undefined && !(Number.isInteger(numThresholds) && numThresholds > 1)) {
      throw new ArgumentError({
        where: 'AUC',
        expected: 'a whole number above 1 for numThresholds',
        received: String(numThresholds),
      })
    }
    if (numLabels !== undefined && !multiLabel) {
      throw new ArgumentError({
        where: 'AUC',
        expected: 'numLabels with multiLabel alone',
        received: String(numLabels),
      })
    }
    const inner =
      thresholds === undefined
        ? Array.from({ length: numThresholds - 2 }, (_, i) => (i + 1) / (numThresholds - 1))
        : checkedThresholds('AUC', thresholds, 0.5).toSorted((a, b) => a - b)
    this.#given = thresholds === undefined ? undefined : inner
    this.thresholds = [-epsilon, ...inner, 1 + epsilon]
    this.multiLabel = multiLabel
    this.numLabels = numLabels
    this.labelWeights = labelWeights
    this.fromLogits = fromLogits
    if (!multiLabel) this.build([this.thresholds.length])
    else if (numLabels !== undefined) this.build([this.thresholds.length, numLabels])
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    if (this.multiLabel && yPred.rank !== 2) {
      throw new ShapeError({
        where: 'AUC with multiLabel',
        expected: 'predictions (batch, labels)',
        received: formatShape(yPred.shape),
      })
    }
    const scores = this.fromLogits ? sigmoid(yPred) : yPred
    this.gather(confusionCounts(this.className, yTrue, scores, sampleWeight, this))
  }

  protected override resultOf(counts: ConfusionCounts): Tensor {
    return this.#averaged(areasUnder(this.curve, this.summationMethod, counts))
  }

  /** The sum of areas, and with several labels their mean. */
  #averaged(areas: Tensor): Tensor {
    if (!this.multiLabel) return sum(areas)
    const byLabel = sum(areas, 0)
    if (this.labelWeights === undefined) return mean(byLabel)
    const weights = tensor([...this.labelWeights])
    return divideNoNaN(sum(mul(byLabel, weights)), sum(weights))
  }

  override getConfig(): Record<string, unknown> {
    const { curve, summationMethod, multiLabel, numLabels, labelWeights, fromLogits } = this
    return {
      ...super.getConfig(),
      numThresholds: this.thresholds.length,
      curve,
      summationMethod,
      multiLabel,
      numLabels: numLabels ?? null,
      labelWeights: labelWeights ?? null,
      fromLogits,
      ...(this.#given === undefined ? {} : { thresholds: this.#given }),
    }
  }
}

/**
 * The area under a curve of all thresholds over all batches: with ROC, the probability that a positive sample
 * has a higher score than a negative one. The curve is known at `numThresholds` scores, as in Keras: scores that lie
 * between two of these count as equal, so that a ranking of small probabilities is worth less than it is. With `exact`
 * every score is a threshold.
 *
 * @throws ArgumentError for an unknown curve or method, or thresholds outside of 0 to 1.
 * @example
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.auc({ curve: 'PR' })] })
 */
export function auc(options: AUCOptions & { readonly exact: true }): ExactAUC
export function auc(options?: AUCOptions & { readonly exact?: false | undefined }): AUC
export function auc(options?: AUCOptions): AUC | ExactAUC
export function auc(options: AUCOptions = {}): AUC | ExactAUC {
  // The exact one has the options of the other, but not its class, which would be a circle.
  return checked('auc', options, aucChecks).exact ? new ExactAUC(options) : new AUC(options)
}
