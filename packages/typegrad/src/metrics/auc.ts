import { epsilon } from '../base/epsilon.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { divideNoNaN } from '../losses/reduction.ts'
import { add, div, maximum, minimum, mul, sub } from '../ops/arithmetic.ts'
import { equal, greater, logicalAnd, where } from '../ops/comparison.ts'
import { log, sigmoid } from '../ops/elementwise.ts'
import { mean, sum } from '../ops/reduce.ts'
import { slice } from '../ops/shape.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { BatchShapedMetric } from './batch-shaped.ts'
import { type ConfusionCounts, checkedThresholds, confusionCounts } from './confusion.ts'
import type { MetricOptions } from './metric.ts'

const curves = ['ROC', 'PR', 'PRGAIN'] as const
const summationMethods = ['interpolation', 'majoring', 'minoring'] as const

export interface AUCOptions extends MetricOptions {
  /** At how many scores from 0 to 1 the curve is known. Default 200. */
  readonly numThresholds?: number | undefined
  /**
   * The rate of true positives over that of false ones (`'ROC'`), precision over recall (`'PR'`), or the gains
   * of both (`'PRGAIN'`, Flach and Kull 2015). Default `'ROC'`.
   */
  readonly curve?: 'ROC' | 'PR' | 'PRGAIN' | 'roc' | 'pr' | 'prgain' | undefined
  /** Between two thresholds the mean, the larger or the smaller height. Default `'interpolation'`. */
  readonly summationMethod?: (typeof summationMethods)[number] | undefined
  /** Between 0 and 1, in place of `numThresholds`. */
  readonly thresholds?: readonly number[] | undefined
  /** Whether each column of (batch, labels) has a curve, whose areas are averaged. Default false. */
  readonly multiLabel?: boolean | undefined
  /** Number of labels with `multiLabel`. Default: as the first batch has. */
  readonly numLabels?: number | undefined
  /** What each label counts. Default: all the same. */
  readonly labelWeights?: readonly number[] | undefined
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
}

/** See {@link auc}. */
export class AUC extends BatchShapedMetric<keyof ConfusionCounts> {
  readonly className = 'AUC'
  readonly curve: (typeof curves)[number]
  readonly summationMethod: (typeof summationMethods)[number]
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
    if (this.curve === 'PR' && this.summationMethod === 'interpolation') {
      return this.#averaged(interpolatedPrecision(counts))
    }
    const [x, y] = curvePoints[this.curve](counts)
    const heights = between[this.summationMethod](head(y), tail(y))
    return this.#averaged(mul(sub(head(x), tail(x)), heights) as Tensor)
  }

  /** The sum of areas, and with several labels their mean. */
  #averaged(areas: Tensor): Tensor {
    if (!this.multiLabel) return sum(areas) as Tensor
    const byLabel = sum(areas, 0) as Tensor
    if (this.labelWeights === undefined) return mean(byLabel) as Tensor
    const weights = tensor([...this.labelWeights]) as Tensor
    return divideNoNaN(sum(mul(byLabel, weights)) as Tensor, sum(weights) as Tensor)
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

/** All thresholds but the last, and all but the first. */
const head = (x: Tensor): Tensor =>
  slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((d, i) => (i === 0 ? d - 1 : d)),
  )
const tail = (x: Tensor): Tensor =>
  slice(
    x,
    x.shape.map((_, i) => (i === 0 ? 1 : 0)),
    x.shape.map((d, i) => (i === 0 ? d - 1 : d)),
  )

const share = (a: Tensor, b: Tensor): Tensor => divideNoNaN(a, add(a, b) as Tensor)

/** The points of a curve, x and y, at every threshold. */
const curvePoints: Readonly<
  Record<(typeof curves)[number], (counts: ConfusionCounts) => readonly [Tensor, Tensor]>
> = {
  ROC: ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => [
    share(fp, tn),
    share(tp, fn),
  ],
  PR: ({ truePositives: tp, falsePositives: fp, falseNegatives: fn }) => [share(tp, fn), share(tp, fp)],
  PRGAIN: ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => {
    const odds = divideNoNaN(add(tp, fn) as Tensor, add(tn, fp) as Tensor)
    const none = equal(tp, 0)
    const gain = (wrong: Tensor): Tensor => sub(1, mul(odds, divideNoNaN(wrong, tp))) as Tensor
    return [maximum(where(none, 0, gain(fn)), 0) as Tensor, where(none, 1, gain(fp))]
  },
}

/** The height of a piece from those at its ends. */
const between: Readonly<Record<(typeof summationMethods)[number], (a: Tensor, b: Tensor) => Tensor>> = {
  interpolation: (a, b) => div(add(a, b), 2) as Tensor,
  majoring: (a, b) => maximum(a, b) as Tensor,
  minoring: (a, b) => minimum(a, b) as Tensor,
}

/**
 * Areas under the precision–recall curve between thresholds, where true positives rather than precision are
 * interpolated (Davis and Goadrich 2006, https://doi.org/10.1145/1143844.1143874).
 */
function interpolatedPrecision({
  truePositives: tp,
  falsePositives,
  falseNegatives,
}: ConfusionCounts): Tensor {
  const positives = add(tp, falsePositives) as Tensor
  const [before, after] = [head(positives), tail(positives)]
  const gained = sub(head(tp), tail(tp)) as Tensor
  const slope = divideNoNaN(gained, maximum(sub(before, after), 0) as Tensor)
  const intercept = sub(tail(tp), mul(slope, after))
  const both = logicalAnd(greater(before, 0), greater(after, 0))
  const ratio = where(both, divideNoNaN(before, maximum(after, 0) as Tensor), 1)
  const labels = maximum(add(tail(tp), tail(falseNegatives)), 0) as Tensor
  return divideNoNaN(mul(slope, add(gained, mul(intercept, log(ratio)))) as Tensor, labels)
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((item) => item === value)
  if (found !== undefined) return found
  throw new ArgumentError({
    where: `AUC: ${option}`,
    expected: `one of ${known.join(', ')}`,
    received: JSON.stringify(value),
  })
}

/**
 * The area under a curve of all thresholds over all batches: with ROC, the probability that a positive sample
 * has a higher score than a negative one. The curve is known at `numThresholds` scores.
 *
 * @throws ArgumentError for an unknown curve or method, or thresholds outside of 0 to 1.
 * @example
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.auc({ curve: 'PR' })] })
 */
export const auc = (options: AUCOptions = {}): AUC => new AUC(options)
