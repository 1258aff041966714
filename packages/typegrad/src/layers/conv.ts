import {
  type Activation,
  type ActivationIdentifier,
  activationName,
  getActivation,
} from '../activations/index.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { type ConvPadding, conv, type DataFormat, type Padding, perDimension } from '../ops/convolution.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { channelAxis, type DataFormatIdentifier, getDataFormat, getPadding } from './data-format.ts'
import { checkRank, Layer, type LayerOptions } from './layer.ts'
import { formatSymbolicShape, knownShape, type SymbolicShape } from './symbolic.ts'
import {
  type BiasOptions,
  type KernelOptions,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from './weight-policy.ts'

export interface ConvOptions extends LayerOptions, KernelOptions, BiasOptions {
  /** Number of output channels. */
  readonly filters: number
  /** Size of the window, for all spatial dimensions or each. */
  readonly kernelSize: number | readonly number[]
  /** Steps between windows. Default 1. */
  readonly strides?: number | readonly number[]
  /**
   * `'valid'`: only whole windows; `'same'`: ⌈length / stride⌉ windows; `'causal'`, of sequences alone: as many,
   * and each sees only what came before its end. Default `'valid'`.
   */
  readonly padding?: ConvPadding
  /** Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
  /** Steps between the elements of a window. Default 1. */
  readonly dilationRate?: number | readonly number[]
  /** Groups of channels that do not see each other. Default 1. */
  readonly groups?: number
  /** Applied to the result. Default none. */
  readonly activation?: ActivationIdentifier
  /** Default true. */
  readonly useBias?: boolean
}

/** What convolutions over one, two and three spatial dimensions have in common. */
export abstract class Conv extends Layer {
  readonly filters: number
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: ConvPadding
  readonly dataFormat: DataFormat
  readonly dilationRate: readonly number[]
  readonly groups: number
  readonly activation: Activation
  readonly useBias: boolean
  readonly #where: string
  readonly #kernelPolicy: WeightPolicy
  readonly #biasPolicy: WeightPolicy
  #kernel: Variable | undefined
  #bias: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      filters,
      kernelSize,
      strides = 1,
      padding = 'valid',
      dataFormat = 'channelsLast',
      dilationRate = 1,
      groups = 1,
      activation,
      useBias = true,
      kernelInitializer = 'glorotUniform',
      kernelRegularizer,
      kernelConstraint,
      biasInitializer = 'zeros',
      biasRegularizer,
      biasConstraint,
      ...options
    }: ConvOptions,
  ) {
    super(options)
    this.#where = where
    this.filters = positive(`${where}: filters`, filters)
    this.kernelSize = perDimension(`${where}: kernelSize`, kernelSize, spatial)
    this.strides = perDimension(`${where}: strides`, strides, spatial)
    this.padding = spatial === 1 && padding === 'causal' ? padding : getPadding(where, padding as Padding)
    this.dataFormat = getDataFormat(where, dataFormat)
    this.dilationRate = perDimension(`${where}: dilationRate`, dilationRate, spatial)
    this.groups = positive(`${where}: groups`, groups)
    if (filters % groups !== 0) {
      throw new ArgumentError({
        where,
        expected: `filters that ${groups} groups divide evenly`,
        received: `${filters}`,
      })
    }
    this.activation = getActivation(activation)
    this.useBias = useBias
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
    this.#biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    const rank = this.kernelSize.length + 2
    const meaning =
      this.dataFormat === 'channelsLast' ? '(batch, …spatial, channels)' : '(batch, channels, …spatial)'
    checkRank(this, inputShape, rank, meaning)
    const [channels] = knownShape(this.#where, inputShape, [channelAxis(this.dataFormat)]) as [number]
    if (channels % this.groups !== 0) {
      throw new ShapeError({
        where: this.#where,
        expected: `a number of channels that ${this.groups} groups divide evenly`,
        received: `${channels} channels in shape ${formatSymbolicShape(inputShape)}`,
      })
    }
    this.#checkWindow(inputShape)
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.kernelSize, channels / this.groups, this.filters],
      ...this.#kernelPolicy,
    })
    if (this.useBias) {
      this.#bias = this.addWeight({
        name: 'bias',
        shape: [this.filters],
        ...this.#biasPolicy,
      })
    }
  }

  /** Without padding the window must fit into the input. */
  #checkWindow(inputShape: SymbolicShape): void {
    if (this.padding !== 'valid') return
    const first = this.dataFormat === 'channelsLast' ? 1 : 2
    this.kernelSize.forEach((size, i) => {
      const length = inputShape[first + i] ?? Number.POSITIVE_INFINITY
      const span = (size - 1) * (this.dilationRate[i] as number) + 1
      if (span <= length) return
      throw new ShapeError({
        where: this.#where,
        expected: `an input of at least ${span} elements along axis ${first + i} for a window of ${size}`,
        received: `shape ${formatSymbolicShape(inputShape)}`,
        fix: "Use padding: 'same', a smaller kernelSize, or fewer poolings before it.",
      })
    })
  }

  call(x: Tensor): Tensor {
    const kernel = (this.#kernel as Variable).value as Tensor
    const channels = (kernel.shape.at(-2) as number) * this.groups
    if (x.rank !== kernel.rank || x.shape.at(channelAxis(this.dataFormat)) !== channels) {
      throw new ShapeError({
        where: this.#where,
        expected: `an input of rank ${kernel.rank} with ${channels} channels (${this.dataFormat})`,
        received: `shape ${formatSymbolicShape(x.shape)}`,
        fix: 'Check dataFormat, or build a layer for this input.',
      })
    }
    const { strides, padding, groups, dataFormat } = this
    const result = conv(x, kernel, { strides, padding, groups, dataFormat, dilation: this.dilationRate })
    return this.activation(this.#bias === undefined ? result : this.#plusBias(result, this.#bias))
  }

  #plusBias(result: Tensor, bias: Variable): Tensor {
    const value = bias.value as Tensor
    if (this.dataFormat === 'channelsLast') return result.add(value)
    return result.add(value.reshape([this.filters, ...this.kernelSize.map(() => 1)]) as Tensor)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      dataFormat: this.dataFormat,
      dilationRate: this.dilationRate,
      groups: this.groups,
      activation: activationName(this.activation),
      useBias: this.useBias,
      ...policyConfig('kernel', this.#kernelPolicy),
      ...policyConfig('bias', this.#biasPolicy),
    }
  }
}

function positive(where: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value
  throw new ArgumentError({ where, expected: 'a positive whole number', received: String(value) })
}

/** Convolution over sequences; see {@link conv1d}. */
export class Conv1D extends Conv {
  readonly className = 'Conv1D'
  constructor(options: ConvOptions) {
    super('Conv1D', 1, options)
  }
}

/** Convolution over images; see {@link conv2d}. */
export class Conv2D extends Conv {
  readonly className = 'Conv2D'
  constructor(options: ConvOptions) {
    super('Conv2D', 2, options)
  }
}

/** Convolution over volumes; see {@link conv3d}. */
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
