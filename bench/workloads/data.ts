// What stands around a training: feeding it, and keeping what came of it.
import { dense, type Weights } from './weights.ts'
import { step, type Workload } from './workload.ts'

/** 500 MB of weights: as many dense layers of 16 MB. */
const storedLayers = 31
const stored: Weights = Array.from({ length: storedLayers }, (_, i) => dense(`dense${i}`, 2048, 2048)).flat()

export const dataWorkloads: readonly Workload[] = [
  {
    ...step,
    id: 'pipeline',
    title: 'digits from bytes: shuffled, scaled, batched by 128, prefetched',
    section: 'data',
    kind: 'pipeline',
    mode: 'epoch',
    params: { batch: 128 },
    weights: [],
    data: [
      { name: 'x', shape: [20_000, 28, 28, 1], fill: { kind: 'digit-bytes' } },
      { name: 'y', shape: [20_000], fill: { kind: 'digit-labels' } },
    ],
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    samples: 20_000,
  },
  ...(['save', 'load'] as const).map((kind) => ({
    ...step,
    id: kind,
    title: kind === 'save' ? 'saving 520 MB of weights' : 'loading 520 MB of weights',
    section: 'data' as const,
    kind,
    params: { layers: storedLayers, width: 2048 },
    weights: stored,
    data: [],
    perRound: 1,
    rounds: 5,
    warmUp: 1,
    tryOneThread: false,
    memory: 2.5e9,
  })),
]
