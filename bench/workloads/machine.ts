// What the machine and a run by itself cost.
import { constant } from './weights.ts'
import { step, type Workload } from './workload.ts'

export const machineWorkloads: readonly Workload[] = [
  {
    ...step,
    id: 'matmul',
    title: 'plain product 1024³',
    section: 'machine',
    kind: 'matmul',
    params: { size: 1024 },
    weights: [],
    data: ['a', 'b'].map((name) => ({ name, shape: [1024, 1024], fill: { kind: 'uniform', limit: 1 } })),
    flops: 2 * 1024 ** 3,
    tryOneThread: false,
  },
  {
    ...step,
    id: 'one-weight',
    title: 'step of a 1-weight model',
    kind: 'one-weight',
    params: {},
    weights: [constant('w', [1, 1], 0)],
    data: [
      { name: 'x', shape: [32, 1], fill: { kind: 'uniform', limit: 1 } },
      { name: 'y', shape: [32, 1], fill: { kind: 'uniform', limit: 1 } },
    ],
    repeat: 200,
    // JavaScript engines take thousands of runs until they have compiled what is run often.
    warmUp: 5000,
  },
]
