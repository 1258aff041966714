import { type NetworkRows, plainNetworkRecipe, rankedNetworkRecipe } from '../features/network-features.ts'
import {
  type BinEdges,
  batchSizeFor,
  FeatureTransformer,
  PiecewiseLinearEmbeddings,
  quantileBins,
  RealMLP,
  startRealMLP,
  TabM,
} from '../networks/index.ts'
import type { NetworkKind, NetworkShape } from './network.ts'
import { inputsOf } from './network-predictor.ts'
import { alike, type NetworkRules } from './network-rules.ts'

const constant = { rate: 'constant', decay: 'constant', dropout: 'constant' } as const

/** Rules that a few tables gave: AdamW of a constant rate, until the watched rows no longer gain. */
const patient: NetworkRules = {
  learningRate: 2e-3,
  beta2: 0.999,
  decay: 3e-4,
  schedules: constant,
  epochs: 1000,
  patience: { epochs: 16, steps: 400 },
  gradientNorm: 1,
  smoothing: 0,
}

/** TabM of 8 members behind piecewise-linear embeddings (48 bins, 16 wide): as good as 32 members at a fraction of the time. */
export const tabM: NetworkKind<'tabm'> = {
  name: 'tabm',
  recipe: rankedNetworkRecipe,
  rules: () => patient,
  make: async ({ outputs, numbers, categories, training }) => {
    const embedding =
      numbers === 0
        ? undefined
        : new PiecewiseLinearEmbeddings({ name: 'numbers', bins: binsOf(training, numbers, 48), units: 16 })
    const made = new TabM({
      name: 'tabm',
      ...{ outputs, numbers, categories },
      ...(embedding !== undefined && { embedding }),
      members: 8,
      blocks: 2,
      units: 128,
      dropout: 0.1,
    })
    made.ensureBuilt(shapesOf({ numbers, categories }))
    return { network: made, factorsOf: alike }
  },
}

/** RealMLP with the defaults of its paper ("tuned defaults"), at half of their width: on processors it has to learn within seconds. */
export const mlp: NetworkKind<'mlp'> = {
  name: 'mlp',
  recipe: plainNetworkRecipe,
  rules: ({ kind }) => {
    const isClasses = kind === 'binary' || kind === 'classes'
    return {
      learningRate: isClasses ? 0.04 : 0.2,
      beta2: 0.95,
      decay: 0.02,
      schedules: { rate: 'coslog4', decay: 'flatCosine', dropout: 'flatCosine' },
      epochs: 256,
      patience: { epochs: 256, steps: 0 },
      smoothing: isClasses ? 0.1 : 0,
    }
  },
  make: async ({ task: { kind }, outputs, numbers, categories, training }) => {
    const isClasses = kind === 'binary' || kind === 'classes'
    const made = new RealMLP({
      name: 'mlp',
      ...{ outputs, numbers, categories },
      hidden: [128, 128, 128],
      activation: isClasses ? 'selu' : 'mish',
    })
    made.ensureBuilt(shapesOf({ numbers, categories }))
    const raw = await made.rawFeatures(inputsOf(training.rows, training)).data()
    const batch = firstRows(training, Math.min(training.rows, batchSizeFor(training.rows)))
    await startRealMLP(made, Float64Array.from(raw as Float32Array), inputsOf(batch.rows, batch))
    return {
      network: made,
      factorsOf: (weight) => made.factorsOf(weight),
      dropout: made.dropoutRate,
    }
  },
}

/** A small FT-Transformer: attention over features costs more than all else. */
export const transformer: NetworkKind<'transformer'> = {
  name: 'transformer',
  recipe: rankedNetworkRecipe,
  rules: () => ({ ...patient, learningRate: 1e-3 }),
  make: async ({ outputs, numbers, categories }) => {
    const made = new FeatureTransformer({
      name: 'transformer',
      ...{ outputs, numbers, categories },
      blocks: 2,
      units: 64,
      heads: 4,
      attentionDropout: 0.1,
      dropout: 0.1,
    })
    made.ensureBuilt(shapesOf({ numbers, categories }))
    return { network: made, factorsOf: alike }
  },
}

const shapesOf = ({ numbers, categories }: Pick<NetworkShape, 'numbers' | 'categories'>) =>
  [numbers, categories.length].filter((width) => width > 0).map((width) => [null, width])

function binsOf({ rows, numbers }: NetworkRows, width: number, count: number): BinEdges {
  const columns = Array.from({ length: width }, (_, column) =>
    Float64Array.from({ length: rows }, (__, row) => numbers[row * width + column] as number),
  )
  return quantileBins(columns, Math.max(2, Math.min(count, rows - 1)))
}

function firstRows({ rows, numbers, codes }: NetworkRows, count: number): NetworkRows {
  return {
    rows: count,
    numbers: numbers.slice(0, (numbers.length / rows) * count),
    codes: codes.slice(0, (codes.length / rows) * count),
  }
}
