import { epsilon } from '../base/epsilon.ts'
import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { mul } from '../ops/arithmetic.ts'
import { neg } from '../ops/elementwise.ts'
import { normalize, sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface CosineSimilarityOptions extends LossOptions {
  /** Along which the vectors stand. Default −1. */
  readonly axis?: number | undefined
}

export const cosineSimilarityChecks = optionsOf<CosineSimilarityOptions>()({ axis: number, ...lossChecks })

/** See {@link cosineSimilarity}. */
@takes(cosineSimilarityChecks)
export class CosineSimilarity extends Loss {
  readonly className = 'CosineSimilarity'
  readonly axis: number

  constructor({ axis = -1, ...options }: CosineSimilarityOptions = {}) {
    super(options, 'cosine_similarity')
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const [a, b] = [labels, predicted].map((x) => normalize(x, this.axis, epsilon ** 2)) as [Tensor, Tensor]
    return neg(sum(mul(a, b), this.axis))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * The negative cosine of the angle between labels and predictions along an axis: −1 where they point the same
 * way, 0 where they are orthogonal or one of them is 0.
 *
 * @example
 * losses.cosineSimilarity(tensor([[0, 2]]), tensor([[0, 1]])) // [-1]
 */
export const cosineSimilarity = lossFactory(CosineSimilarity)
