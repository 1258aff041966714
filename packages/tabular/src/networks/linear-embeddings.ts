import type { Tensor, Variable } from 'typegrad'
import { optionsOf } from 'typegrad/core'
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
import { registeredAs, rootUniform } from './starts.ts'

export interface LinearEmbeddingsOptions extends LayerOptions {
  /** Size of the vector that each number becomes. */
  readonly units: number
  /** Applied to the vectors: `'relu'` or `'linear'`. Default `'linear'`. */
  readonly activation?: 'relu' | 'linear'
}

const linearEmbeddingsChecks = optionsOf<LinearEmbeddingsOptions>()({
  units: checks.needed(checks.count),
  activation: checks.oneOf('relu', 'linear'),
  ...layerChecks,
})

/**
 * A vector for each number, along a line of its own: `x[i] · kernel[i] + bias[i]`.
 *
 * Input (batch, features), output (batch, features, units). Weights: kernel and bias (features, units).
 *
 * Gorishniy et al. 2021, "Revisiting deep learning models for tabular data", https://arxiv.org/abs/2106.11959
 *
 * @example
 * new LinearEmbeddings({ units: 32, activation: 'relu', inputShape: [10] })
 */
@takes(linearEmbeddingsChecks)
export class LinearEmbeddings extends Layer {
  readonly className = 'LinearEmbeddings'
  readonly units: number
  readonly activation: 'relu' | 'linear'
  #kernel!: Variable
  #bias!: Variable

  constructor({ units, activation = 'linear', ...options }: LinearEmbeddingsOptions) {
    super(options)
    this.units = units
    this.activation = activation
  }

  override build(inputShape: SymbolicShape): void {
    const [features] = knownShape(this.className, inputShape, [-1]) as [number]
    const shape = [features, this.units]
    const initializer = rootUniform(this.units)
    this.#kernel = this.addWeight({ name: 'kernel', shape, initializer })
    this.#bias = this.addWeight({ name: 'bias', shape, initializer })
  }

  call(x: Tensor): Tensor {
    const lines = x.expandDims(-1).mul(this.#kernel.value).add(this.#bias.value)
    return this.activation === 'relu' ? lines.relu() : lines
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units, activation: this.activation }
  }
}

register('layer', LinearEmbeddings, registeredAs)
