import { epsilon } from '../base/epsilon.ts'
import { takes } from '../base/takes.ts'
import { div, mul } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { log } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link klDivergence}. */
@takes(lossChecks)
export class KLDivergence extends Loss {
  readonly className = 'KLDivergence'

  constructor(options: LossOptions = {}) {
    super(options, 'kl_divergence')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const [p, q] = [labels, predicted].map((x) => clip(x, { min: epsilon, max: 1 })) as [Tensor, Tensor]
    return sum(mul(p, log(div(p, q))), -1)
  }
}

/**
 * The Kullback-Leibler divergence Σ yTrue·log(yTrue / yPred) over the last axis, of probabilities clipped to
 * [1e-7, 1] (Kullback and Leibler 1951).
 */
export const klDivergence = lossFactory(KLDivergence)
