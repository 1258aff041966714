import { bertWeights, transformerProducts } from './transformers.ts'
import { constant, kernel } from './weights.ts'
import { step, text, training, type Workload } from './workload.ts'

/** Curves: how time grows with one size. Each is a list of workloads along it. */
export interface Curve {
  readonly id: 'batch' | 'width' | 'depth' | 'sequence'
  readonly title: string
  readonly points: readonly (readonly [size: number, workload: Workload])[]
}

function stack(batch: number, width: number, depth: number): Workload {
  return {
    ...step,
    id: `stack-${batch}-${width}-${depth}`,
    title: `${depth} dense layers of ${width}, batch ${batch}, SGD`,
    kind: 'stack',
    params: { batch, width, depth },
    // He's limits: with Glorot's a deep stack's values fade to numbers that processors are slow with.
    weights: Array.from({ length: depth }, (_, i) => [
      kernel(`dense${i}/kernel`, [width, width], width / 2, width / 2),
      constant(`dense${i}/bias`, [width], 0),
    ]).flat(),
    data: ['x', 'y'].map((name) => ({ name, shape: [1, batch, width], fill: { kind: 'uniform', limit: 1 } })),
    flops: training(batch * width * width * depth),
    perRound: 3,
    rounds: 3,
    warmUp: 3,
    tryOneThread: false,
    memory: 2e9,
  }
}

function sequence(steps: number): Workload {
  const sizes = { blocks: 1, heads: 4, width: 128, vocabulary: 256, batch: 1, steps }
  return {
    ...step,
    id: `sequence-${steps}`,
    title: `one block of attention (width 128, 4 heads) over ${steps} tokens`,
    kind: 'bert',
    params: { ...sizes, classes: 2 },
    weights: bertWeights(sizes, 2),
    data: [...text(1, 1, steps, 256), { name: 'y', shape: [1, 1], fill: { kind: 'integers', below: 2 } }],
    flops: training(transformerProducts(sizes)),
    perRound: 3,
    rounds: 3,
    warmUp: 3,
    tryOneThread: false,
    memory: 2e9,
  }
}

const curve = (
  id: Curve['id'],
  title: string,
  sizes: readonly number[],
  at: (size: number) => Workload,
): Curve => ({ id, title, points: sizes.map((size) => [size, at(size)]) })

export const curves: readonly Curve[] = [
  curve('batch', 'batch, 4 dense layers of 256', [1, 4, 16, 64, 256, 1024, 4096], (n) => stack(n, 256, 4)),
  curve('width', 'width of 3 dense layers, batch 64', [64, 128, 256, 512, 1024, 2048, 4096], (n) =>
    stack(64, n, 3),
  ),
  curve('depth', 'depth, dense layers of 128, batch 64', [2, 6, 12, 24, 48, 96], (n) => stack(64, 128, n)),
  curve(
    'sequence',
    'length of a sequence, one block of attention',
    [64, 128, 256, 512, 1024, 2048],
    sequence,
  ),
]
