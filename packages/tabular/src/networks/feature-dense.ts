import type { Tensor, Variable } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import {
  checks,
  type InitializerIdentifier,
  knownShape,
  Layer,
  type LayerOptions,
  layerChecks,
  register,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import { registeredAs, rootUniform } from './starts.ts'

export interface FeatureDenseOptions extends LayerOptions {
  /** Size of each vector that comes out. */
  readonly units: number
  /** Whether biases are added. Default true. */
  readonly useBias?: boolean
  /** What the kernels begin as: `'zeros'`, or `'uniform'` between ±1/√(size of the input). Default `'uniform'`. */
  readonly start?: 'uniform' | 'zeros'
}

const featureDenseChecks = optionsOf<FeatureDenseOptions>()({
  units: checks.needed(checks.count),
  useBias: checks.boolean,
  start: checks.oneOf('uniform', 'zeros'),
  ...layerChecks,
})

/**
 * As many dense layers as there are features, or members of an ensemble: each vector is multiplied with a kernel of its own.
 *
 * Input (batch, parts, features), output (batch, parts, units). Weights: kernel (parts, features, units), bias (parts, units).
 *
 * @example
 * new FeatureDense({ units: 16, inputShape: [10, 48] })
 */
@takes(featureDenseChecks)
export class FeatureDense extends Layer {
  readonly className = 'FeatureDense'
  readonly units: number
  readonly useBias: boolean
  readonly start: 'uniform' | 'zeros'
  #kernel!: Variable
  #bias: Variable | undefined

  constructor({ units, useBias = true, start = 'uniform', ...options }: FeatureDenseOptions) {
    super(options)
    this.units = units
    this.useBias = useBias
    this.start = start
  }

  override build(inputShape: SymbolicShape): void {
    const [parts, features] = knownShape(this.className, inputShape, [-2, -1]) as [number, number]
    const initializer: InitializerIdentifier = rootUniform(features)
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [parts, features, this.units],
      initializer: this.start === 'zeros' ? 'zeros' : initializer,
    })
    if (this.useBias) this.#bias = this.addWeight({ name: 'bias', shape: [parts, this.units], initializer })
  }

  call(x: Tensor): Tensor {
    // (batch, parts, features) → (parts, batch, features), where parts are what products are batched by.
    const products = x.transpose([1, 0, 2]).matmul(this.#kernel.value).transpose([1, 0, 2])
    return this.#bias === undefined ? products : products.add(this.#bias.value)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), units: this.units, useBias: this.useBias, start: this.start }
  }
}

register('layer', FeatureDense, registeredAs)
