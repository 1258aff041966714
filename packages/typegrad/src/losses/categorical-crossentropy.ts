import { toNumbers } from '../base/conversions.ts'
import { epsilon } from '../base/epsilon.ts'
import { DataError } from '../base/errors.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { logSoftmax } from '../ops/activations.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { log, neg } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { checkElementwise, firstOtherRow, type HostLabels, type OutputShape, placeOf } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface CategoricalCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /** The share s of a label that is spread over all classes: y becomes (1 − s)·y + s / classes. Default 0. */
  readonly labelSmoothing?: number | undefined
  /** Along which the classes stand. Default −1. */
  readonly axis?: number | undefined
  /**
   * Whether rows of zeros are labels, of no class: their loss is 0 (without smoothing). Default: in labels for every
   * step (batch, time, classes), where they are padding; as the label of a whole sample they are an error.
   */
  readonly allowZeroRows?: boolean | undefined
}

export const categoricalCrossentropyChecks = optionsOf<CategoricalCrossentropyOptions>()({
  fromLogits: boolean,
  allowZeroRows: boolean,
  labelSmoothing: number,
  axis: number,
  ...lossChecks,
})

/** How far the sum of a row of labels may be from 1: labels may come as float16 or rounded to three digits. */
const sumTolerance = 1e-2

/** See {@link categoricalCrossentropy}. */
@takes(categoricalCrossentropyChecks)
export class CategoricalCrossentropy extends Loss {
  readonly className = 'CategoricalCrossentropy'
  readonly fromLogits: boolean
  readonly labelSmoothing: number
  readonly axis: number
  readonly allowZeroRows: boolean | undefined

  constructor({
    fromLogits = false,
    labelSmoothing = 0,
    axis = -1,
    allowZeroRows,
    ...options
  }: CategoricalCrossentropyOptions = {}) {
    super(options, 'categorical_crossentropy')
    this.fromLogits = fromLogits
    this.labelSmoothing = labelSmoothing
    this.axis = axis
    this.allowZeroRows = allowZeroRows
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const { axis, labelSmoothing: s } = this
    const classes = labels.shape.at(-1) ?? 1
    const targets = s === 0 ? labels : add(mul(labels, 1 - s), s / classes)
    const logarithms = this.fromLogits ? logSoftmax(predicted, axis) : logProbabilities(predicted, axis)
    return neg(sum(mul(targets, logarithms), axis))
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    checkElementwise(
      this.className,
      labels,
      outputShape,
      'Labels are one-hot here; for class numbers use sparseCategoricalCrossentropy.',
    )
    if (this.axis !== -1 && this.axis !== labels.shape.length - 1) return
    const takesZeros = this.allowZeroRows ?? labels.shape.length > 2
    const row = firstOtherRow(labels, takesZeros ? isDistributionOrZero : isDistribution)
    if (row === -1) return
    const classes = labels.shape.at(-1) ?? 1
    throw new DataError({
      where: this.className,
      expected: 'labels from 0 to 1 that sum to 1 over the classes (one-hot, or probabilities)',
      received: `${shownRow(labels, row, classes)} for ${placeOf(row, { ...labels, shape: labels.shape.slice(0, -1) }, firstSample)}`,
      fix:
        'For class numbers use sparseCategoricalCrossentropy, for several classes at once binaryCrossentropy; ' +
        'rows of zeros that are meant need categoricalCrossentropy({ allowZeroRows: true }).',
    })
  }

  override getConfig(): Record<string, unknown> {
    const { fromLogits, labelSmoothing, axis, allowZeroRows } = this
    return {
      ...super.getConfig(),
      fromLogits,
      labelSmoothing,
      axis,
      ...(allowZeroRows === undefined ? {} : { allowZeroRows }),
    }
  }
}

/** log p of probabilities that are made to sum to 1 and clipped to [1e-7, 1 − 1e-7] first. */
function logProbabilities(probabilities: Tensor, axis: number): Tensor {
  const normalized = div(probabilities, sum(probabilities, axis, { keepDims: true }))
  return log(clip(normalized, { min: epsilon, max: 1 - epsilon }))
}

const isDistributionOrZero: typeof isDistribution = (values, start, stop) => {
  for (let i = start; i < stop; i++) if (Number(values[i]) !== 0) return isDistribution(values, start, stop)
  return true
}

function isDistribution(values: ArrayLike<number | bigint>, start: number, stop: number): boolean {
  let total = 0
  for (let i = start; i < stop; i++) {
    const value = Number(values[i])
    // Written so that NaN fails.
    if (!(value >= 0 && value <= 1)) return false
    total += value
  }
  return Math.abs(total - 1) <= sumTolerance
}

function shownRow({ data, dtype }: HostLabels, row: number, classes: number): string {
  const values = toNumbers(data, dtype)
  const shown = Array.from({ length: Math.min(classes, 10) }, (_, i) => String(values[row * classes + i]))
  return `[${shown.join(', ')}${classes > shown.length ? ', …' : ''}]`
}

/**
 * −Σ y·log p over the classes, for one-hot labels (or probabilities) y and probabilities p, or logits of them
 * with `fromLogits`. Probabilities are divided by their sum and clipped to [1e-7, 1 − 1e-7].
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }) })
 * losses.categoricalCrossentropy(tensor([[0, 1]]), tensor([[0.5, 0.5]])) // [0.693]
 */
export const categoricalCrossentropy = lossFactory(CategoricalCrossentropy)
