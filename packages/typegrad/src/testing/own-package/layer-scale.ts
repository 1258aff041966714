/** A layer as a package brings it: this file and its test, of the doors alone. */
import type { Tensor, Variable } from 'typegrad/core'
import {
  type BiasOptions,
  checks,
  knownShape,
  Layer,
  type LayerOptions,
  layerChecks,
  policyConfig,
  register,
  type SymbolicShape,
  takes,
  type WeightPolicy,
  weightPolicy,
} from 'typegrad/layers'

export interface LayerScaleOptions extends LayerOptions {
  /** What every factor begins as. Default 1e-4. */
  readonly initialValue?: number
  /** A penalty on the factors that is added to the loss. Default none. */
  readonly scaleRegularizer?: BiasOptions['biasRegularizer']
}

const layerScaleChecks = checks.optionsOf<LayerScaleOptions>()({
  initialValue: checks.finite,
  scaleRegularizer: checks.anything,
  ...layerChecks,
})

/**
 * x · γ with a factor for each channel: small at first, so that the branches of a deep residual network begin near the
 * identity (Touvron et al. 2021, https://arxiv.org/abs/2103.17239).
 *
 * Input and output: (batch, …, channels).
 *
 * @throws ArgumentError for an input whose channels are not known.
 */
@takes(layerScaleChecks)
export class LayerScale extends Layer {
  readonly className = 'LayerScale'
  readonly initialValue: number
  readonly #scale: WeightPolicy
  #gamma!: Variable

  constructor({ initialValue = 1e-4, scaleRegularizer, ...options }: LayerScaleOptions = {}) {
    super(options)
    this.initialValue = initialValue
    this.#scale = weightPolicy({ className: 'Constant', config: { value: initialValue } }, scaleRegularizer)
  }

  override get supportsMasking(): boolean {
    return true
  }

  override build(inputShape: SymbolicShape): void {
    this.#gamma = this.addWeight({
      name: 'gamma',
      shape: knownShape(this.name, inputShape, [-1]),
      ...this.#scale,
    })
  }

  call(x: Tensor): Tensor {
    return x.mul(this.#gamma.value)
  }

  override getConfig(): Record<string, unknown> {
    const { scaleRegularizer } = policyConfig('scale', this.#scale)
    return {
      ...super.getConfig(),
      initialValue: this.initialValue,
      ...(scaleRegularizer === undefined ? {} : { scaleRegularizer }),
    }
  }
}

register('layer', LayerScale, { package: 'own-package' })
