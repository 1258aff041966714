import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, needed, number, optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import type { ConstraintIdentifier } from '../../constraints/index.ts'
import type { Initializer, InitializerIdentifier } from '../../initializers/index.ts'
import type { RegularizerIdentifier } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { CallContext, LayerOptions } from '../base/layer.ts'
import { layerChecks } from '../base/layer.ts'
import {
  type BiasOptions,
  biasChecks,
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'
import {
  type CellBatch,
  checkRate,
  RecurrentCell,
  type RecurrentDropoutOptions,
  recurrentDropoutChecks,
  sequenceDropout,
} from './recurrent-cell.ts'

/** Options that the cells of SimpleRNN, GRU and LSTM have in common. */
export interface GatedCellOptions extends LayerOptions, KernelOptions, BiasOptions, RecurrentDropoutOptions {
  /** Size of the state and of the output. */
  readonly units: number
  /** Applied to what is written into the state. Default `'tanh'`. */
  readonly activation?: ActivationIdentifier
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean
  /** What the kernel of the states begins as. Default `'orthogonal'`. */
  readonly recurrentInitializer?: InitializerIdentifier
  /** A penalty on the recurrent kernel that is added to the loss. Default none. */
  readonly recurrentRegularizer?: RegularizerIdentifier | null
  /** What the recurrent kernel is made to be after every step. Default none. */
  readonly recurrentConstraint?: ConstraintIdentifier | null
}

export const gatedCellChecks = optionsOf<GatedCellOptions>()({
  units: needed(number),
  activation: anything,
  useBias: boolean,
  recurrentInitializer: anything,
  recurrentRegularizer: anything,
  recurrentConstraint: anything,
  ...layerChecks,
  ...kernelChecks,
  ...biasChecks,
  ...recurrentDropoutChecks,
})

/** A cell with a kernel for its input, one for its state and a bias, each with a block of columns a gate. */
export abstract class GatedCell extends RecurrentCell {
  readonly units: number
  readonly activation: Activation
  readonly useBias: boolean
  readonly dropout: number
  readonly recurrentDropout: number
  readonly seed: number | undefined
  readonly #kernelPolicy: WeightPolicy
  readonly #recurrentPolicy: WeightPolicy
  protected readonly biasPolicy: WeightPolicy
  #kernel: Variable | undefined
  #recurrentKernel: Variable | undefined
  #bias: Variable | undefined

  constructor({
    units,
    activation = 'tanh',
    useBias = true,
    kernelInitializer = 'glorotUniform',
    recurrentInitializer = 'orthogonal',
    biasInitializer = 'zeros',
    kernelRegularizer,
    recurrentRegularizer,
    biasRegularizer,
    kernelConstraint,
    recurrentConstraint,
    biasConstraint,
    dropout = 0,
    recurrentDropout = 0,
    seed,
    ...options
  }: GatedCellOptions) {
    super(options)
    if (!Number.isInteger(units) || units < 1) {
      throw new ArgumentError({
        where: 'recurrent layer',
        expected: 'a positive whole number of units',
        received: String(units),
      })
    }
    checkRate('recurrent layer: dropout', dropout)
    checkRate('recurrent layer: recurrentDropout', recurrentDropout)
    this.units = units
    this.activation = getActivation(activation)
    this.useBias = useBias
    this.dropout = dropout
    this.recurrentDropout = recurrentDropout
    this.seed = seed
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
    this.#recurrentPolicy = weightPolicy(recurrentInitializer, recurrentRegularizer, recurrentConstraint)
    this.biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  /** How many blocks of units the kernels have. */
  protected abstract readonly gates: number

  protected get biasShape(): Shape {
    return [this.gates * this.units]
  }

  /** What the bias begins as; override where it is not the option alone. */
  protected get initialBias(): Initializer {
    return this.biasPolicy.initializer
  }

  get stateSizes(): readonly number[] {
    return [this.units]
  }

  /** Shape of a kernel for an input, or a state, of so many features. */
  protected kernelShape(features: number): Shape {
    return [features, this.gates * this.units]
  }

  buildCell(features: number, _step: Shape): void {
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: this.kernelShape(features),
      ...this.#kernelPolicy,
    })
    this.#recurrentKernel = this.addWeight({
      name: 'recurrentKernel',
      shape: this.kernelShape(this.units),
      ...this.#recurrentPolicy,
    })
    if (!this.useBias) return
    this.#bias = this.addWeight({
      name: 'bias',
      shape: this.biasShape,
      ...this.biasPolicy,
      initializer: this.initialBias,
    })
  }

  /** x · kernel + bias over the last dimension, where x has lost what dropout takes. */
  protected projection(
    batch: CellBatch,
    context: CallContext,
    bias: Tensor | undefined = this.bias,
  ): (x: Tensor) => Tensor {
    const drop = sequenceDropout(batch, [batch.features], this.dropout, context, this.seed)
    const { kernel } = this
    return (x) => {
      const product = drop(x).matmul(kernel)
      return bias === undefined ? product : product.add(bias)
    }
  }

  /** Takes from a state what recurrent dropout takes. */
  protected stateDropout(batch: CellBatch, context: CallContext): (h: Tensor) => Tensor {
    const seed = this.seed === undefined ? undefined : this.seed + 1
    return sequenceDropout(batch, [this.units], this.recurrentDropout, context, seed)
  }

  protected get kernel(): Tensor {
    return (this.#kernel as Variable).value as Tensor
  }

  protected get recurrentKernel(): Tensor {
    return (this.#recurrentKernel as Variable).value as Tensor
  }

  protected get bias(): Tensor | undefined {
    return this.#bias?.value as Tensor | undefined
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationConfig(this.activation),
      useBias: this.useBias,
      ...policyConfig('kernel', this.#kernelPolicy),
      ...policyConfig('recurrent', this.#recurrentPolicy),
      ...policyConfig('bias', this.biasPolicy),
      dropout: this.dropout,
      recurrentDropout: this.recurrentDropout,
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}
