import { optionsOf, without } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  CategoricalCrossentropy as CategoricalCrossentropyLoss,
  type CategoricalCrossentropyOptions as LossOptions,
  categoricalCrossentropyChecks as lossChecks,
} from '../losses/categorical-crossentropy.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export type CategoricalCrossentropyOptions = Omit<LossOptions, 'reduction'>

export const categoricalCrossentropyChecks = optionsOf<CategoricalCrossentropyOptions>()({
  ...without(lossChecks, 'reduction'),
})

/** See {@link categoricalCrossentropy}. */
@takes(categoricalCrossentropyChecks)
export class CategoricalCrossentropy extends PointwiseMetric {
  override readonly className = 'CategoricalCrossentropy'
  readonly #loss: CategoricalCrossentropyLoss

  constructor(options: CategoricalCrossentropyOptions = {}) {
    super(options, 'categorical_crossentropy')
    this.#loss = new CategoricalCrossentropyLoss(options)
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#loss.call(yTrue, yPred)
  }

  override getConfig(): Record<string, unknown> {
    const { reduction: _, ...config } = this.#loss.getConfig()
    return { ...config, ...super.getConfig() }
  }
}

/** The mean over all batches of −Σ y·log p over the classes; options as the loss's. */
export const categoricalCrossentropy = metricFactory(CategoricalCrossentropy)
