import { epsilon } from '../base/epsilon.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, mul, pow, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { log, neg, sigmoid } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { checkElementwise, checkLabels, type HostLabels, type OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface BinaryFocalCrossentropyOptions extends LossOptions {
  /** Whether labels of 1 count α and those of 0 count 1 − α. Default false. */
  readonly applyClassBalancing?: boolean | undefined
  /** Default 0.25. */
  readonly alpha?: number | undefined
  /** How much less what is easy counts; with 0 all count the same. Default 2. */
  readonly gamma?: number | undefined
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /** Moves labels this far towards ½: 0 and 1 become s/2 and 1 − s/2. Default 0. */
  readonly labelSmoothing?: number | undefined
  /** Over which the mean of a sample's values is taken. Default −1. */
  readonly axis?: number | undefined
}

export const binaryFocalCrossentropyChecks = optionsOf<BinaryFocalCrossentropyOptions>()({
  applyClassBalancing: boolean,
  alpha: number,
  gamma: number,
  fromLogits: boolean,
  labelSmoothing: number,
  axis: number,
  ...lossChecks,
})

/** See {@link binaryFocalCrossentropy}. */
@takes(binaryFocalCrossentropyChecks)
export class BinaryFocalCrossentropy extends Loss {
  readonly className = 'BinaryFocalCrossentropy'
  readonly applyClassBalancing: boolean
  readonly alpha: number
  readonly gamma: number
  readonly fromLogits: boolean
  readonly labelSmoothing: number
  readonly axis: number

  constructor({
    applyClassBalancing = false,
    alpha = 0.25,
    gamma = 2,
    fromLogits = false,
    labelSmoothing = 0,
    axis = -1,
    ...options
  }: BinaryFocalCrossentropyOptions = {}) {
    super(options, 'binary_focal_crossentropy')
    this.applyClassBalancing = applyClassBalancing
    this.alpha = alpha
    this.gamma = gamma
    this.fromLogits = fromLogits
    this.labelSmoothing = labelSmoothing
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const { labelSmoothing: s, alpha, gamma } = this
    const y = s === 0 ? labels : add(mul(labels, 1 - s), s / 2)
    const p = this.fromLogits ? sigmoid(predicted) : predicted
    const clipped = clip(p, { min: epsilon, max: 1 - epsilon })
    const crossentropy = neg(either(y, log(clipped), log(sub(1, clipped))))
    // 1 − pₜ, the probability of the other class.
    const other = either(y, sub(1, p), p)
    const focal = mul(pow(other, gamma), crossentropy)
    const balanced = this.applyClassBalancing ? mul(add(mul(y, 2 * alpha - 1), 1 - alpha), focal) : focal
    return mean(balanced, this.axis)
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    checkElementwise(this.className, labels, outputShape)
    checkLabels(this.className, labels, (value) => value >= 0 && value <= 1, {
      expected: 'labels from 0 to 1',
      fix: 'Map the two classes to 0 and 1.',
      firstSample,
    })
  }

  override getConfig(): Record<string, unknown> {
    const { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis } = this
    return { ...super.getConfig(), applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }
  }
}

/** y·a + (1 − y)·b. */
const either = (y: Tensor, a: Tensor, b: Tensor): Tensor => add(mul(y, a), mul(sub(1, y), b))

/**
 * Binary cross-entropy times (1 − pₜ)^γ, where pₜ is the probability of the right class: what is easy counts
 * little, for classes that are rare (Lin et al. 2017, https://arxiv.org/abs/1708.02002).
 *
 * @example
 * losses.binaryFocalCrossentropy({ gamma: 3, fromLogits: true })
 */
export const binaryFocalCrossentropy = lossFactory(BinaryFocalCrossentropy)
