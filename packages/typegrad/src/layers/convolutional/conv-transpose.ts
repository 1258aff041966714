import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, number, optionsOf, without } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { convTranspose, type Padding } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import {
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import { Convolution, type ConvolutionOptions, convolutionChecks, positiveWhole } from './convolution.ts'

export interface ConvTransposeOptions extends Omit<ConvolutionOptions, 'padding'>, KernelOptions {
  /** Number of output channels. */
  readonly filters: number
  /**
   * `'valid'`: (length − 1) · stride + max(kernelSize, stride) elements; `'same'`: length · stride.
   * Default `'valid'`.
   */
  readonly padding?: Padding
  /**
   * Elements to add at the end of each dimension, fewer than the stride: of the sizes from which a convolution
   * gets here, says which. Default: so many that the size is what `padding` promises.
   */
  readonly outputPadding?: number | readonly number[] | null
}

export const convTransposeChecks = optionsOf<ConvTransposeOptions>()({
  filters: needed(number),
  padding: anything,
  outputPadding: anything,
  ...without(convolutionChecks, 'padding'),
  ...kernelChecks,
})

/** What transposed convolutions over one, two and three spatial dimensions have in common. */
export abstract class ConvTranspose extends Convolution {
  readonly filters: number
  readonly outputPadding: readonly number[] | undefined
  readonly #kernelPolicy: WeightPolicy
  #kernel: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      filters,
      outputPadding,
      kernelInitializer = 'glorotUniform',
      kernelRegularizer,
      kernelConstraint,
      ...options
    }: ConvTransposeOptions,
  ) {
    super(where, spatial, options)
    this.filters = positiveWhole(`${where}: filters`, filters)
    this.outputPadding =
      outputPadding == null ? undefined : this.#checkedPadding(where, spatial, outputPadding)
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
  }

  protected override canBeCausal(): boolean {
    return false
  }

  #checkedPadding(where: string, spatial: number, padding: number | readonly number[]): number[] {
    const list = typeof padding === 'number' ? this.strides.map(() => padding) : [...padding]
    const fits = (p: number, i: number) => Number.isInteger(p) && p >= 0 && p < (this.strides[i] as number)
    if (list.length === spatial && list.every(fits)) return list
    throw new ArgumentError({
      where: `${where}: outputPadding`,
      expected: `whole numbers from 0, each below its stride (${this.strides.join(', ')})`,
      received: JSON.stringify(padding),
    })
  }

  override build(inputShape: SymbolicShape): void {
    const channels = this.inputChannels(inputShape)
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.kernelSize, this.filters, channels],
      ...this.#kernelPolicy,
    })
    this.addBias(this.filters)
  }

  protected convolve(x: Tensor): Tensor {
    const { strides, dataFormat, dilationRate: dilation, outputPadding } = this
    return convTranspose(x, (this.#kernel as Variable).value, {
      strides,
      padding: this.padding as Padding,
      dataFormat,
      dilation,
      ...(outputPadding === undefined ? {} : { outputPadding }),
    })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...(this.outputPadding === undefined ? {} : { outputPadding: this.outputPadding }),
      ...policyConfig('kernel', this.#kernelPolicy),
    }
  }
}

/** Transposed convolution to sequences; see {@link conv1dTranspose}. */
@takes(convTransposeChecks)
export class Conv1DTranspose extends ConvTranspose {
  readonly className = 'Conv1DTranspose'
  constructor(options: ConvTransposeOptions) {
    super('Conv1DTranspose', 1, options)
  }
}

/** Transposed convolution to images; see {@link conv2dTranspose}. */
@takes(convTransposeChecks)
export class Conv2DTranspose extends ConvTranspose {
  readonly className = 'Conv2DTranspose'
  constructor(options: ConvTransposeOptions) {
    super('Conv2DTranspose', 2, options)
  }
}

/** Transposed convolution to volumes; see {@link conv3dTranspose}. */
@takes(convTransposeChecks)
export class Conv3DTranspose extends ConvTranspose {
  readonly className = 'Conv3DTranspose'
  constructor(options: ConvTransposeOptions) {
    super('Conv3DTranspose', 3, options)
  }
}

/**
 * Transposed convolution: makes larger sequences of small ones, as the gradient of {@link conv1d} does.
 *
 * Input (batch, steps, channels), output (batch, new steps, filters). Weights: kernel (kernelSize, filters, channels),
 * bias (filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv1dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', inputShape: [50, 8] })
 */
export const conv1dTranspose = (options: ConvTransposeOptions): Conv1DTranspose =>
  new Conv1DTranspose(options)

/**
 * Transposed convolution: makes larger images of small ones, as the gradient of {@link conv2d} does.
 *
 * Input (batch, height, width, channels), output (batch, new height, new width, filters). Weights: kernel (height, width, filters, channels),
 * bias (filters).
 *
 * Zeiler et al. 2010, Deconvolutional networks, https://doi.org/10.1109/CVPR.2010.5539957
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv2dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', inputShape: [14, 14, 8] })
 */
export const conv2dTranspose = (options: ConvTransposeOptions): Conv2DTranspose =>
  new Conv2DTranspose(options)

/**
 * Transposed convolution: makes larger volumes of small ones, as the gradient of {@link conv3d} does.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, filters). Weights: kernel (…kernelSize, filters, channels),
 * bias (filters).
 *
 * @throws ArgumentError for options that are none, ShapeError for an input that does not fit.
 * @example
 * layers.conv3dTranspose({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', inputShape: [4, 4, 4, 8] })
 */
export const conv3dTranspose = (options: ConvTransposeOptions): Conv3DTranspose =>
  new Conv3DTranspose(options)
