import { optionsOf, without } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  BinaryCrossentropy as BinaryCrossentropyLoss,
  type BinaryCrossentropyOptions as LossOptions,
  binaryCrossentropyChecks as lossChecks,
} from '../losses/binary-crossentropy.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export type BinaryCrossentropyOptions = Omit<LossOptions, 'reduction'>

export const binaryCrossentropyChecks = optionsOf<BinaryCrossentropyOptions>()({
  ...without(lossChecks, 'reduction'),
})

/** See {@link binaryCrossentropy}. */
@takes(binaryCrossentropyChecks)
export class BinaryCrossentropy extends PointwiseMetric {
  override readonly className = 'BinaryCrossentropy'
  readonly #loss: BinaryCrossentropyLoss

  constructor(options: BinaryCrossentropyOptions = {}) {
    super(options, 'binary_crossentropy')
    this.#loss = new BinaryCrossentropyLoss(options)
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#loss.call(yTrue, yPred)
  }

  override getConfig(): Record<string, unknown> {
    const { reduction: _, ...config } = this.#loss.getConfig()
    return { ...config, ...super.getConfig() }
  }
}

/** The mean over all batches of −y·log p − (1 − y)·log(1 − p); options as the loss's. */
export const binaryCrossentropy = metricFactory(BinaryCrossentropy)
