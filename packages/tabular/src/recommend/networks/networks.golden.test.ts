import type { Tensor, Variable } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { assignAll, type GoldenSteps, golden, partOf } from '../../testing/golden-recommend.ts'
import { FactorTables } from './factor-tables.ts'
import { bprLoss, softmaxLoss } from './ranking-losses.ts'
import { RatingFactors } from './rating-factors.ts'
import { SequenceNetwork } from './sequence-network.ts'
import { trainingStep } from './training-loop.ts'
import { type PairPlaces, TwoTowers } from './two-towers.ts'

const sizes = { users: 6, items: 9, dimensions: 4, deviation: 0.1, seed: 1 }

interface Trained {
  readonly steps: GoldenSteps
  readonly weights: readonly Variable[]
  readonly loss: (inputs: readonly Tensor[]) => Tensor
  /** Which parts of a batch are places. */
  readonly places: readonly boolean[]
}

function factors(kind: 'bpr' | 'softmax'): Trained {
  const tables = new FactorTables(sizes)
  const loss = kind === 'bpr' ? bprLoss : softmaxLoss
  return {
    steps: golden[kind],
    weights: tables.weights,
    loss: ([a, b, c]) => loss(tables, a as Tensor, b as Tensor, c as Tensor, 0.02),
    places: [true, true, kind === 'bpr'],
  }
}

function towers(kind: 'ratingTowers' | 'rankingTowers'): Trained {
  const { features } = golden[kind]
  const [count = 0, width = 0] = features.shape
  const network = new TwoTowers(
    { count, features: { count, width, values: Float32Array.from(features.data) }, hidden: 5, seed: 1 },
    { count: 9, features: undefined, hidden: 5, seed: 2 },
    4,
  )
  const placesOf = ([users, items, keptUsers, keptItems]: readonly Tensor[]): PairPlaces =>
    ({ users, items, keptUsers, keptItems }) as PairPlaces
  return {
    steps: golden[kind],
    weights: network.weights,
    loss: (parts) =>
      kind === 'ratingTowers'
        ? network.ratingLoss(placesOf(parts), parts[4] as Tensor, 3.4, 0.1)
        : network.softmaxLoss(placesOf(parts), parts[4] as Tensor, 0.01),
    places: [true, true, false, false, false],
  }
}

const sequenceNetwork = (): SequenceNetwork =>
  new SequenceNetwork({ items: 9, length: 5, dimensions: 8, blocks: 2, heads: 2, rate: 0, seed: 1 })

const trainings: Readonly<Record<string, () => Trained>> = {
  'factors of ratings': () => {
    const network = new RatingFactors(sizes, 3.4)
    return {
      steps: golden.ratingFactors,
      weights: network.weights,
      loss: ([u, i, r]) =>
        network.loss(u as Tensor, i as Tensor, r as Tensor, { vectors: 0.1, biases: 0.005 }),
      places: [true, true, false],
    }
  },
  BPR: () => factors('bpr'),
  'softmax of a batch': () => factors('softmax'),
  'two towers of ratings': () => towers('ratingTowers'),
  'two towers of what is taken': () => towers('rankingTowers'),
  SASRec: () => {
    const network = sequenceNetwork()
    return {
      steps: golden.sasrec,
      weights: network.weights,
      loss: ([before, next, ends, some]) =>
        network.loss(before as Tensor, next as Tensor, ends as Tensor, some as Tensor),
      places: [true, true, false, true],
    }
  },
}

describe("losses and weights of three steps are those of PyTorch's gradients:", () => {
  test.each(Object.keys(trainings))('%s', async (name) => {
    const { steps, weights, loss, places } = (trainings[name] as () => Trained)()
    expect(weights.map(({ shape }) => shape)).toEqual(steps.weights.map(({ shape }) => shape))
    assignAll(weights, steps.weights)
    const step = trainingStep(weights, loss, steps.rate)
    const losses: number[] = []
    for (const batch of steps.batches) {
      const parts = batch.map((part, i) => partOf(part, places[i] as boolean))
      losses.push(Number(await (await step(parts)).item()))
    }
    expectClose(losses, steps.losses, { scaled: 1e-5 })
    // Adam divides by the size of a gradient, so that a rounding error of a small one is a share of the step.
    for (const [i, weight] of weights.entries())
      expectClose(await weight.value.data(), steps.after[i]?.data ?? [], { scaled: 1e-4 }, `weight ${i}`)
  })
})

test("SASRec's states are those of PyTorch", async () => {
  const network = sequenceNetwork()
  const { weights, sequences, states } = golden.sasrec
  assignAll(network.weights, weights)
  const found = network.states(partOf(sequences, true), false)
  expect(found.shape).toEqual(states.shape)
  expectClose(await found.data(), states.data, { scaled: 1e-5 })
})
