import { arange, ops, type Tensor } from 'typegrad/core'
import { type FactorTables, rowProducts, sumOfSquares } from './factor-tables.ts'

/**
 * Bayesian personalized ranking (Rendle et al. 2009): −ln σ(s_ui − s_uj) for an item i that the user took and an item j that it did not,
 * and λ times the squares of the vectors and biases, on average over the batch.
 *
 * @param users places (batch)
 * @param taken places of items (batch)
 * @param others places of items (batch)
 */
export function bprLoss(
  tables: FactorTables,
  users: Tensor,
  taken: Tensor,
  others: Tensor,
  penalty: number,
): Tensor {
  const p = tables.usersAt(users)
  const [i, j] = [tables.itemsAt(taken), tables.itemsAt(others)]
  const margin = rowProducts(p, i.items.sub(j.items)).add(i.biases.sub(j.biases))
  const squares = sumOfSquares([p, i.items, j.items, i.biases, j.biases])
  return ops.softplus(margin.neg()).sum().add(squares.mul(penalty)).div(users.size)
}

/**
 * Softmax over the items of the batch: each row's own item against those of the others. Popular items come more often among the others,
 * and what is taken off their scores is the logarithm of how often, so that the softmax is that over all items (Yi et al.,
 * "Sampling-bias-corrected neural modeling for large corpus item recommendations", 2019). Other rows of the same item are left out.
 *
 * @param scores (batch, batch): of the user of row r for the item of row c.
 * @param items places (batch)
 * @param logShares ln of the share that each row's item has in all rows (batch)
 * @returns the mean of −ln of the softmax at each row's own item.
 */
export function batchSoftmaxLoss(scores: Tensor, items: Tensor, logShares: Tensor): Tensor {
  const batch = items.size
  const places = arange(0, batch, 1, { dtype: 'int32' })
  const areSame = (all: Tensor): Tensor =>
    ops.equal(all.reshape([batch, 1]), all.reshape([1, batch])).cast('float32') // (batch, batch)
  const isOwn = areSame(places)
  // The others of the same item are as far away as no score is.
  const logits = scores.sub(logShares).sub(areSame(items).sub(isOwn).mul(1e9))
  return ops.logSoftmax(logits).mul(isOwn).sum().neg().div(batch)
}

/** {@link batchSoftmaxLoss} of tables, and λ times the squares of the vectors on average. */
export function softmaxLoss(
  tables: FactorTables,
  users: Tensor,
  items: Tensor,
  logShares: Tensor,
  penalty: number,
): Tensor {
  const p = tables.usersAt(users)
  const { items: q, biases } = tables.itemsAt(items)
  const scores = p.matmul(q.transpose()).add(biases)
  return batchSoftmaxLoss(scores, items, logShares).add(sumOfSquares([p, q]).mul(penalty / users.size))
}
