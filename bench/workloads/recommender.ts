import { dense } from './weights.ts'
import { step, text, type Workload } from './workload.ts'

export function recommender(): Workload {
  const [rows, features, fields, batch] = [1_000_000, 64, 4, 4096]
  return {
    ...step,
    id: 'recommender',
    title: `recommender: 1 M × ${features} table, ${fields} fields, MLP 128-64-1, batch ${batch}, SGD`,
    kind: 'recommender',
    params: { rows, features, fields, batch },
    weights: [
      { name: 'embedding/embeddings', shape: [rows, features], fill: { kind: 'uniform', limit: 0.05 } },
      ...dense('dense0', fields * features, 128),
      ...dense('dense1', 128, 64),
      ...dense('dense2', 64, 1),
    ],
    data: [
      ...text(8, batch, fields, rows),
      { name: 'y', shape: [8, batch, 1], fill: { kind: 'integers', below: 2 } },
    ],
    perRound: 4,
    rounds: 8,
    warmUp: 4,
    memory: 1.5e9,
    target: 0.5,
  }
}
