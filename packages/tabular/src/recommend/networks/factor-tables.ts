import { initializers, layers } from 'typegrad'
import { ops, type Tensor, type Variable } from 'typegrad/core'

export interface FactorOptions {
  readonly users: number
  readonly items: number
  readonly dimensions: number
  /** Standard deviation of what vectors begin as. */
  readonly deviation: number
  readonly seed: number
}

/** What tables hold of the rows of a batch. */
export interface FactorRows {
  /** p (batch, dimensions) */
  readonly users: Tensor
  /** q (batch, dimensions) */
  readonly items: Tensor
  /** c (batch) */
  readonly biases: Tensor
}

/** A vector for each user, and a vector and a bias for each item. */
export class FactorTables {
  readonly users: VectorTable
  readonly items: VectorTable
  readonly itemBiases: VectorTable

  constructor({ users, items, dimensions, deviation, seed }: FactorOptions) {
    this.users = vectorTable(users, dimensions, deviation, seed + 1)
    this.items = vectorTable(items, dimensions, deviation, seed + 2)
    this.itemBiases = biasTable(items)
  }

  /** Vectors of users, vectors of items, biases of items. */
  get weights(): readonly Variable[] {
    return [this.users, this.items, this.itemBiases].flatMap((table) => table.trainableWeights)
  }

  /** Rows of users. */
  usersAt(users: Tensor): Tensor {
    return this.users.call(users)
  }

  /** Rows of items. */
  itemsAt(items: Tensor): Omit<FactorRows, 'users'> {
    return { items: this.items.call(items), biases: this.itemBiases.call(items).squeeze(-1) }
  }
}

/** A table of vectors, one a row. */
export type VectorTable = ReturnType<typeof layers.embedding>

/** A table of vectors that begin as normal numbers. */
export function vectorTable(count: number, dimensions: number, deviation: number, seed: number): VectorTable {
  const table = layers.embedding({
    inputDim: count,
    outputDim: dimensions,
    embeddingsInitializer: initializers.randomNormal({ stddev: deviation, seed }),
  })
  table.ensureBuilt([null])
  return table
}

/** A table of numbers that begin as 0. */
export function biasTable(count: number): VectorTable {
  const table = layers.embedding({ inputDim: count, outputDim: 1, embeddingsInitializer: 'zeros' })
  table.ensureBuilt([null])
  return table
}

/** p · q of each row: (batch, d), (batch, d) → (batch). */
export const rowProducts = (p: Tensor, q: Tensor): Tensor => ops.sum(p.mul(q), -1)

/** The sum of the squares of tensors. */
export const sumOfSquares = (tensors: readonly Tensor[]): Tensor =>
  tensors.map((one) => one.square().sum()).reduce((a, b) => a.add(b))
