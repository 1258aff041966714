import { ArgumentError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import type { HostArray } from '../data/host-array.ts'

/**
 * A weight for every sample: that of its class (1 where none is given) times its own.
 *
 * @throws ArgumentError for a model of several outputs, and for weights that are none.
 */
export async function classWeights(
  where: string,
  labels: readonly HostArray[],
  own: HostArray | undefined,
  weights: Readonly<Record<number, number>>,
): Promise<HostArray> {
  const [first] = labels
  if (first === undefined || labels.length > 1) {
    throw new ArgumentError({
      where: `${where}: classWeight`,
      expected: 'a model with one output',
      received: `${labels.length} outputs`,
      fix: 'Use sampleWeight.',
    })
  }
  for (const [label, weight] of Object.entries(weights)) {
    if (Number.isFinite(weight) && weight >= 0 && Number.isInteger(Number(label))) continue
    throw new ArgumentError({
      where: `${where}: classWeight`,
      expected: 'weights of at least 0 by class number, such as { 0: 1, 1: 10 }',
      received: `${weight} for ${JSON.stringify(label)}`,
    })
  }
  const samples = first.shape[0] as number
  const width = sizeOf(first.shape.slice(1))
  const data = new Float32Array(samples)
  const pacer = new Pacer()
  for (let i = 0; i < samples; i++) {
    const label = width === 1 ? Number(first.data[i]) : argMax(first.data, i * width, (i + 1) * width)
    data[i] = (weights[label] ?? 1) * Number(own?.data[i] ?? 1)
    if (i % 8192 === 0 && pacer.due()) await pacer.turn()
  }
  return { data, shape: [samples], dtype: 'float32' }
}

/** Where the first of the largest stands, counted from `start`: the class of a one-hot label. */
function argMax(values: ArrayLike<number | bigint>, start: number, stop: number): number {
  let best = start
  for (let i = start + 1; i < stop; i++) if (Number(values[i]) > Number(values[best])) best = i
  return best - start
}
