import { ArgumentError } from '../../base/errors.ts'
import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { ConstraintIdentifier } from '../../constraints/index.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import type { RegularizerIdentifier } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import { policyConfig, type WeightPolicy, weightPolicy } from '../base/weight-policy.ts'

export interface PReLUOptions extends LayerOptions {
  /** What the slopes begin as. Default `'zeros'`. */
  readonly alphaInitializer?: InitializerIdentifier
  /** A penalty on the slopes that is added to the loss. Default none. */
  readonly alphaRegularizer?: RegularizerIdentifier | null
  /** What the slopes are made to be after every step. Default none. */
  readonly alphaConstraint?: ConstraintIdentifier | null
  /** Axes along which there is one slope, counted with the batch: `[1, 2]` for one a channel of images. Default none. */
  readonly sharedAxes?: readonly number[] | null
}

export const pReLUChecks = optionsOf<PReLUOptions>()({
  alphaInitializer: anything,
  alphaRegularizer: anything,
  alphaConstraint: anything,
  sharedAxes: anything,
  ...layerChecks,
})

/** A rectifier whose slope below 0 is learned; see {@link pReLU}. */
@takes(pReLUChecks)
export class PReLU extends Layer {
  readonly className = 'PReLU'
  readonly sharedAxes: readonly number[] | undefined
  readonly #policy: WeightPolicy
  #alpha: Variable | undefined

  constructor({
    alphaInitializer = 'zeros',
    alphaRegularizer,
    alphaConstraint,
    sharedAxes,
    ...options
  }: PReLUOptions = {}) {
    super(options)
    this.#policy = weightPolicy(alphaInitializer, alphaRegularizer, alphaConstraint)
    this.sharedAxes = sharedAxes ?? undefined
  }

  override build(inputShape: SymbolicShape): void {
    const { sharedAxes = [] } = this
    const wrong = sharedAxes.find((axis) => !Number.isInteger(axis) || axis < 1 || axis >= inputShape.length)
    if (wrong !== undefined) {
      throw new ArgumentError({
        where: 'PReLU: sharedAxes',
        expected: `axes from 1 to ${inputShape.length - 1}`,
        received: String(wrong),
      })
    }
    const shape = inputShape.slice(1).map((d, i) => (sharedAxes.includes(i + 1) ? 1 : d))
    const axes = shape.map((_, i) => i)
    this.#alpha = this.addWeight({ name: 'alpha', shape: knownShape('PReLU', shape, axes), ...this.#policy })
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const alpha = (this.#alpha as Variable).value
    return x.maximum(0).add(x.minimum(0).mul(alpha))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      ...policyConfig('alpha', this.#policy),
      ...(this.sharedAxes === undefined ? {} : { sharedAxes: this.sharedAxes }),
    }
  }
}

/**
 * x where positive, α·x elsewhere, with slopes α that training finds: one for each element of a sample, or one
 * along `sharedAxes`. The shape stays. Weights: alpha.
 *
 * He et al. 2015, https://arxiv.org/abs/1502.01852
 *
 * @throws ArgumentError for axes that the input does not have.
 * @example
 * layers.pReLU({ sharedAxes: [1, 2] })
 */
export const pReLU = (options?: PReLUOptions): PReLU => new PReLU(options)
