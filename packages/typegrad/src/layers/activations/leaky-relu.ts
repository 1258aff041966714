import { ArgumentError } from '../../base/errors.ts'
import { number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { leakyRelu } from '../../ops/activations.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. Default 0.3. */
  readonly negativeSlope?: number
}

export const leakyReLUChecks = optionsOf<LeakyReLUOptions>()({ negativeSlope: number, ...layerChecks })

/** A rectifier that leaks; see {@link leakyReLU}. */
@takes(leakyReLUChecks)
export class LeakyReLU extends Layer {
  readonly className = 'LeakyReLU'
  readonly negativeSlope: number

  constructor({ negativeSlope = 0.3, ...options }: LeakyReLUOptions = {}) {
    super(options)
    if (!(negativeSlope >= 0)) {
      throw new ArgumentError({
        where: 'LeakyReLU',
        expected: 'a negativeSlope of at least 0',
        received: String(negativeSlope),
      })
    }
    this.negativeSlope = negativeSlope
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    return leakyRelu(x, { negativeSlope: this.negativeSlope })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), negativeSlope: this.negativeSlope }
  }
}

/**
 * x where positive, `negativeSlope`·x elsewhere. The shape stays.
 *
 * @throws ArgumentError for a negative slope.
 * @example
 * layers.leakyReLU({ negativeSlope: 0.1 })
 */
export const leakyReLU = (options?: LeakyReLUOptions): LeakyReLU => new LeakyReLU(options)
