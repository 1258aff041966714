import { convnetWeights, mlpWeights } from './digits.ts'
import { bertWeights } from './transformers.ts'
import type { Weights } from './weights.ts'
import { step, type TensorSpec, type Workload } from './workload.ts'

const encoderSizes = { blocks: 4, heads: 4, width: 256, vocabulary: 5000, batch: 1, steps: 64 }

function prediction(
  id: 'mlp' | 'convnet' | 'encoder',
  batch: number,
  weights: Weights,
  x: TensorSpec,
  params: Readonly<Record<string, number>> = {},
): Workload {
  const names = { mlp: 'MLP 784-256-128-10', convnet: 'convnet', encoder: 'encoder (4 × 256, 64 tokens)' }
  const short = batch === 1 && id !== 'encoder'
  return {
    ...step,
    section: 'prediction',
    id: `predict-${id}-${batch}`,
    title: `${names[id]}, ${batch === 1 ? 'latency of one sample' : `batch of ${batch}`}`,
    kind: id,
    mode: 'predict',
    params: { ...params, batch },
    weights,
    data: [x],
    repeat: short ? 50 : 1,
    perRound: short ? 20 : 10,
    // JavaScript engines take thousands of runs until they have compiled what is run often (ours 8,000 to 20,000).
    warmUp: short ? 10_000 : 10,
    samples: batch,
    target: 1,
  }
}

const predictions = [1, 256].flatMap((batch) => [
  prediction('mlp', batch, mlpWeights, { name: 'x', shape: [8, batch, 784], fill: { kind: 'digits' } }),
  prediction('convnet', batch, convnetWeights, {
    name: 'x',
    shape: [8, batch, 28, 28, 1],
    fill: { kind: 'digits' },
  }),
])
const encoders = [1, 64].map((batch) =>
  prediction(
    'encoder',
    batch,
    bertWeights({ ...encoderSizes, batch }, 10),
    { name: 'x', shape: [8, batch, 64], fill: { kind: 'integers', below: 5000 } },
    { ...encoderSizes, classes: 10 },
  ),
)

export const predictionWorkloads: readonly Workload[] = [...predictions, ...encoders]
