import { compile, type Tensor } from 'typegrad/core'
import type { Interactions } from '../interactions/interactions.ts'
import { RatingFactors } from '../networks/rating-factors.ts'
import { numbersAt, placesAt, trainingLoop } from '../networks/training-loop.ts'
import { batchOf, seenVectors, tableOf } from './network-vectors.ts'
import type { FitContext, FittedScorer, RecommendCandidate } from './scorer.ts'
import { VectorScorer } from './vector-scorer.ts'

/** Held back this much, more dimensions do not fit the noise. */
const dimensions = 64
const penalties = { vectors: 0.1, biases: 0.005 }
const learningRate = 0.004
const mostEpochs = 60
const patience = 3

/** Matrix factorisation with biases, of ratings. */
export const factors: RecommendCandidate<'factors'> = { name: 'factors', tasks: ['ratings'], fit }

async function fit(context: FitContext): Promise<FittedScorer | undefined> {
  const { users, items, training, watched, seed, deadline, signal, stop } = context
  const { ratings } = training
  const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
  const network = new RatingFactors({ users, items, dimensions, deviation: 0.05, seed }, mean)
  const epochs = await trainingLoop({
    weights: network.weights,
    batches: {
      rows: ratings.length,
      batch: batchOf(ratings.length),
      inputs: (rows) => [
        placesAt(training.users, rows),
        placesAt(training.items, rows),
        numbersAt(ratings, rows),
      ],
    },
    loss: ([u, i, r]) => network.loss(u as Tensor, i as Tensor, r as Tensor, penalties),
    learningRate,
    epochs: context.epochs ?? mostEpochs,
    ...(watched !== undefined && { watch: watchRatings(network, watched) }),
    patience,
    seed,
    deadline,
    signal,
    stop,
  })
  if (epochs === 0) return undefined
  return { scorer: await scorerOf(network, training), epochs }
}

/** The mean squared error of watched rows. */
function watchRatings(network: RatingFactors, watched: Interactions): () => Promise<number> {
  const rows = Uint32Array.from(watched.users, (_, row) => row)
  const [u, i, r] = [
    placesAt(watched.users, rows),
    placesAt(watched.items, rows),
    numbersAt(watched.ratings, rows),
  ]
  const cost = compile((users: Tensor, items: Tensor, ratings: Tensor) =>
    network.ratings(users, items).sub(ratings).square().mean(),
  )
  return async () => Number(await (await cost(u, i, r)).item())
}

async function scorerOf(
  { tables, userBiases, mean }: RatingFactors,
  training: Interactions,
): Promise<VectorScorer> {
  return new VectorScorer({
    mean,
    userBiases: (await tableOf(userBiases)).values,
    itemBiases: (await tableOf(tables.itemBiases)).values,
    users: seenVectors(await tableOf(tables.users), training.users),
    items: seenVectors(await tableOf(tables.items), training.items),
  })
}
