import { hostRandom, type Tensor } from 'typegrad/core'
import { countsOf, grouped, type Interactions, othersOf } from '../interactions/interactions.ts'
import { FactorTables } from '../networks/factor-tables.ts'
import { bprLoss, softmaxLoss } from '../networks/ranking-losses.ts'
import { type Batches, numbersAt, placesAt, placesOf, trainingLoop } from '../networks/training-loop.ts'
import { batchOf, seenVectors, tableOf } from './network-vectors.ts'
import type { FitContext, FittedScorer, RecommendCandidate } from './scorer.ts'
import { VectorScorer } from './vector-scorer.ts'
import { watchLists } from './watch-lists.ts'

const dimensions = 64
const learningRate = 0.003
const mostEpochs = 60
const patience = 4

/** How a batch is drawn, and what is made less by it. */
interface Objective {
  readonly inputs: Batches['inputs']
  readonly loss: (inputs: readonly Tensor[]) => Tensor
}

type ObjectiveOf = (tables: FactorTables, context: FitContext) => Objective

/** Factors that put what was taken before what was not: by pairs of an item that was taken and one that was not. */
export const bpr: RecommendCandidate<'BPR'> = {
  name: 'BPR',
  tasks: ['ranking'],
  fit: (context) => fit(context, pairwise),
}

/** Factors that put what was taken before what others took, by the softmax over a batch. */
export const softmax: RecommendCandidate<'softmax'> = {
  name: 'softmax',
  tasks: ['ranking'],
  fit: (context) => fit(context, batchwise),
}

const pairwise: ObjectiveOf = (tables, { training, users, items, seed }) => {
  const draw = untakenItems(training, users, items, seed)
  return {
    inputs: (rows) => [
      placesAt(training.users, rows),
      placesAt(training.items, rows),
      placesOf(Int32Array.from(rows, (row) => draw(training.users[row] as number))),
    ],
    loss: ([u, i, j]) => bprLoss(tables, u as Tensor, i as Tensor, j as Tensor, 0.01),
  }
}

const batchwise: ObjectiveOf = (tables, { training, items }) => {
  const logShares = logSharesOf(training, items)
  return {
    inputs: (rows) => [
      placesAt(training.users, rows),
      placesAt(training.items, rows),
      numbersAt(logShares, rows),
    ],
    loss: ([u, i, shares]) => softmaxLoss(tables, u as Tensor, i as Tensor, shares as Tensor, 0.01),
  }
}

/** Of each row, ln of the share that its item has in all rows. */
export function logSharesOf({ items }: Interactions, count: number): Float64Array {
  const counts = countsOf(items, count)
  return Float64Array.from(items, (item) => Math.log((counts[item] as number) / items.length))
}

/** Draws an item that a user did not take; of one who took nearly all, after some tries any. */
function untakenItems(
  training: Interactions,
  users: number,
  items: number,
  seed: number,
): (user: number) => number {
  const byUser = grouped(training, 'users', users)
  const taken = Array.from({ length: users }, (_, user) => new Set(othersOf(byUser, user)))
  const below = hostRandom(seed, 0x9e6)
  return (user) => {
    let item = below(items)
    for (let tries = 0; tries < 20 && taken[user]?.has(item); tries++) item = below(items)
    return item
  }
}

async function fit(context: FitContext, objectiveOf: ObjectiveOf): Promise<FittedScorer | undefined> {
  const { users, items, training, seed, deadline, signal, stop } = context
  const tables = new FactorTables({ users, items, dimensions, deviation: 0.05, seed })
  const { inputs, loss } = objectiveOf(tables, context)
  const rows = training.users.length
  const scorer = (): Promise<VectorScorer> => scorerOf(tables, training, users)
  const epochs = await trainingLoop({
    weights: tables.weights,
    batches: { rows, batch: batchOf(rows), inputs },
    loss,
    learningRate,
    epochs: context.epochs ?? mostEpochs,
    ...watchLists(context, scorer),
    patience,
    seed,
    deadline,
    signal,
    stop,
  })
  if (epochs === 0) return undefined
  return { scorer: await scorer(), epochs }
}

async function scorerOf(
  { users, items, itemBiases }: FactorTables,
  training: Interactions,
  count: number,
): Promise<VectorScorer> {
  return new VectorScorer({
    mean: 0,
    userBiases: new Float32Array(count),
    itemBiases: unseenLast((await tableOf(itemBiases)).values, training.items),
    users: seenVectors(await tableOf(users), training.users),
    items: seenVectors(await tableOf(items), training.items),
  })
}

/** Biases in which items that nothing was learned of have the least that there is: 0 may be more than most. */
function unseenLast(biases: Float32Array, items: Int32Array): Float32Array {
  const seen = new Set(items)
  const least = [...seen].reduce((so, item) => Math.min(so, biases[item] as number), 0)
  return biases.map((bias, item) => (seen.has(item) ? bias : least))
}
