import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { conv } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import { Convolution, type ConvolutionOptions, convolutionChecks, positiveWhole } from './convolution.ts'

export interface ConvOptions extends ConvolutionOptions, KernelOptions {
  /** Number of output channels. */
  readonly filters: number
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
}

export const convChecks = optionsOf<ConvOptions>()({
  filters: needed(number),
  groups: number,
  ...convolutionChecks,
  ...kernelChecks,
})

/** What convolutions over one, two and three spatial dimensions have in common. */
export abstract class Conv extends Convolution {
  readonly filters: number
  readonly groups: number
  readonly #kernelPolicy: WeightPolicy
  #kernel: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      filters,
      groups = 1,
      kernelInitializer = 'glorotUniform',
      kernelRegularizer,
      kernelConstraint,
      ...options
    }: ConvOptions,
  ) {
    super(where, spatial, options)
    this.filters = positiveWhole(`${where}: filters`, filters)
    this.groups = positiveWhole(`${where}: groups`, groups)
    if (filters % groups !== 0) {
      throw new ArgumentError({
        where,
        expected: `filters that ${groups} groups divide evenly`,
        received: `${filters}`,
      })
    }
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    const channels = this.inputChannels(inputShape)
    if (channels % this.groups !== 0) {
      throw new ShapeError({
        where: this.className,
        expected: `a number of channels that ${this.groups} groups divide evenly`,
        received: `${channels} channels in shape ${formatSymbolicShape(inputShape)}`,
      })
    }
    this.checkWindow(inputShape)
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.kernelSize, channels / this.groups, this.filters],
      ...this.#kernelPolicy,
    })
    this.addBias(this.filters)
  }

  protected convolve(x: Tensor): Tensor {
    const { strides, padding, groups, dataFormat, dilationRate: dilation } = this
    const kernel = (this.#kernel as Variable).value
    return conv(x, kernel, { strides, padding, groups, dataFormat, dilation })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      groups: this.groups,
      ...policyConfig('kernel', this.#kernelPolicy),
    }
  }
}

/** Convolution over sequences; see {@link conv1d}. */
@takes(convChecks)
export class Conv1D extends Conv {
  readonly className = 'Conv1D'
  constructor(options: ConvOptions) {
    super('Conv1D', 1, options)
  }
}

/** Convolution over images; see {@link conv2d}. */
@takes(convChecks)
export class Conv2D extends Conv {
  readonly className = 'Conv2D'
  constructor(options: ConvOptions) {
    super('Conv2D', 2, options)
  }
}

/** Convolution over volumes; see {@link conv3d}. */
@takes(convChecks)
export class Conv3D extends Conv {
  readonly className = 'Conv3D'
  constructor(options: ConvOptions) {
    super('Conv3D', 3, options)
  }
}

/**
 * Convolution over sequences: `activation(x ∗ kernel + bias)`.
 *
 * Input (batch, steps, channels), output (batch, new steps, filters). Weights: kernel
 * (kernelSize, channels / groups, filters), bias (filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv1d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [100, 8] })
 */
export const conv1d = (options: ConvOptions): Conv1D => new Conv1D(options)

/**
 * Convolution over images: `activation(x ∗ kernel + bias)` (cross-correlation, as in every framework).
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, filters); with `dataFormat:
 * 'channelsFirst'` the channels come right after the batch. Weights: kernel (height, width,
 * channels / groups, filters), bias (filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] })
 */
export const conv2d = (options: ConvOptions): Conv2D => new Conv2D(options)

/**
 * Convolution over volumes: `activation(x ∗ kernel + bias)`.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, filters). Weights: kernel
 * (…kernelSize, channels / groups, filters), bias (filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv3d({ filters: 8, kernelSize: 3, inputShape: [16, 16, 16, 1] })
 */
export const conv3d = (options: ConvOptions): Conv3D => new Conv3D(options)
