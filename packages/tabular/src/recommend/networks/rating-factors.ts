/**
 * `recommend/networks/`: what models learn by: their layers, their losses and the step of training, as typegrad traces them. They know tensors,
 * and nothing of tables of rows.
 */
import type { Tensor, Variable } from 'typegrad/core'
import {
  biasTable,
  type FactorOptions,
  FactorTables,
  rowProducts,
  sumOfSquares,
  type VectorTable,
} from './factor-tables.ts'

export interface RatingPenalties {
  /** Of vectors. */
  readonly vectors: number
  /** Of biases. */
  readonly biases: number
}

/** A vector and a bias for each user and each item: r̂ = μ + b_u + c_i + p_u · q_i. */
export class RatingFactors {
  readonly tables: FactorTables
  readonly userBiases: VectorTable
  /** μ */
  readonly mean: number

  constructor(options: FactorOptions, mean: number) {
    this.tables = new FactorTables(options)
    this.userBiases = biasTable(options.users)
    this.mean = mean
  }

  /** Vectors of users and items, biases of items and users. */
  get weights(): readonly Variable[] {
    return [...this.tables.weights, ...this.userBiases.trainableWeights]
  }

  /** Ratings (batch) of users and items, places (batch) each. */
  ratings(users: Tensor, items: Tensor): Tensor {
    return this.#parts(users, items).ratings
  }

  /**
   * Σ (r̂ − r)² + λ (‖p_u‖² + ‖q_i‖²) + λ_b (b_u² + c_i²), over the rows, divided by their number (Koren, Bell and Volinsky, "Matrix
   * factorization techniques for recommender systems", 2009): each rating holds its user and its item back once more.
   */
  loss(users: Tensor, items: Tensor, ratings: Tensor, penalties: RatingPenalties): Tensor {
    const { ratings: found, vectors, biases } = this.#parts(users, items)
    return found
      .sub(ratings)
      .square()
      .sum()
      .add(sumOfSquares(vectors).mul(penalties.vectors))
      .add(sumOfSquares(biases).mul(penalties.biases))
      .div(users.size)
  }

  #parts(users: Tensor, items: Tensor) {
    const p = this.tables.usersAt(users)
    const { items: q, biases: c } = this.tables.itemsAt(items)
    const b = this.userBiases.call(users).squeeze(-1)
    return { ratings: rowProducts(p, q).add(b).add(c).add(this.mean), vectors: [p, q], biases: [b, c] }
  }
}
