import { ops, type Tensor, type Variable } from 'typegrad/core'
import { rowProducts, sumOfSquares } from './factor-tables.ts'
import { batchSoftmaxLoss } from './ranking-losses.ts'
import { Tower, type TowerOptions } from './towers.ts'

/** Vectors (batch, dimensions) and biases (batch) of users or items. */
interface Ends {
  readonly vectors: Tensor
  readonly biases: Tensor
}

/** Places of users and items of a batch, and whether each has its own vector: (batch) each. */
export interface PairPlaces {
  readonly users: Tensor
  readonly items: Tensor
  readonly keptUsers: Tensor
  readonly keptItems: Tensor
}

/** Two towers: of users and of items. Each gives a vector and, as its last number, a bias. */
export class TwoTowers {
  readonly users: Tower
  readonly items: Tower
  readonly #dimensions: number

  constructor(
    users: Omit<TowerOptions, 'dimensions'>,
    items: Omit<TowerOptions, 'dimensions'>,
    dimensions: number,
  ) {
    this.users = new Tower({ ...users, dimensions: dimensions + 1 })
    this.items = new Tower({ ...items, dimensions: dimensions + 1 })
    this.#dimensions = dimensions
  }

  get weights(): readonly Variable[] {
    return [...this.users.weights, ...this.items.weights]
  }

  /** Ratings: Σ (μ + b_u + c_i + p_u · q_i − r)² + λ (‖p_u‖² + ‖q_i‖²), on average over the batch. */
  ratingLoss(places: PairPlaces, ratings: Tensor, mean: number, penalty: number): Tensor {
    const [p, q] = this.#ends(places)
    const found = rowProducts(p.vectors, q.vectors).add(p.biases).add(q.biases).add(mean)
    const squares = sumOfSquares([p.vectors, q.vectors]).mul(penalty)
    return found.sub(ratings).square().sum().add(squares).div(ratings.size)
  }

  /** What is taken: the softmax over the batch, with the correction for popularity, and λ times the squares. */
  softmaxLoss(places: PairPlaces, logShares: Tensor, penalty: number): Tensor {
    const [p, q] = this.#ends(places)
    const scores = p.vectors.matmul(q.vectors.transpose()).add(q.biases)
    const squares = sumOfSquares([p.vectors, q.vectors]).mul(penalty / logShares.size)
    return batchSoftmaxLoss(scores, places.items, logShares).add(squares)
  }

  #ends({ users, items, keptUsers, keptItems }: PairPlaces): readonly [Ends, Ends] {
    return [
      this.#split(this.users.vectors(users, keptUsers)),
      this.#split(this.items.vectors(items, keptItems)),
    ]
  }

  #split(x: Tensor): Ends {
    const [vectors, biases] = ops.split(x, [this.#dimensions, 1], -1) as [Tensor, Tensor]
    return { vectors, biases: biases.squeeze(-1) }
  }
}
