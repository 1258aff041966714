import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { anything, number, optionsOf } from '../base/options.ts'
import { canonicalName } from '../base/registry.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { normal, truncatedNormal, uniform } from '../random/distributions.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { computeFans, type FanAxes, type Fans, fanAxesChecks } from './fans.ts'
import { Initializer, type RandomInitializerOptions, randomInitializerChecks } from './initializer.ts'

/** What the variance is divided by. */
const modes = {
  fanIn: ({ fanIn }: Fans) => fanIn,
  fanOut: ({ fanOut }: Fans) => fanOut,
  fanAvg: ({ fanIn, fanOut }: Fans) => (fanIn + fanOut) / 2,
}

/** What is left of a normal distribution's standard deviation when it is cut at twice of it. */
const cut = 0.8796256610342398

interface Draw {
  readonly shape: Shape
  readonly variance: number
  readonly seed: number | undefined
  readonly dtype: DType
}

const distributions = {
  uniform: ({ shape, variance, ...options }: Draw): Tensor => {
    const limit = Math.sqrt(3 * variance)
    return uniform(shape, { min: -limit, max: limit, ...options })
  },
  truncatedNormal: ({ shape, variance, ...options }: Draw): Tensor =>
    truncatedNormal(shape, { stddev: Math.sqrt(variance) / cut, ...options }),
  untruncatedNormal: ({ shape, variance, ...options }: Draw): Tensor =>
    normal(shape, { stddev: Math.sqrt(variance), ...options }),
}

export type FanMode = keyof typeof modes
export type ScaledDistribution = keyof typeof distributions

/** Options of the initializers whose variance follows from the shape. */
export interface ScaledInitializerOptions extends RandomInitializerOptions, FanAxes {}

export const scaledInitializerChecks = optionsOf<ScaledInitializerOptions>()({
  ...randomInitializerChecks,
  ...fanAxesChecks,
})

export interface VarianceScalingOptions extends ScaledInitializerOptions {
  /** The variance times the fan. Default 1. */
  readonly scale?: number | undefined
  /** Which fan divides the scale. Default `'fanIn'`. */
  readonly mode?: FanMode | undefined
  /** What values are drawn from. Default `'truncatedNormal'`; `'normal'` means the same. */
  readonly distribution?: ScaledDistribution | 'normal' | undefined
}

export const varianceScalingChecks = optionsOf<VarianceScalingOptions>()({
  scale: number,
  mode: anything,
  distribution: anything,
  ...scaledInitializerChecks,
})

/** Random numbers whose variance is `scale` / fan; see {@link varianceScaling}. */
@takes(varianceScalingChecks)
export class VarianceScaling extends Initializer {
  readonly className: string = 'VarianceScaling'
  readonly scale: number
  readonly mode: FanMode
  readonly distribution: ScaledDistribution
  readonly seed: number | undefined
  readonly #axes: FanAxes

  constructor({
    scale = 1,
    mode = 'fanIn',
    distribution = 'truncatedNormal',
    seed,
    inputAxes,
    outputAxes,
  }: VarianceScalingOptions = {}) {
    super()
    if (!(scale > 0)) {
      throw new ArgumentError({
        where: 'varianceScaling',
        expected: 'a scale above 0',
        received: String(scale),
      })
    }
    this.scale = scale
    this.mode = canonicalName('fan mode', mode, modes)
    this.distribution = canonicalName('distribution', distribution, distributions, {
      normal: 'truncatedNormal',
    })
    this.seed = seed
    this.#axes = { inputAxes, outputAxes }
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    const fan = modes[this.mode](computeFans(shape, this.#axes))
    const variance = this.scale / Math.max(1, fan)
    return distributions[this.distribution]({ shape, variance, seed: this.seed, dtype })
  }

  override getConfig(): Record<string, unknown> {
    return {
      scale: this.scale,
      mode: this.mode,
      distribution: this.distribution,
      ...this.drawConfig(),
    }
  }

  /** The part of the configuration that the initializers with a fixed scale have too. */
  protected drawConfig(): Record<string, unknown> {
    const { inputAxes = null, outputAxes = null } = this.#axes
    return { seed: this.seed ?? null, inputAxes, outputAxes }
  }
}

/**
 * Random numbers with mean 0 whose variance is `scale` divided by the number of a weight's inputs, outputs,
 * or the mean of both: signals keep their size from layer to layer.
 *
 * @throws ArgumentError if the scale is not positive, UnknownNameError for another mode or distribution.
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.varianceScaling({ scale: 2, mode: 'fanOut' }) })
 */
export const varianceScaling = (options: VarianceScalingOptions = {}): VarianceScaling =>
  new VarianceScaling(options)
