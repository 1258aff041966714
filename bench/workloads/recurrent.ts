import { constant, dense, kernel } from './weights.ts'
import { step, text, training, type Workload } from './workload.ts'

export function recurrent(kind: 'lstm' | 'gru'): Workload {
  const [vocabulary, features, units, batch, steps] = [5000, 64, 128, 32, 200]
  const gates = kind === 'lstm' ? 4 : 3
  return {
    ...step,
    id: kind,
    title: `${kind.toUpperCase()} (${units} units, embedding of ${features}), batch ${batch} × ${steps} steps`,
    kind,
    params: { vocabulary, features, units, batch, steps },
    weights: [
      { name: 'embedding/embeddings', shape: [vocabulary, features], fill: { kind: 'uniform', limit: 0.05 } },
      kernel(`${kind}/kernel`, [features, gates * units], features, gates * units),
      kernel(`${kind}/recurrent_kernel`, [units, gates * units], units, units),
      kind === 'lstm'
        ? constant(`${kind}/bias`, [gates * units], 0)
        : constant(`${kind}/bias`, [2, gates * units], 0),
      ...dense('classes', units, 2),
    ],
    data: [
      ...text(8, batch, steps, vocabulary),
      { name: 'y', shape: [8, batch], fill: { kind: 'integers', below: 2 } },
    ],
    flops: training(batch * steps * gates * units * (features + units)),
    perRound: 4,
    rounds: 8,
    warmUp: 4,
    target: 0.8,
  }
}
