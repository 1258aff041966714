import { compile, hostRandom, type Tensor, tensor } from 'typegrad/core'
import type { Tower } from '../networks/towers.ts'
import { numbersAt, placesAt, placesOf, trainingLoop } from '../networks/training-loop.ts'
import { type PairPlaces, TwoTowers } from '../networks/two-towers.ts'
import type { VectorRows } from '../retrieval/vector-rows.ts'
import { batchOf } from './network-vectors.ts'
import { logSharesOf } from './ranking-factors.ts'
import type { FitContext, FittedScorer, RecommendCandidate, RecommendTask } from './scorer.ts'
import { FeatureTower, TowerScorer } from './tower-scorer.ts'
import { VectorScorer } from './vector-scorer.ts'
import { watchLists } from './watch-lists.ts'
import { watchPairs } from './watch-pairs.ts'

const dimensions = 64
const hidden = 64
const mostEpochs = 60
/** The share of the rows whose users, and whose items, are known by features alone while training. */
const unknown = 0.1

/** Users and items by their features and by vectors of their own. */
export const twoTowers: RecommendCandidate<'two towers'> = {
  name: 'two towers',
  tasks: ['ratings', 'ranking'],
  needsFeatures: true,
  fit,
}

const settings: Readonly<
  Record<RecommendTask, { readonly learningRate: number; readonly patience: number }>
> = {
  ratings: { learningRate: 0.003, patience: 3 },
  ranking: { learningRate: 0.003, patience: 4 },
}

async function fit(context: FitContext): Promise<FittedScorer | undefined> {
  const { task, users, items, training, features, seed, deadline, signal, stop } = context
  const { ratings } = training
  const rows = ratings.length
  const mean = task === 'ratings' ? ratings.reduce((sum, rating) => sum + rating, 0) / rows : 0
  const network = new TwoTowers(
    { count: users, features: features.users, hidden, seed },
    { count: items, features: features.items, hidden, seed: seed + 100 },
    dimensions,
  )
  const logShares = task === 'ranking' ? logSharesOf(training, items) : undefined
  const below = hostRandom(seed, 0x7031)
  // Of towers without features, vectors of their own are all that there is.
  const kept = (of: Uint32Array, tower: Tower): Tensor =>
    tensor(
      Float32Array.from(of, () => Number(tower.inner === undefined || below(1000) >= 1000 * unknown)),
    ) as Tensor
  const places = (given: readonly Tensor[]): PairPlaces => {
    const [of, to, keptUsers, keptItems] = given as [Tensor, Tensor, Tensor, Tensor]
    return { users: of, items: to, keptUsers, keptItems }
  }
  const scorer = (): Promise<TowerScorer> => scorerOf(network, context, mean)
  const epochs = await trainingLoop({
    weights: network.weights,
    batches: {
      rows,
      batch: batchOf(rows),
      inputs: (of) => [
        placesAt(training.users, of),
        placesAt(training.items, of),
        kept(of, network.users),
        kept(of, network.items),
        numbersAt(logShares ?? ratings, of),
      ],
    },
    loss: (inputs) =>
      task === 'ratings'
        ? network.ratingLoss(places(inputs), inputs[4] as Tensor, mean, 0.1)
        : network.softmaxLoss(places(inputs), inputs[4] as Tensor, 0.01),
    epochs: context.epochs ?? mostEpochs,
    ...(task === 'ratings' ? watchPairs(context, scorer) : watchLists(context, scorer)),
    ...settings[task],
    seed,
    deadline,
    signal,
    stop,
  })
  if (epochs === 0) return undefined
  return { scorer: await scorer(), epochs }
}

async function scorerOf(
  network: TwoTowers,
  { users, items, training }: FitContext,
  mean: number,
): Promise<TowerScorer> {
  const [p, q] = [
    await endsOf(network.users, users, training.users),
    await endsOf(network.items, items, training.items),
  ]
  const vectors = new VectorScorer({
    mean,
    userBiases: p.biases,
    itemBiases: q.biases,
    users: p.vectors,
    items: q.vectors,
  })
  return new TowerScorer(vectors, await FeatureTower.of(network.users))
}

/** VectorRows and biases of all, of those that were not seen by features alone. */
async function endsOf(
  tower: Tower,
  count: number,
  seen: Int32Array,
): Promise<{ readonly vectors: VectorRows; readonly biases: Float32Array }> {
  const known = new Set(seen)
  const places = Int32Array.from({ length: count }, (_, place) => place)
  const kept = Float32Array.from(places, (place) => Number(known.has(place)))
  const run = compile((of: Tensor, own: Tensor) => tower.vectors(of, own))
  const found = await (await run(placesOf(places), tensor(kept) as Tensor)).data()
  const values = new Float32Array(count * dimensions)
  const biases = new Float32Array(count)
  for (let place = 0; place < count; place++) {
    const at = place * (dimensions + 1)
    for (let d = 0; d < dimensions; d++) values[place * dimensions + d] = Number(found[at + d])
    biases[place] = Number(found[at + dimensions])
  }
  return { vectors: { count, dimensions, values }, biases }
}
