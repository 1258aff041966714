import { epsilon } from '../base/epsilon.ts'
import { anything, boolean, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { softmax } from '../ops/activations.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { log } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface CategoricalFocalCrossentropyOptions extends LossOptions {
  /** What a class counts: one number, or one for each class. Default 0.25. */
  readonly alpha?: number | readonly number[] | undefined
  /** How much less what is easy counts; with 0 all count the same. Default 2. */
  readonly gamma?: number | undefined
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /** The share s of a label that is spread over all classes: y becomes (1 − s)·y + s / classes. Default 0. */
  readonly labelSmoothing?: number | undefined
  /** Along which the classes stand. Default −1. */
  readonly axis?: number | undefined
}

export const categoricalFocalCrossentropyChecks = optionsOf<CategoricalFocalCrossentropyOptions>()({
  alpha: anything,
  gamma: number,
  fromLogits: boolean,
  labelSmoothing: number,
  axis: number,
  ...lossChecks,
})

/** See {@link categoricalFocalCrossentropy}. */
@takes(categoricalFocalCrossentropyChecks)
export class CategoricalFocalCrossentropy extends Loss {
  readonly className = 'CategoricalFocalCrossentropy'
  readonly alpha: number | readonly number[]
  readonly gamma: number
  readonly fromLogits: boolean
  readonly labelSmoothing: number
  readonly axis: number

  constructor({
    alpha = 0.25,
    gamma = 2,
    fromLogits = false,
    labelSmoothing = 0,
    axis = -1,
    ...options
  }: CategoricalFocalCrossentropyOptions = {}) {
    super(options, 'categorical_focal_crossentropy')
    this.alpha = alpha
    this.gamma = gamma
    this.fromLogits = fromLogits
    this.labelSmoothing = labelSmoothing
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const { labelSmoothing: s, alpha, gamma, axis } = this
    const classes = labels.shape.at(-1) ?? 1
    const y = s === 0 ? labels : add(mul(labels, 1 - s), s / classes)
    const probabilities = this.fromLogits ? softmax(predicted, axis) : predicted
    const normalized = div(probabilities, sum(probabilities, axis, { keepDims: true }))
    const p = clip(normalized, { min: epsilon, max: 1 - epsilon })
    const weight = mul(pow(sub(1, p), gamma), typeof alpha === 'number' ? -alpha : alpha.map((a) => -a))
    return sum(mul(mul(y, log(p)), weight), axis)
  }

  override getConfig(): Record<string, unknown> {
    const { alpha, gamma, fromLogits, labelSmoothing, axis } = this
    return { ...super.getConfig(), alpha, gamma, fromLogits, labelSmoothing, axis }
  }
}

/**
 * −Σ α·(1 − p)^γ·y·log p over the classes, for one-hot labels y: what is easy counts little
 * (Lin et al. 2017, https://arxiv.org/abs/1708.02002).
 *
 * @example
 * losses.categoricalFocalCrossentropy({ alpha: [0.1, 0.3, 0.6] })
 */
export const categoricalFocalCrossentropy = lossFactory(CategoricalFocalCrossentropy)
