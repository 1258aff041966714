import { anything, optionsOf } from '../../base/options.ts'
import { serialize } from '../../base/serialization.ts'
import { type Constraint, type ConstraintIdentifier, getConstraint } from '../../constraints/index.ts'
import {
  getInitializer,
  type Initializer,
  type InitializerIdentifier,
  VarianceScaling,
} from '../../initializers/index.ts'
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from '../../regularizers/index.ts'

/** What a weight begins as, what it costs and what it is held to; the three go to `addWeight` as they are. */
export interface WeightPolicy {
  readonly initializer: Initializer
  readonly regularizer: Regularizer | undefined
  readonly constraint: Constraint | undefined
}

/** Options of layers that have a kernel. */
export interface KernelOptions {
  /** What the kernel begins as. Default `'glorotUniform'`. */
  readonly kernelInitializer?: InitializerIdentifier
  /** A penalty on the kernel that is added to the loss. Default none. */
  readonly kernelRegularizer?: RegularizerIdentifier | null
  /** What the kernel is made to be after every step. Default none. */
  readonly kernelConstraint?: ConstraintIdentifier | null
}

export const kernelChecks = optionsOf<KernelOptions>()({
  kernelInitializer: anything,
  kernelRegularizer: anything,
  kernelConstraint: anything,
})

/** Options of layers that have a bias. */
export interface BiasOptions {
  /** What the bias begins as. Default `'zeros'`. */
  readonly biasInitializer?: InitializerIdentifier
  /** A penalty on the bias that is added to the loss. Default none. */
  readonly biasRegularizer?: RegularizerIdentifier | null
  /** What the bias is made to be after every step. Default none. */
  readonly biasConstraint?: ConstraintIdentifier | null
}

export const biasChecks = optionsOf<BiasOptions>()({
  biasInitializer: anything,
  biasRegularizer: anything,
  biasConstraint: anything,
})

/** Options of normalizations: a factor gamma and an offset beta. */
export interface ScaleOptions {
  /** What the offset β begins as. Default `'zeros'`. */
  readonly betaInitializer?: InitializerIdentifier
  /** What the scale γ begins as. Default `'ones'`. */
  readonly gammaInitializer?: InitializerIdentifier
  /** A penalty on beta that is added to the loss. Default none. */
  readonly betaRegularizer?: RegularizerIdentifier | null
  /** A penalty on gamma that is added to the loss. Default none. */
  readonly gammaRegularizer?: RegularizerIdentifier | null
  /** What beta is made to be after every step. Default none. */
  readonly betaConstraint?: ConstraintIdentifier | null
  /** What gamma is made to be after every step. Default none. */
  readonly gammaConstraint?: ConstraintIdentifier | null
}

export const scaleChecks = optionsOf<ScaleOptions>()({
  betaInitializer: anything,
  gammaInitializer: anything,
  betaRegularizer: anything,
  gammaRegularizer: anything,
  betaConstraint: anything,
  gammaConstraint: anything,
})

export const weightPolicy = (
  initializer: InitializerIdentifier,
  regularizer?: RegularizerIdentifier | null,
  constraint?: ConstraintIdentifier | null,
): WeightPolicy => ({
  initializer: getInitializer(initializer),
  regularizer: regularizer == null ? undefined : getRegularizer(regularizer),
  constraint: constraint == null ? undefined : getConstraint(constraint),
})

/** `kernelInitializer` and, where they are set, `kernelRegularizer` and `kernelConstraint`. */
export const policyConfig = (
  weight: string,
  { initializer, regularizer, constraint }: WeightPolicy,
): Record<string, unknown> => ({
  [`${weight}Initializer`]: serialize(initializer),
  ...(regularizer === undefined ? {} : { [`${weight}Regularizer`]: serialize(regularizer) }),
  ...(constraint === undefined ? {} : { [`${weight}Constraint`]: serialize(constraint) }),
})

/**
 * The same for a kernel whose axes are not (…window, inputs, outputs): says which count inputs and which outputs,
 * unless the initializer was told.
 */
export function withFanAxes(
  policy: WeightPolicy,
  inputAxes: readonly number[],
  outputAxes: readonly number[],
): WeightPolicy {
  const { initializer } = policy
  const config = initializer.getConfig()
  if (!(initializer instanceof VarianceScaling) || config.inputAxes != null || config.outputAxes != null)
    return policy
  const { className } = initializer
  return {
    ...policy,
    initializer: getInitializer({ className, config: { ...config, inputAxes, outputAxes } }),
  }
}
