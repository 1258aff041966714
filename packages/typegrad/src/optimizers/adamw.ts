import { optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Adam, type AdamOptions, adamChecks } from './adam.ts'

export interface AdamWOptions extends AdamOptions {
  /** The share of a weight, times the learning rate, that each step takes off. Default 0.004. */
  readonly weightDecay?: number | undefined
}

export const adamWChecks = optionsOf<AdamWOptions>()({ ...adamChecks })

/** See {@link adamw}. */
@takes(adamWChecks)
export class AdamW extends Adam {
  override readonly className = 'AdamW'

  constructor({ weightDecay = 0.004, ...options }: AdamWOptions = {}) {
    super({ ...options, weightDecay }, 'adamw')
  }
}

/**
 * Adam with weight decay that does not pass through its moments
 * (Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101).
 *
 * @example
 * const optimizer = optimizers.adamw({ learningRate: 3e-4, weightDecay: 0.1 })
 * optimizer.excludeFromWeightDecay(['bias', 'gamma', 'beta'])
 */
export const adamw = (options: AdamWOptions = {}): AdamW => new AdamW(options)
