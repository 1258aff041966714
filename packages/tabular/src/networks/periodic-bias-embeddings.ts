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
import { FeatureDense } from './feature-dense.ts'

export interface PeriodicBiasEmbeddingsOptions extends LayerOptions {
  /** Size of the vector that each number becomes. */
  readonly units: number
  /** Waves of each number. */
  readonly frequencies: number
  /** Deviation of the frequencies at the start. */
  readonly frequencyScale: number
}

const periodicBiasChecks = optionsOf<PeriodicBiasEmbeddingsOptions>()({
  units: checks.needed(checks.count),
  frequencies: checks.needed(checks.count),
  frequencyScale: checks.needed(checks.positive),
  ...layerChecks,
})

/**
 * The waves of PBLD: `cos(2πcx + phase) · kernel + bias`, with a vector of its own for a number that is missing (Holzmüller et al.
 * 2024, https://arxiv.org/abs/2407.04491; their "D" is that the number itself stands beside them).
 *
 * Input (batch, features), output (batch, features, units). Weights: frequencies and phases (features, frequencies), missing
 * (features, units), and the kernel and bias of each feature.
 */
@takes(periodicBiasChecks)
export class PeriodicBiasEmbeddings extends Layer {
  readonly className = 'PeriodicBiasEmbeddings'
  readonly mixing: FeatureDense
  readonly #options: Pick<PeriodicBiasEmbeddingsOptions, 'units' | 'frequencies' | 'frequencyScale'>
  #frequencies!: Variable
  #phases!: Variable
  #missing!: Variable

  constructor({ units, frequencies, frequencyScale, ...options }: PeriodicBiasEmbeddingsOptions) {
    super(options)
    this.#options = { units, frequencies, frequencyScale }
    this.mixing = new FeatureDense({ units, dtype: this.dtype })
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape(this.className, inputShape, [-1]) as [number]
    const { units, frequencies, frequencyScale } = this.#options
    const shape = [features, frequencies]
    this.#frequencies = this.addWeight({
      name: 'frequencies',
      shape,
      initializer: initializers.randomNormal({ stddev: frequencyScale }),
    })
    this.#phases = this.addWeight({
      name: 'phases',
      shape,
      initializer: initializers.randomUniform({ minval: -Math.PI, maxval: Math.PI }),
    })
    this.#missing = this.addWeight({ name: 'missing', shape: [features, units], initializer: 'zeros' })
    this.mixing.ensureBuilt([null, features, frequencies])
  }

  call(x: Tensor): Tensor {
    const angles = x
      .expandDims(-1)
      .mul(this.#frequencies.value.mul(2 * Math.PI))
      .add(this.#phases.value)
    return this.mixing.apply(angles.cos())
  }

  /** What the layer gives, and its vectors for missing numbers where `isMissing` (batch, features) says so. */
  embedded(x: Tensor, isMissing: Tensor): Tensor {
    return ops.where(isMissing.expandDims(-1), this.#missing.value, this.apply(x))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#options }
  }
}
