import { layers } from 'typegrad'
import { type Tensor, tensor, type Variable } from 'typegrad/core'
import type { FeatureRows } from '../interactions/feature-rows.ts'
import { beginWeights } from './begin-weights.ts'
import { type VectorTable, vectorTable } from './factor-tables.ts'

export interface TowerOptions {
  readonly count: number
  readonly features: FeatureRows | undefined
  readonly dimensions: number
  readonly hidden: number
  readonly seed: number
}

/**
 * One of two towers (Covington et al., "Deep neural networks for YouTube recommendations", 2016): a user or an item becomes a vector, by a
 * vector of its own and by its features. While training, vectors of its own are left out at random (DropoutNet, Volkovs et al. 2017), so
 * that features alone say what they can.
 */
export class Tower {
  readonly ids: VectorTable
  readonly inner: ReturnType<typeof layers.dense> | undefined
  readonly outer: ReturnType<typeof layers.dense> | undefined
  readonly #features: Tensor | undefined

  constructor({ count, features, dimensions, hidden, seed }: TowerOptions) {
    this.ids = vectorTable(count, dimensions, 0.02, seed)
    if (features === undefined) return
    this.#features = tensor(features.values, { shape: [features.count, features.width] }) as Tensor
    this.inner = layers.dense({ units: hidden, activation: 'relu' })
    this.outer = layers.dense({ units: dimensions, useBias: false })
    this.inner.ensureBuilt([null, features.width])
    this.outer.ensureBuilt([null, hidden])
    beginWeights(this.weights.slice(1), seed + 1, 1 / Math.sqrt(features.width))
  }

  /** Vectors of their own; of the features the inner kernel and bias and the outer kernel. */
  get weights(): readonly Variable[] {
    return [this.ids, this.inner, this.outer].flatMap((layer) => layer?.trainableWeights ?? [])
  }

  /**
   * Vectors: (batch) → (batch, dimensions).
   *
   * @param places of users or items (batch)
   * @param kept 1 where the vector of its own takes part, 0 where features alone do (batch)
   */
  vectors(places: Tensor, kept: Tensor): Tensor {
    const own = this.ids.call(places).mul(kept.reshape([places.size, 1]))
    if (this.#features === undefined || this.inner === undefined || this.outer === undefined) return own
    return own.add(this.outer.call(this.inner.call(this.#features.gather(places))))
  }
}
