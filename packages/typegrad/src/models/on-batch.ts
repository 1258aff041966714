import type { Logs } from '../callbacks/callback.ts'
import { toTensors } from '../data/host-array.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Data, SampleWeights } from './fit-options.ts'
import { Lease } from './lease.ts'
import type { AnyModel } from './model.ts'
import { predictorOf } from './predictor.ts'
import { toInputs, toSamples } from './samples.ts'

/** One training or test step on one batch, with the logs of that batch alone. */
export async function batchLogs(
  model: AnyModel,
  kind: 'train' | 'test',
  x: Data,
  y: Data,
  sampleWeight: SampleWeights | undefined,
): Promise<Logs> {
  const where = kind === 'train' ? 'trainOnBatch' : 'testOnBatch'
  model.compiled(where)
  const samples = await toSamples(where, model, x, y, { sampleWeight })
  const lease = new Lease(model, where)
  try {
    const steps = lease.steps(samples.y)
    await steps.reset()
    await steps[kind](toTensors(samples.x), toTensors(samples.y), toTensors(samples.weights))
    return await steps.logs()
  } finally {
    lease.end()
  }
}

export async function predictOnBatch(model: AnyModel, x: Data): Promise<readonly Tensor[]> {
  return predictorOf(model)(toTensors(await toInputs('predictOnBatch', model, x)))
}
