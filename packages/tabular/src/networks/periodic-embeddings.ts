import { initializers, layers, type Tensor, type Variable } from 'typegrad'
import { ArgumentError, ops, optionsOf } from 'typegrad/core'
import {
  checks,
  knownShape,
  Layer,
  type LayerOptions,
  layerChecks,
  register,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import { FeatureDense } from './feature-dense.ts'
import { registeredAs, rootUniform } from './starts.ts'

export interface PeriodicEmbeddingsOptions extends LayerOptions {
  /** Size of the vector that each number becomes. Default 24. */
  readonly units?: number
  /** Waves of each number. Default 48. */
  readonly frequencies?: number
  /** Deviation of the frequencies at the start, which decides how fast the waves are that can be learned. Default 0.01. */
  readonly frequencyScale?: number
  /** Whether all numbers share the kernel behind the waves. Default false. */
  readonly lite?: boolean
  /** Applied to the vectors: `'relu'` (PLR), or `'linear'` (PL). Default `'relu'`. */
  readonly activation?: 'relu' | 'linear'
}

const periodicChecks = optionsOf<PeriodicEmbeddingsOptions>()({
  units: checks.count,
  frequencies: checks.count,
  frequencyScale: checks.positive,
  lite: checks.boolean,
  activation: checks.oneOf('relu', 'linear'),
  ...layerChecks,
})

/**
 * A vector for each number by waves whose frequencies are learned: `relu([cos 2πcx, sin 2πcx] · kernel + bias)`.
 *
 * Input (batch, features), output (batch, features, units). Weights: frequencies (features, frequencies), and the kernel and bias of
 * each feature, or with `lite` one for all.
 *
 * Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning", https://arxiv.org/abs/2203.05556; lite:
 * Gorishniy et al. 2023, https://arxiv.org/abs/2307.14338
 *
 * @throws ArgumentError for `lite` without the activation, which makes them nothing but a linear layer behind the waves.
 * @example
 * new PeriodicEmbeddings({ units: 16, frequencyScale: 0.05, inputShape: [10] })
 */
@takes(periodicChecks)
export class PeriodicEmbeddings extends Layer {
  readonly className = 'PeriodicEmbeddings'
  readonly units: number
  readonly frequencies: number
  readonly frequencyScale: number
  readonly lite: boolean
  readonly activation: 'relu' | 'linear'
  readonly mixing: FeatureDense | layers.Dense
  #coefficients!: Variable

  constructor({
    units = 24,
    frequencies = 48,
    frequencyScale = 0.01,
    lite = false,
    activation = 'relu',
    ...options
  }: PeriodicEmbeddingsOptions = {}) {
    super(options)
    if (lite && activation !== 'relu')
      throw new ArgumentError({
        where: 'PeriodicEmbeddings: activation',
        expected: "'relu' with lite",
        received: `'${activation}'`,
      })
    this.units = units
    this.frequencies = frequencies
    this.frequencyScale = frequencyScale
    this.lite = lite
    this.activation = activation
    const start = rootUniform(2 * frequencies)
    const { dtype } = this
    this.mixing = lite
      ? layers.dense({ units, kernelInitializer: start, biasInitializer: start, dtype })
      : new FeatureDense({ units, dtype })
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape(this.className, inputShape, [-1]) as [number]
    this.#coefficients = this.addWeight({
      name: 'frequencies',
      shape: [features, this.frequencies],
      initializer: initializers.randomNormal({ stddev: this.frequencyScale }),
    })
    this.mixing.ensureBuilt([null, features, 2 * this.frequencies])
  }

  call(x: Tensor): Tensor {
    const phases = x.expandDims(-1).mul(this.#coefficients.value.mul(2 * Math.PI))
    const vectors = this.mixing.apply(ops.concat([phases.cos(), phases.sin()], -1))
    return this.activation === 'relu' ? vectors.relu() : vectors
  }

  override getConfig(): Record<string, unknown> {
    const { units, frequencies, frequencyScale, lite, activation } = this
    return { ...super.getConfig(), units, frequencies, frequencyScale, lite, activation }
  }
}

register('layer', PeriodicEmbeddings, registeredAs)
