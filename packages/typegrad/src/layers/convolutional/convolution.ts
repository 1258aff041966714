import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, needed, optionsOf } from '../../base/options.ts'
import { type ConvPadding, type DataFormat, type Padding, perDimension } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { channelAxis, type DataFormatIdentifier, getDataFormat, getPadding } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, knownShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  type BiasOptions,
  biasChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import { checkSpatialRank } from '../pooling/pooling.ts'

/** What all convolutions take: plain, transposed, depthwise and separable ones. */
export interface ConvolutionOptions extends LayerOptions, BiasOptions {
  /** Size of the window, for all spatial dimensions or each. */
  readonly kernelSize: number | readonly number[]
  /** Steps between windows. Default 1. */
  readonly strides?: number | readonly number[]
  /**
   * `'valid'`: only whole windows; `'same'`: ⌈length / stride⌉ windows; `'causal'`, of sequences alone: as many,
   * and each sees only what came before its end. Default `'valid'`.
   */
  readonly padding?: ConvPadding
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
  /** Steps between the elements of a window. Default 1. */
  readonly dilationRate?: number | readonly number[]
  /** Applied to the result. Default none. */
  readonly activation?: ActivationIdentifier
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean
}

export const convolutionChecks = optionsOf<ConvolutionOptions>()({
  kernelSize: needed(anything),
  strides: anything,
  padding: anything,
  dataFormat: anything,
  dilationRate: anything,
  activation: anything,
  useBias: boolean,
  ...layerChecks,
  ...biasChecks,
})

/** What all convolutions have in common: a window that slides, a bias for each output channel, an activation. */
export abstract class Convolution extends Layer {
  readonly kernelSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: ConvPadding
  readonly dataFormat: DataFormat
  readonly dilationRate: readonly number[]
  readonly activation: Activation
  readonly useBias: boolean
  readonly #where: string
  readonly #biasPolicy: WeightPolicy
  #channels: number | undefined
  #bias: Variable | undefined

  constructor(
    where: string,
    spatial: number,
    {
      kernelSize,
      strides = 1,
      padding = 'valid',
      dataFormat = 'channelsLast',
      dilationRate = 1,
      activation,
      useBias = true,
      biasInitializer = 'zeros',
      biasRegularizer,
      biasConstraint,
      ...options
    }: ConvolutionOptions,
  ) {
    super(options)
    this.#where = where
    this.kernelSize = perDimension(`${where}: kernelSize`, kernelSize, spatial)
    this.strides = perDimension(`${where}: strides`, strides, spatial)
    this.padding =
      padding === 'causal' && this.canBeCausal(spatial) ? padding : getPadding(where, padding as Padding)
    this.dataFormat = getDataFormat(where, dataFormat)
    this.dilationRate = perDimension(`${where}: dilationRate`, dilationRate, spatial)
    this.activation = getActivation(activation)
    this.useBias = useBias
    this.#biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  /** Whether the layer knows causal padding. */
  protected canBeCausal(spatial: number): boolean {
    return spatial === 1
  }

  /** Checks the input's rank and gives its number of channels. */
  protected inputChannels(inputShape: SymbolicShape): number {
    checkSpatialRank(this, inputShape, this.kernelSize.length, this.dataFormat)
    const [channels] = knownShape(this.#where, inputShape, [channelAxis(this.dataFormat)]) as [number]
    this.#channels = channels
    return channels
  }

  /** Without padding the window must fit into the input. */
  protected checkWindow(inputShape: SymbolicShape): void {
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

  /** Creates the bias, if the layer has one: the last of its weights. */
  protected addBias(outputs: number): void {
    if (!this.useBias) return
    this.#bias = this.addWeight({ name: 'bias', shape: [outputs], ...this.#biasPolicy })
  }

  /** The convolution itself, of an input that fits. */
  protected abstract convolve(x: Tensor): Tensor

  call(x: Tensor): Tensor {
    const rank = this.kernelSize.length + 2
    if (x.rank !== rank || x.shape.at(channelAxis(this.dataFormat)) !== this.#channels) {
      throw new ShapeError({
        where: this.#where,
        expected: `an input of rank ${rank} with ${this.#channels} channels (${this.dataFormat})`,
        received: `shape ${formatSymbolicShape(x.shape)}`,
        fix: 'Check dataFormat, or build a layer for this input.',
      })
    }
    const result = this.convolve(x)
    return this.activation(this.#bias === undefined ? result : this.#plusBias(result, this.#bias))
  }

  #plusBias(result: Tensor, bias: Variable): Tensor {
    const value = bias.value
    if (this.dataFormat === 'channelsLast') return result.add(value)
    return result.add(value.reshape([value.size, ...this.kernelSize.map(() => 1)]))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      kernelSize: this.kernelSize,
      strides: this.strides,
      padding: this.padding,
      dataFormat: this.dataFormat,
      dilationRate: this.dilationRate,
      activation: activationConfig(this.activation),
      useBias: this.useBias,
      ...policyConfig('bias', this.#biasPolicy),
    }
  }
}

/** @throws ArgumentError for what is not a positive whole number. */
export function positiveWhole(where: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value
  throw new ArgumentError({ where, expected: 'a positive whole number', received: String(value) })
}
