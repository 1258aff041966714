import { anything, needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { ConstraintIdentifier } from '../../constraints/index.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import { conv } from '../../ops/convolution.ts'
import type { RegularizerIdentifier } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { policyConfig, type WeightPolicy, weightPolicy } from '../base/weight-policy.ts'
import { positiveWhole } from './convolution.ts'
import { DepthwiseConv, type DepthwiseConvOptions, depthwiseConvChecks } from './depthwise-conv.ts'

export interface SeparableConvOptions extends DepthwiseConvOptions {
  /** Number of output channels. */
  readonly filters: number
  /** What the kernel that mixes channels begins as. Default `'glorotUniform'`. */
  readonly pointwiseInitializer?: InitializerIdentifier
  /** A penalty on the pointwise kernel that is added to the loss. Default none. */
  readonly pointwiseRegularizer?: RegularizerIdentifier | null
  /** What the pointwise kernel is made to be after every step. Default none. */
  readonly pointwiseConstraint?: ConstraintIdentifier | null
}

export const separableConvChecks = optionsOf<SeparableConvOptions>()({
  filters: needed(number),
  pointwiseInitializer: anything,
  pointwiseRegularizer: anything,
  pointwiseConstraint: anything,
  ...depthwiseConvChecks,
})

/** What separable convolutions over one and two spatial dimensions have in common. */
export abstract class SeparableConv extends DepthwiseConv {
  readonly filters: number
  readonly #pointwisePolicy: WeightPolicy
  #pointwise: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      filters,
      pointwiseInitializer = 'glorotUniform',
      pointwiseRegularizer,
      pointwiseConstraint,
      ...options
    }: SeparableConvOptions,
  ) {
    super(where, spatial, options)
    this.filters = positiveWhole(`${where}: filters`, filters)
    this.#pointwisePolicy = weightPolicy(pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    const channels = this.addDepthwise(inputShape, 'depthwise_kernel')
    this.#pointwise = this.addWeight({
      name: 'pointwise_kernel',
      shape: [...this.kernelSize.map(() => 1), channels, this.filters],
      ...this.#pointwisePolicy,
    })
    this.addBias(this.filters)
  }

  protected override convolve(x: Tensor): Tensor {
    const { dataFormat } = this
    return conv(super.convolve(x), (this.#pointwise as Variable).value, { dataFormat })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...policyConfig('pointwise', this.#pointwisePolicy),
    }
  }
}

/** Each channel of sequences by itself, then all of them at each place; see {@link separableConv1d}. */
@takes(separableConvChecks)
export class SeparableConv1D extends SeparableConv {
  readonly className = 'SeparableConv1D'
  constructor(options: SeparableConvOptions) {
    super('SeparableConv1D', 1, options)
  }
}

/** Each channel of images by itself, then all of them at each place; see {@link separableConv2d}. */
@takes(separableConvChecks)
export class SeparableConv2D extends SeparableConv {
  readonly className = 'SeparableConv2D'
  constructor(options: SeparableConvOptions) {
    super('SeparableConv2D', 2, options)
  }
}

/**
 * A convolution in two parts: of each channel by itself, then of all channels at each place. It has far fewer
 * weights than a whole one.
 *
 * Input (batch, steps, channels), output (batch, new steps, filters). Weights: depthwise_kernel
 * (kernelSize, channels, depthMultiplier), pointwise_kernel (1, channels · depthMultiplier, filters),
 * bias (filters).
 *
 * Chollet 2016, Xception, https://arxiv.org/abs/1610.02357
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.separableConv1d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [50, 8] })
 */
export const separableConv1d = (options: SeparableConvOptions): SeparableConv1D =>
  new SeparableConv1D(options)

/**
 * A convolution in two parts: of each channel by itself, then of all channels at each place. It has far fewer
 * weights than a whole one.
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, filters). Weights: depthwise_kernel
 * (height, width, channels, depthMultiplier), pointwise_kernel (1, 1, channels · depthMultiplier, filters),
 * bias (filters).
 *
 * Chollet 2016, Xception, https://arxiv.org/abs/1610.02357
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.separableConv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [14, 14, 8] })
 */
export const separableConv2d = (options: SeparableConvOptions): SeparableConv2D =>
  new SeparableConv2D(options)
