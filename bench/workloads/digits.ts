// Small models of the digits: a perceptron and a convolutional network.
import { conv, dense, type Weights } from './weights.ts'
import { step, type TensorSpec, training, type Workload } from './workload.ts'

export const mlpWeights: Weights = [
  ...dense('dense0', 784, 256),
  ...dense('dense1', 256, 128),
  ...dense('dense2', 128, 10),
]
export const convnetWeights: Weights = [
  ...conv('conv0', 3, 1, 32),
  ...conv('conv1', 3, 32, 64),
  ...dense('dense0', 1600, 128),
  ...dense('dense1', 128, 10),
]

const mlpProducts = 784 * 256 + 256 * 128 + 128 * 10
const convnetProducts = 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1600 * 128 + 128 * 10

const digits = (batches: number, batch: number, flat: boolean): readonly TensorSpec[] => [
  { name: 'x', shape: [batches, batch, ...(flat ? [784] : [28, 28, 1])], fill: { kind: 'digits' } },
  { name: 'y', shape: [batches, batch], fill: { kind: 'digit-labels' } },
]

export const digitWorkloads: readonly Workload[] = [
  {
    ...step,
    id: 'mlp',
    title: 'MLP 784-256-128-10 on MNIST, batch 128, Adam',
    kind: 'mlp',
    params: { batch: 128 },
    weights: mlpWeights,
    data: digits(60, 128, true),
    flops: training(128 * mlpProducts),
    perRound: 30,
    warmUp: 60,
    target: 0.5,
  },
  {
    ...step,
    id: 'mlp-epoch',
    title: 'the same, an epoch of 60,000 digits with fit',
    kind: 'mlp',
    mode: 'epoch',
    params: { batch: 128 },
    weights: mlpWeights,
    data: digits(1, 60_000, true),
    flops: training(60_000 * mlpProducts),
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    samples: 60_000,
    target: 0.5,
  },
  {
    ...step,
    id: 'convnet',
    title: 'convnet 32-64 of 3×3, pooled, dense 128-10, batch 128, Adam',
    kind: 'convnet',
    params: { batch: 128 },
    weights: convnetWeights,
    data: digits(30, 128, false),
    flops: training(128 * convnetProducts),
    perRound: 5,
    target: 0.8,
  },
]
