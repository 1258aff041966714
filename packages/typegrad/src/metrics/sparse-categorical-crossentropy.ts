import { optionsOf, without } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  type SparseCategoricalCrossentropyOptions as LossOptions,
  sparseCategoricalCrossentropyChecks as lossChecks,
  SparseCategoricalCrossentropy as SparseCategoricalCrossentropyLoss,
} from '../losses/sparse-categorical-crossentropy.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export type SparseCategoricalCrossentropyOptions = Omit<LossOptions, 'reduction'>

export const sparseCategoricalCrossentropyChecks = optionsOf<SparseCategoricalCrossentropyOptions>()({
  ...without(lossChecks, 'reduction'),
})

/** See {@link sparseCategoricalCrossentropy}. */
@takes(sparseCategoricalCrossentropyChecks)
export class SparseCategoricalCrossentropy extends PointwiseMetric {
  override readonly className = 'SparseCategoricalCrossentropy'
  readonly #loss: SparseCategoricalCrossentropyLoss

  constructor(options: SparseCategoricalCrossentropyOptions = {}) {
    super(options, 'sparse_categorical_crossentropy')
    this.#loss = new SparseCategoricalCrossentropyLoss(options)
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#loss.call(yTrue, yPred)
  }

  override getConfig(): Record<string, unknown> {
    const { reduction: _, ...config } = this.#loss.getConfig()
    return { ...config, ...super.getConfig() }
  }
}

/** The mean over all batches of −log p of the labels' classes; options as the loss's. */
export const sparseCategoricalCrossentropy = metricFactory(SparseCategoricalCrossentropy)
