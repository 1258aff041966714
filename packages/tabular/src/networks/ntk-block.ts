import { initializers, type Tensor, type Variable } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import {
  checks,
  knownShape,
  Layer,
  type LayerOptions,
  layerChecks,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'

export interface NtkBlockOptions extends LayerOptions {
  readonly units: number
  /** Default none. */
  readonly activation?: 'selu' | 'mish'
}

const ntkBlockChecks = optionsOf<NtkBlockOptions>()({
  units: checks.needed(checks.count),
  activation: checks.oneOf('selu', 'mish'),
  ...layerChecks,
})

const activations = { selu: ops.selu, mish: ops.mish } as const

/**
 * `y = x · kernel / √inputs + bias`, and `y + slope · (f(y) − y)` of it, where there is an activation f: how much of it there is, is
 * learned unit by unit. Kernels of deviation 1 learn alike whatever their size (Jacot et al. 2018, https://arxiv.org/abs/1806.07572).
 *
 * Input (batch, features), output (batch, units). Weights: kernel (features, units), bias and slope (units).
 */
@takes(ntkBlockChecks)
export class NtkBlock extends Layer {
  readonly className = 'NtkBlock'
  readonly units: number
  readonly activation: 'selu' | 'mish' | undefined
  #kernel!: Variable
  #bias!: Variable
  #slope: Variable | undefined

  constructor({ units, activation, ...options }: NtkBlockOptions) {
    super(options)
    this.units = units
    this.activation = activation
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape(this.className, inputShape, [-1]) as [number]
    const { units } = this
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [features, units],
      initializer: initializers.randomNormal({ stddev: 1 }),
    })
    this.#bias = this.addWeight({ name: 'bias', shape: [units], initializer: 'zeros' })
    if (this.activation !== undefined)
      this.#slope = this.addWeight({ name: 'slope', shape: [units], initializer: 'ones' })
  }

  get kernel(): Variable {
    return this.#kernel
  }

  get bias(): Variable {
    return this.#bias
  }

  /** What the kernel gives, without the bias. */
  product(x: Tensor): Tensor {
    const [features = 1] = this.#kernel.shape
    return x.matmul(this.#kernel.value.mul(1 / Math.sqrt(features)))
  }

  call(x: Tensor): Tensor {
    const y = this.product(x).add(this.#bias.value)
    if (this.activation === undefined) return y
    return activations[this.activation](y)
      .sub(y)
      .mul((this.#slope as Variable).value)
      .add(y)
  }

  override getConfig(): Record<string, unknown> {
    const { units, activation } = this
    return { ...super.getConfig(), units, ...(activation !== undefined && { activation }) }
  }
}
