import { type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { ArrayBatches, naturalOrder } from '../data/batches.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { buildFor } from './fit.ts'
import type { Data, PredictOptions } from './fit-options.ts'
import type { Model } from './model.ts'
import { portsOf } from './ports.ts'
import { predictorOf } from './predictor.ts'
import { toSamples } from './source.ts'

/** Runs the model over samples and puts the rows of its outputs together. */
export async function predict(
  model: Model,
  x: Data,
  options: PredictOptions,
  all = false,
): Promise<Tensor | Tensor[]> {
  const samples = await toSamples('predict', portsOf(model), x, undefined, options)
  buildFor(
    model,
    samples.x.map((array) => array.shape),
  )
  const total = samples.x[0]?.shape[0] ?? 0
  const batches = new ArrayBatches(samples.x, Math.min(options.batchSize ?? 32, total))
  const predictor = predictorOf(model)
  const results: { data: TypedArray; tensor: Tensor }[] = []
  let row = 0
  for await (const batch of batches.epoch(naturalOrder(total))) {
    options.signal?.throwIfAborted()
    const outputs = await predictor(batch.tensors)
    for (const [i, output] of outputs.entries()) {
      const data = await output.data()
      const width = data.length / batch.size
      results[i] ??= { data: typedArray(output.dtype, total * width), tensor: output }
      // One type: both are of the output's dtype.
      ;(results[i].data as Float32Array).set(data as Float32Array, row * width)
    }
    row += batch.size
  }
  const tensors = results.map(({ data, tensor }) => {
    const shape = [total, ...tensor.shape.slice(1)]
    return fromData(data.subarray(0, sizeOf(shape)) as TypedArray, shape, tensor.dtype) as Tensor
  })
  return all || tensors.length !== 1 ? tensors : (tensors[0] as Tensor)
}
