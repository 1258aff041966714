import type { Logs } from '../callbacks/callback.ts'
import type { HostArray } from '../data/host-array.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { buildFor, stepsFor } from './fit.ts'
import type { Data, SampleWeights } from './fit-options.ts'
import type { Model } from './model.ts'
import { portsOf } from './ports.ts'
import { predictorOf } from './predictor.ts'
import { toSamples } from './source.ts'

const tensors = (arrays: readonly HostArray[]): Tensor[] =>
  arrays.map(({ data, shape, dtype }) => fromData(data, shape, dtype) as Tensor)

/** One training or test step on one batch, with the logs of that batch alone. */
export async function batchLogs(
  model: Model,
  kind: 'train' | 'test',
  x: Data,
  y: Data,
  sampleWeight: SampleWeights | undefined,
): Promise<Logs> {
  const where = kind === 'train' ? 'trainOnBatch' : 'testOnBatch'
  model.compiled(where)
  const samples = await toSamples(where, portsOf(model), x, y, { sampleWeight })
  const batch = { x: tensors(samples.x), y: tensors(samples.y) }
  const steps = model.compiled(where).current ?? stepsFor(model, batch.x, batch.y)
  await steps.reset()
  await steps[kind](batch.x, batch.y, tensors(samples.weights))
  return steps.logs()
}

export async function predictOnBatch(model: Model, x: Data): Promise<Tensor> {
  const samples = await toSamples('predictOnBatch', portsOf(model), x, undefined, {})
  buildFor(
    model,
    samples.x.map((array) => array.shape),
  )
  const outputs = await predictorOf(model)(tensors(samples.x))
  return outputs[0] as Tensor
}
