import { epsilon } from '../base/epsilon.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, maximum, mul, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { abs, exp, log, neg, sigmoid, withGradient } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { checkElementwise, checkLabels, type HostLabels, type OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface BinaryCrossentropyOptions extends LossOptions {
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /** Moves labels this far towards ½: 0 and 1 become s/2 and 1 − s/2. Default 0. */
  readonly labelSmoothing?: number | undefined
  /** Over which the mean of a sample's values is taken. Default −1. */
  readonly axis?: number | undefined
}

export const binaryCrossentropyChecks = optionsOf<BinaryCrossentropyOptions>()({
  fromLogits: boolean,
  labelSmoothing: number,
  axis: number,
  ...lossChecks,
})

/** See {@link binaryCrossentropy}. */
@takes(binaryCrossentropyChecks)
export class BinaryCrossentropy extends Loss {
  readonly className = 'BinaryCrossentropy'
  readonly fromLogits: boolean
  readonly labelSmoothing: number
  readonly axis: number

  constructor({
    fromLogits = false,
    labelSmoothing = 0,
    axis = -1,
    ...options
  }: BinaryCrossentropyOptions = {}) {
    super(options, 'binary_crossentropy')
    this.fromLogits = fromLogits
    this.labelSmoothing = labelSmoothing
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const { labelSmoothing: s } = this
    const targets = s === 0 ? labels : add(mul(labels, 1 - s), s / 2)
    return mean(
      this.fromLogits ? withLogits(targets, predicted) : withProbabilities(targets, predicted),
      this.axis,
    )
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    checkElementwise(
      this.className,
      labels,
      outputShape,
      'For one of several classes use categoricalCrossentropy or sparseCategoricalCrossentropy.',
    )
    checkLabels(this.className, labels, (value) => value >= 0 && value <= 1, {
      expected: 'labels from 0 to 1',
      fix: 'Map the two classes to 0 and 1.',
      firstSample,
    })
  }

  override getConfig(): Record<string, unknown> {
    const { fromLogits, labelSmoothing, axis } = this
    return { ...super.getConfig(), fromLogits, labelSmoothing, axis }
  }
}

function withProbabilities(targets: Tensor, probabilities: Tensor): Tensor {
  const p = clip(probabilities, { min: epsilon, max: 1 - epsilon })
  return neg(add(mul(targets, log(p)), mul(sub(1, targets), log(sub(1, p)))))
}

/**
 * max(x, 0) − x·t + log(1 + e^−|x|), which never overflows, with the gradient sigmoid(x) − t. (Below 1e-7 the
 * logarithm loses digits that log1p would keep: a loss adds it to larger numbers anyway.)
 */
function withLogits(targets: Tensor, logits: Tensor): Tensor {
  const rest = log(add(exp(neg(abs(logits))), 1))
  const value = add(sub(maximum(logits, 0), mul(logits, targets)), rest)
  return withGradient(value, [logits, targets], (g) => [
    mul(g, sub(sigmoid(logits), targets)),
    neg(mul(g, logits)),
  ])
}

/**
 * The mean over the last axis of −y·log p − (1 − y)·log(1 − p), for labels y from 0 to 1 and probabilities p, or
 * logits of them with `fromLogits`. Probabilities are clipped to [1e-7, 1 − 1e-7].
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.binaryCrossentropy({ fromLogits: true }) })
 * losses.binaryCrossentropy(tensor([[0, 1]]), tensor([[0.5, 0.5]])) // [0.693]
 */
export const binaryCrossentropy = lossFactory(BinaryCrossentropy)
