import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { mul, pow, sub } from '../ops/arithmetic.ts'
import { takeAlongAxis } from '../ops/indexing.ts'
import { reshape } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { classNumbers } from './class-numbers.ts'
import type { HostLabels, OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'
import { SparseCategoricalCrossentropy } from './sparse-categorical-crossentropy.ts'

export interface CategoricalGeneralizedCrossEntropyOptions extends LossOptions {
  /** Between the mean absolute error (near 1) and cross-entropy (near 0). Default 0.5. */
  readonly q?: number | undefined
}

export const categoricalGeneralizedCrossEntropyChecks =
  optionsOf<CategoricalGeneralizedCrossEntropyOptions>()({ q: number, ...lossChecks })

/** See {@link categoricalGeneralizedCrossEntropy}. */
@takes(categoricalGeneralizedCrossEntropyChecks)
export class CategoricalGeneralizedCrossEntropy extends Loss {
  readonly className = 'CategoricalGeneralizedCrossEntropy'
  readonly q: number

  constructor({ q = 0.5, ...options }: CategoricalGeneralizedCrossEntropyOptions = {}) {
    super(options, 'categorical_generalized_cross_entropy')
    if (!(q > 0 && q < 1)) {
      throw new ArgumentError({ where: this.className, expected: 'q between 0 and 1', received: String(q) })
    }
    this.q = q
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const classes = classNumbers(this.className, yTrue, yPred)
    const chosen = takeAlongAxis(yPred, reshape(classes, [...classes.shape, 1]), -1)
    return mul(sub(1, pow(reshape(chosen, classes.shape), this.q)), 1 / this.q)
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    new SparseCategoricalCrossentropy({ name: this.name }).validate(labels, outputShape, firstSample)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), q: this.q }
  }
}

/**
 * (1 − p^q) / q of the class that the label numbers, for probabilities p: it bears labels that are wrong
 * (Zhang and Sabuncu 2018, https://arxiv.org/abs/1805.07836).
 *
 * @throws ArgumentError unless q is between 0 and 1.
 */
export const categoricalGeneralizedCrossEntropy = lossFactory(CategoricalGeneralizedCrossEntropy)
