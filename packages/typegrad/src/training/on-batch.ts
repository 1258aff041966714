import type { Logs } from '../callbacks/callback.ts'
import { toTensor } from '../data/host-array.ts'
import type { AnyModel } from '../models/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Data, SampleWeights } from './fit-options.ts'
import { Lease } from './lease.ts'
import { predictorOf } from './predictor.ts'
import { readInputs } from './read-inputs.ts'
import { readSamples } from './read-samples.ts'
import { mapSamples } from './samples.ts'

/** The last step of each model that was asked for; the next one waits for it. */
const last = new WeakMap<AnyModel, Promise<unknown>>()

/**
 * One training or test step on one batch, with the logs of that batch alone. Steps of one model are made in the
 * order of the calls, whether or not their callers wait: each may have to be compiled first.
 */
export function batchLogs(
  model: AnyModel,
  kind: 'train' | 'test',
  x: Data,
  y: Data | null,
  sampleWeight: SampleWeights | undefined,
): Promise<Logs> {
  const before = last.get(model) ?? Promise.resolve()
  const step = () => stepOnBatch(model, kind, x, y, sampleWeight)
  // A step that failed has told its own caller.
  const logs = before.then(step, step)
  last.set(model, logs)
  return logs
}

async function stepOnBatch(
  model: AnyModel,
  kind: 'train' | 'test',
  x: Data,
  y: Data | null,
  sampleWeight: SampleWeights | undefined,
): Promise<Logs> {
  const where = kind === 'train' ? 'trainOnBatch' : 'testOnBatch'
  model.compiled(where)
  const samples = await readSamples(where, model, [x, y, sampleWeight])
  const lease = new Lease(model, where)
  try {
    const functions = lease.functions(samples.y)
    await functions.reset()
    await functions.run(kind, mapSamples(samples, toTensor))
    return await functions.logs()
  } finally {
    lease.end()
  }
}

export async function predictOnBatch(model: AnyModel, x: Data): Promise<readonly Tensor[]> {
  const { x: inputs } = await readInputs('predictOnBatch', model, x)
  return predictorOf(model)(inputs.map(toTensor))
}
