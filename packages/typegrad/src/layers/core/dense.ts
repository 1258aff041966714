import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { ShapeError } from '../../base/errors.ts'
import { anything, boolean, count, needed, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { kernelProduct } from '../base/kernel-product.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, knownShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  type BiasOptions,
  biasChecks,
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
} from '../base/weight-policy.ts'

export interface DenseOptions extends LayerOptions, KernelOptions, BiasOptions {
  /** Size of the output's last dimension. */
  readonly units: number
  /** Applied to the result. Default none. */
  readonly activation?: ActivationIdentifier
  /** Whether a bias is added. Default true. */
  readonly useBias?: boolean
}

export const denseChecks = optionsOf<DenseOptions>()({
  units: needed(count),
  activation: anything,
  useBias: boolean,
  ...layerChecks,
  ...kernelChecks,
  ...biasChecks,
})

/** `activation(x · kernel + bias)`; see {@link dense}. */
@takes(denseChecks)
export class Dense extends Layer {
  readonly className = 'Dense'
  readonly units: number
  readonly activation: Activation
  readonly useBias: boolean
  readonly #kernelPolicy: WeightPolicy
  readonly #biasPolicy: WeightPolicy
  #kernel: Variable | undefined
  #bias: Variable | undefined

  constructor({
    units,
    activation,
    useBias = true,
    kernelInitializer = 'glorotUniform',
    kernelRegularizer,
    kernelConstraint,
    biasInitializer = 'zeros',
    biasRegularizer,
    biasConstraint,
    ...options
  }: DenseOptions) {
    super(options)
    this.units = units
    this.activation = getActivation(activation)
    this.useBias = useBias
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
    this.#biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape('Dense', inputShape, [-1]) as [number]
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [features, this.units],
      ...this.#kernelPolicy,
    })
    if (this.useBias) {
      this.#bias = this.addWeight({ name: 'bias', shape: [this.units], ...this.#biasPolicy })
    }
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const kernel = this.#kernel as Variable
    if (x.shape.at(-1) !== kernel.shape[0]) {
      throw new ShapeError({
        where: 'Dense',
        expected: `an input with a last dimension of ${kernel.shape[0]} (the kernel is [${kernel.shape.join(', ')}])`,
        received: `shape ${formatSymbolicShape(x.shape)}`,
        fix: x.rank > 2 ? 'Flatten the input first: layers.flatten().' : 'Check the width of the data.',
      })
    }
    const product = kernelProduct(x, kernel, (input, value) => input.matmul(value))
    return this.activation(this.#bias === undefined ? product : product.add(this.#bias.value))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationConfig(this.activation),
      useBias: this.useBias,
      ...policyConfig('kernel', this.#kernelPolicy),
      ...policyConfig('bias', this.#biasPolicy),
    }
  }
}

/**
 * A layer whose every output sees every input: `activation(x · kernel + bias)` over the last dimension.
 *
 * Input (batch, …, features), output (batch, …, units). Weights: kernel (features, units), bias (units).
 *
 * @throws ShapeError when called with another number of features than it was built for.
 * @example
 * layers.dense({ units: 64, activation: 'relu', inputShape: [784] })
 */
export const dense = (options: DenseOptions): Dense => new Dense(options)
