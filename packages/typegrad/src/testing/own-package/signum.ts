/** An optimizer as a package brings it: this file and its test, of the doors alone. */
import { ops, type Tensor, type Variable } from 'typegrad/core'
import {
  checks,
  Optimizer,
  type OptimizerOptions,
  optimizerChecks,
  register,
  type Slot,
  type Slots,
  type Step,
  takes,
  type UpdateRule,
} from 'typegrad/layers'

export interface SignumOptions extends OptimizerOptions {
  /** The share of the mean of gradients that is kept from step to step. Default 0.9. */
  readonly momentum?: number
}

const signumChecks = checks.optionsOf<SignumOptions>()({ momentum: checks.share, ...optimizerChecks })

/**
 * Steps of one length by the sign of the mean gradient (Bernstein et al. 2018, https://arxiv.org/abs/1802.04434):
 *
 *     m ← β·m + (1 − β)·g
 *     w ← w − η·sign(m)
 */
@takes(signumChecks)
export class Signum extends Optimizer {
  readonly className = 'Signum'
  readonly momentum: number

  constructor({ momentum = 0.9, ...options }: SignumOptions = {}) {
    super(options, 'signum', 1e-3)
    this.momentum = momentum
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    return (gradient: Tensor, weight: Variable, slots: Slots) => {
      const mean = slots.momentum as Variable
      const next = mean.value.mul(this.momentum).add(gradient.mul(1 - this.momentum))
      mean.assign(next)
      weight.assign(weight.value.sub(ops.sign(next).mul(learningRate)))
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), momentum: this.momentum }
  }
}

register('optimizer', Signum, { package: 'own-package' })
