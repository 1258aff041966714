import { epsilon } from '../base/epsilon.ts'
import { DataError, ShapeError } from '../base/errors.ts'
import { boolean, number, optionsOf, share } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { logSoftmax } from '../ops/activations.ts'
import { apply, cast, normalizeAxis, toFloating } from '../ops/apply.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { clip, notEqual, where } from '../ops/comparison.ts'
import { exp, log, neg, withGradient } from '../ops/elementwise.ts'
import { takeAlongAxis } from '../ops/indexing.ts'
import { mean, sum } from '../ops/reduce.ts'
import { reshape } from '../ops/shape.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import {
  checkLabels,
  fitsElementwise,
  formatOutputShape,
  type HostLabels,
  type OutputShape,
} from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface SparseCategoricalCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /** A label that does not count, for padding: −1, 255. Default none. */
  readonly ignoreClass?: number | undefined
  /** The share s of a label that is spread over all classes: (1 − s)·(−log p) + s·mean over all classes of −log p. Default 0. */
  readonly labelSmoothing?: number | undefined
  /** Along which the classes stand. Default −1. */
  readonly axis?: number | undefined
}

export const sparseCategoricalCrossentropyChecks = optionsOf<SparseCategoricalCrossentropyOptions>()({
  fromLogits: boolean,
  ignoreClass: number,
  labelSmoothing: share,
  axis: number,
  ...lossChecks,
})

/** See {@link sparseCategoricalCrossentropy}. */
@takes(sparseCategoricalCrossentropyChecks)
export class SparseCategoricalCrossentropy extends Loss {
  readonly className = 'SparseCategoricalCrossentropy'
  readonly fromLogits: boolean
  readonly ignoreClass: number | undefined
  readonly labelSmoothing: number
  readonly axis: number

  constructor({
    fromLogits = false,
    ignoreClass,
    labelSmoothing = 0,
    axis = -1,
    ...options
  }: SparseCategoricalCrossentropyOptions = {}) {
    super(options, 'sparse_categorical_crossentropy')
    this.fromLogits = fromLogits
    this.ignoreClass = ignoreClass
    this.labelSmoothing = labelSmoothing
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const predicted = toFloating(yPred)
    const at = normalizeAxis(this.className, this.axis, predicted.shape)
    const labels = this.#alongClasses(yTrue, predicted, at)
    const counts = this.#counts(labels)
    const classes = counts === undefined ? labels : where(counts, labels, 0)
    const values = (this.fromLogits ? withLogits : withProbabilities)(
      classes,
      predicted,
      at,
      this.labelSmoothing,
    )
    const counted = counts === undefined ? values : where(counts, values, 0)
    return reshape(counted, predicted.shape.toSpliced(at, 1))
  }

  protected override maskOf(yTrue: Tensor): Tensor | undefined {
    // The values have no axis of the classes, which labels may have.
    const counts = this.#counts(cast(yTrue, 'int32'))
    return counts?.shape.at(this.axis) === 1 && counts.rank > 1
      ? reshape(counts, counts.shape.toSpliced(normalizeAxis(this.className, this.axis, counts.shape), 1))
      : counts
  }

  /** Which labels are not the one to be ignored. */
  #counts(labels: Tensor): Tensor | undefined {
    return this.ignoreClass === undefined ? undefined : notEqual(labels, scalar(this.ignoreClass, 'int32'))
  }

  /** Labels as int32 with an axis of length 1 where the predictions have the classes. */
  #alongClasses(yTrue: Tensor, predicted: Tensor, at: number): Tensor {
    const expected = predicted.shape.with(at, 1)
    const labels = cast(yTrue, 'int32')
    const isFlat = formatShape(labels.shape) === formatShape(expected.toSpliced(at, 1))
    if (!isFlat && formatShape(labels.shape) !== formatShape(expected)) {
      throw new ShapeError({
        where: this.className,
        expected: `a class number for each row of the predictions ${formatShape(predicted.shape)}: shape ${formatShape(expected.toSpliced(at, 1))}`,
        received: formatShape(yTrue.shape),
        fix: 'For one-hot labels use categoricalCrossentropy.',
      })
    }
    return isFlat ? reshape(labels, expected) : labels
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    const at = normalizeAxis(
      this.className,
      this.axis,
      outputShape.map((d) => d ?? 1),
    )
    const rows = outputShape.toSpliced(at, 1)
    // How many there are may be known with the inputs alone: a class for each step.
    const classes = outputShape[at] ?? undefined
    if (!fitsElementwise(labels.shape, rows)) {
      throw new DataError({
        where: this.className,
        expected: `a class number for each row of the output ${formatOutputShape(outputShape)}: labels of shape ${formatOutputShape(rows)}`,
        received: `labels of shape ${formatShape(labels.shape)}`,
        fix: fitsElementwise(labels.shape, outputShape)
          ? 'For one-hot labels use categoricalCrossentropy.'
          : 'Give one label for each output row.',
      })
    }
    const { ignoreClass } = this
    const passes = (value: number) =>
      (value >= 0 && value < (classes ?? Number.POSITIVE_INFINITY) && Math.trunc(value) === value) ||
      value === ignoreClass
    checkLabels(this.className, labels, passes, {
      expected:
        classes === undefined
          ? 'whole class numbers of at least 0'
          : `whole class numbers from 0 to ${classes - 1} (the output has ${classes} classes)`,
      fix: 'Number the classes from 0, or widen the last layer.',
      firstSample,
    })
  }

  override getConfig(): Record<string, unknown> {
    const { fromLogits, ignoreClass = null, labelSmoothing, axis } = this
    // Keras has no smoothing of class numbers, and refuses what it does not know.
    const smoothing = labelSmoothing === 0 ? {} : { labelSmoothing }
    return { ...super.getConfig(), fromLogits, ignoreClass, ...smoothing, axis }
  }
}

/** −log p of the class, of probabilities that are divided by their sum and clipped; without smoothing all but one stay untouched. */
function withProbabilities(classes: Tensor, probabilities: Tensor, axis: number, smoothing: number): Tensor {
  const total = sum(probabilities, axis, { keepDims: true })
  const losses = (p: Tensor) => neg(log(clip(div(p, total), { min: epsilon, max: 1 - epsilon })))
  const ofClass = losses(takeAlongAxis(probabilities, classes, axis))
  return smoothing === 0 ? ofClass : smoothed(ofClass, losses(probabilities), axis, smoothing)
}

/**
 * −log softmax(x) of the class. Its gradient is softmax(x) with 1 taken off at the class, or 1 − s there and s / classes
 * everywhere: a scatter, and no one-hot or reduction as wide as the vocabulary.
 */
function withLogits(classes: Tensor, logits: Tensor, axis: number, smoothing: number): Tensor {
  const logarithms = logSoftmax(logits, axis)
  const ofClass = neg(takeAlongAxis(logarithms, classes, axis))
  const value = smoothing === 0 ? ofClass : smoothed(ofClass, neg(logarithms), axis, smoothing)
  return withGradient(value, [logits], (g) => {
    const size = logits.shape[axis] as number
    const everywhere = smoothing === 0 ? exp(logarithms) : sub(exp(logarithms), smoothing / size)
    const taken = smoothing === 0 ? neg(g) : mul(g, smoothing - 1)
    const atClass = apply('scatterElements', [classes, taken], { axis, size })
    return [add(mul(everywhere, g), atClass)]
  })
}

/** (1 − s)·(loss of the class) + s·(mean loss of all classes). */
const smoothed = (ofClass: Tensor, ofAll: Tensor, axis: number, s: number): Tensor =>
  add(mul(ofClass, 1 - s), mul(mean(ofAll, axis, { keepDims: true }), s))

/**
 * −log p of the class that the label numbers, for probabilities p, or logits of them with `fromLogits`.
 * Probabilities are divided by their sum and clipped to [1e-7, 1 − 1e-7].
 *
 * With `labelSmoothing` as PyTorch's cross entropy: Szegedy et al. 2016, https://arxiv.org/abs/1512.00567
 *
 * Labels (batch, …) or (batch, …, 1), predictions (batch, …, classes), values (batch, …).
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }) })
 * losses.sparseCategoricalCrossentropy(tensor([1]), tensor([[0.5, 0.5]])) // [0.693]
 */
export const sparseCategoricalCrossentropy = lossFactory(SparseCategoricalCrossentropy)
