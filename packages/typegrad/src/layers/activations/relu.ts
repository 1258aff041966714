import { relu } from '../../activations/index.ts'
import { ArgumentError } from '../../base/errors.ts'
import { number, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface ReLUOptions extends LayerOptions {
  /** What larger values are cut to. Default none. */
  readonly maxValue?: number | null
  /** Slope below the threshold. Default 0. */
  readonly negativeSlope?: number
  /** Below it the function is `negativeSlope`·(x − threshold). Default 0. */
  readonly threshold?: number
}

export const reLUChecks = optionsOf<ReLUOptions>()({
  maxValue: orNull(number),
  negativeSlope: number,
  threshold: number,
  ...layerChecks,
})

/** A rectifier; see {@link reLU}. */
@takes(reLUChecks)
export class ReLU extends Layer {
  readonly className = 'ReLU'
  readonly maxValue: number | undefined
  readonly negativeSlope: number
  readonly threshold: number

  constructor({ maxValue, negativeSlope = 0, threshold = 0, ...options }: ReLUOptions = {}) {
    super(options)
    for (const [name, value] of Object.entries({ maxValue: maxValue ?? 0, negativeSlope, threshold })) {
      if (value >= 0) continue
      throw new ArgumentError({
        where: `ReLU: ${name}`,
        expected: 'a number of at least 0',
        received: String(value),
      })
    }
    this.maxValue = maxValue ?? undefined
    this.negativeSlope = negativeSlope
    this.threshold = threshold
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const { maxValue, negativeSlope, threshold } = this
    return relu(x, { maxValue, negativeSlope, threshold })
  }

  override getConfig(): Record<string, unknown> {
    const { maxValue = null, negativeSlope, threshold } = this
    return { ...super.getConfig(), maxValue, negativeSlope, threshold }
  }
}

/**
 * max(x, 0), with Keras's variations: cut at `maxValue`, a slope below `threshold`. The shape stays.
 *
 * @throws ArgumentError for a negative option.
 * @example
 * layers.reLU()
 * layers.reLU({ maxValue: 6 })
 */
export const reLU = (options?: ReLUOptions): ReLU => new ReLU(options)
