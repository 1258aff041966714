import { anything, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { ConstraintIdentifier } from '../../constraints/index.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import { conv } from '../../ops/convolution.ts'
import { reshape } from '../../ops/shape.ts'
import type { RegularizerIdentifier } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { policyConfig, type WeightPolicy, weightPolicy } from '../base/weight-policy.ts'
import { Convolution, type ConvolutionOptions, convolutionChecks, positiveWhole } from './convolution.ts'

export interface DepthwiseConvOptions extends ConvolutionOptions {
  /** Number of outputs of each channel. Default 1. */
  readonly depthMultiplier?: number
  /** What the kernel of each channel begins as. Default `'glorotUniform'`. */
  readonly depthwiseInitializer?: InitializerIdentifier
  /** A penalty on the kernel that is added to the loss. Default none. */
  readonly depthwiseRegularizer?: RegularizerIdentifier | null
  /** What the kernel is made to be after every step. Default none. */
  readonly depthwiseConstraint?: ConstraintIdentifier | null
}

export const depthwiseConvChecks = optionsOf<DepthwiseConvOptions>()({
  depthMultiplier: number,
  depthwiseInitializer: anything,
  depthwiseRegularizer: anything,
  depthwiseConstraint: anything,
  ...convolutionChecks,
})

/** What depthwise convolutions over one and two spatial dimensions have in common, and separable ones begin with. */
export abstract class DepthwiseConv extends Convolution {
  readonly depthMultiplier: number
  readonly #depthwisePolicy: WeightPolicy
  #depthwise: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      depthMultiplier = 1,
      depthwiseInitializer = 'glorotUniform',
      depthwiseRegularizer,
      depthwiseConstraint,
      ...options
    }: DepthwiseConvOptions,
  ) {
    super(where, spatial, options)
    this.depthMultiplier = positiveWhole(`${where}: depthMultiplier`, depthMultiplier)
    this.#depthwisePolicy = weightPolicy(depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    this.addBias(this.addDepthwise(inputShape, 'kernel'))
  }

  /** Creates the kernel and gives the number of channels after it. */
  protected addDepthwise(inputShape: SymbolicShape, name: string): number {
    const channels = this.inputChannels(inputShape)
    this.checkWindow(inputShape)
    this.#depthwise = this.addWeight({
      name,
      shape: [...this.kernelSize, channels, this.depthMultiplier],
      ...this.#depthwisePolicy,
    })
    return channels * this.depthMultiplier
  }

  /** A convolution in as many groups as there are channels. */
  protected convolve(x: Tensor): Tensor {
    const { strides, padding, dataFormat, dilationRate: dilation, depthMultiplier } = this
    const kernel = (this.#depthwise as Variable).value
    const groups = kernel.shape.at(-2) as number
    // (…window, C, M) → (…window, 1, C·M)
    const grouped = reshape(kernel, [...this.kernelSize, 1, groups * depthMultiplier])
    return conv(x, grouped, { strides, padding, dataFormat, dilation, groups })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      depthMultiplier: this.depthMultiplier,
      ...policyConfig('depthwise', this.#depthwisePolicy),
    }
  }
}

/** A convolution of each channel of sequences by itself; see {@link depthwiseConv1d}. */
@takes(depthwiseConvChecks)
export class DepthwiseConv1D extends DepthwiseConv {
  readonly className = 'DepthwiseConv1D'
  constructor(options: DepthwiseConvOptions) {
    super('DepthwiseConv1D', 1, options)
  }
}

/** A convolution of each channel of images by itself; see {@link depthwiseConv2d}. */
@takes(depthwiseConvChecks)
export class DepthwiseConv2D extends DepthwiseConv {
  readonly className = 'DepthwiseConv2D'
  constructor(options: DepthwiseConvOptions) {
    super('DepthwiseConv2D', 2, options)
  }
}

/**
 * Convolves each channel of sequences by itself, `depthMultiplier` times.
 *
 * Input (batch, steps, channels), output (batch, new steps, channels · depthMultiplier). Weights:
 * kernel (kernelSize, channels, depthMultiplier), bias (channels · depthMultiplier).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.depthwiseConv1d({ kernelSize: 3, padding: 'same', inputShape: [50, 8] })
 */
export const depthwiseConv1d = (options: DepthwiseConvOptions): DepthwiseConv1D =>
  new DepthwiseConv1D(options)

/**
 * Convolves each channel of images by itself, `depthMultiplier` times.
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, channels · depthMultiplier). Weights:
 * kernel (height, width, channels, depthMultiplier), bias (channels · depthMultiplier).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', inputShape: [14, 14, 8] })
 */
export const depthwiseConv2d = (options: DepthwiseConvOptions): DepthwiseConv2D =>
  new DepthwiseConv2D(options)
