import {
  type Activation,
  type ActivationIdentifier,
  activationConfig,
  getActivation,
} from '../../activations/index.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, needed, optionsOf, orNull, string } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { einsum } from '../../ops/einsum.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'
import {
  type BiasOptions,
  biasChecks,
  type KernelOptions,
  kernelChecks,
  policyConfig,
  type WeightPolicy,
  weightPolicy,
  withFanAxes,
} from '../base/weight-policy.ts'
import { type EinsumPlan, planEinsum } from './einsum-plan.ts'

export interface EinsumDenseOptions extends LayerOptions, KernelOptions, BiasOptions {
  /** Letters for the axes of input, kernel and output: `'abc,cd->abd'`; `...` stands for any others: `'...x,xy->...y'`. */
  readonly equation: string
  /** Shape of one sample's output without what `...` stands for; null where the input says. */
  readonly outputShape: number | SymbolicShape
  /** Letters of the output's axes that have a bias. Default none: no bias. */
  readonly biasAxes?: string | null
  /** Applied to the result. Default none. */
  readonly activation?: ActivationIdentifier
}

export const einsumDenseChecks = optionsOf<EinsumDenseOptions>()({
  equation: needed(string),
  outputShape: needed(anything),
  biasAxes: orNull(string),
  activation: anything,
  ...layerChecks,
  ...kernelChecks,
  ...biasChecks,
})

/** A kernel multiplied as an equation says; see {@link einsumDense}. */
@takes(einsumDenseChecks)
export class EinsumDense extends Layer {
  readonly className = 'EinsumDense'
  readonly equation: string
  readonly outputShape: SymbolicShape
  readonly biasAxes: string | undefined
  readonly activation: Activation
  readonly #kernelPolicy: WeightPolicy
  readonly #biasPolicy: WeightPolicy
  #plan: EinsumPlan | undefined
  #kernel: Variable | undefined
  #bias: Variable | undefined

  constructor({
    equation,
    outputShape,
    biasAxes,
    activation,
    kernelInitializer = 'glorotUniform',
    kernelRegularizer,
    kernelConstraint,
    biasInitializer = 'zeros',
    biasRegularizer,
    biasConstraint,
    ...options
  }: EinsumDenseOptions) {
    super(options)
    if (typeof equation !== 'string') {
      throw new ArgumentError({
        where: 'EinsumDense: equation',
        expected: "an equation such as 'abc,cd->abd'",
        received: String(equation),
      })
    }
    this.equation = equation
    this.outputShape = typeof outputShape === 'number' ? [outputShape] : outputShape
    this.biasAxes = biasAxes ?? undefined
    this.activation = getActivation(activation)
    this.#kernelPolicy = weightPolicy(kernelInitializer, kernelRegularizer, kernelConstraint)
    this.#biasPolicy = weightPolicy(biasInitializer, biasRegularizer, biasConstraint)
  }

  override build(inputShape: SymbolicShape): void {
    const plan = planEinsum(this.equation, inputShape, this.outputShape, this.biasAxes)
    this.#plan = plan
    const policy = withFanAxes(this.#kernelPolicy, plan.inputAxes, plan.outputAxes)
    this.#kernel = this.addWeight({ name: 'kernel', shape: plan.kernelShape, ...policy })
    if (plan.biasShape === undefined) return
    this.#bias = this.addWeight({ name: 'bias', shape: plan.biasShape, ...this.#biasPolicy })
  }

  call(x: Tensor): Tensor {
    const { equation, inputLabels } = this.#plan as EinsumPlan
    if (x.rank !== inputLabels.length) {
      throw new ShapeError({
        where: 'EinsumDense',
        expected: `an input of rank ${inputLabels.length} for '${this.equation}', as it was built for`,
        received: `shape ${formatSymbolicShape(x.shape)}`,
      })
    }
    const product = einsum(equation, x, (this.#kernel as Variable).value)
    return this.activation(this.#bias === undefined ? product : product.add(this.#bias.value))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      equation: this.equation,
      outputShape: this.outputShape,
      ...(this.biasAxes === undefined ? {} : { biasAxes: this.biasAxes }),
      activation: activationConfig(this.activation),
      ...policyConfig('kernel', this.#kernelPolicy),
      ...policyConfig('bias', this.#biasPolicy),
    }
  }
}

/**
 * A dense layer over any axes: `activation(einsum(equation, x, kernel) + bias)`.
 *
 * Input, kernel and output have the axes that the equation names. Weights: kernel, bias (with `biasAxes`).
 *
 * @throws ArgumentError for an equation that cannot be read, ShapeError for an input that does not fit it.
 * @example
 * layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [null, 64], biasAxes: 'd' }) // as dense({ units: 64 })
 * layers.einsumDense({ equation: '...x,xhd->...hd', outputShape: [8, 64] })                // eight heads
 */
export const einsumDense = (options: EinsumDenseOptions): EinsumDense => new EinsumDense(options)
