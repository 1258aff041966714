import { type TypedArray, typedArray } from '../base/dtype.ts'
import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../base/shape.ts'
import { ArrayBatches } from '../data/batches.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import type { Data, PredictOptions } from './fit-options.ts'
import type { AnyModel } from './model.ts'
import { predictorOf } from './predictor.ts'
import { toInputs } from './samples.ts'
import { checkBatchSize } from './source.ts'

/** The rows of one output, as far as they have been computed. */
interface Rows {
  readonly data: TypedArray
  readonly like: Tensor
}

/** Runs the model over samples and puts the rows of its outputs together. */
export async function predict(
  model: AnyModel,
  x: Data,
  { batchSize, allowNaN, signal }: PredictOptions,
): Promise<readonly Tensor[]> {
  checkBatchSize('predict', batchSize)
  const inputs = await toInputs('predict', model, x, { allowNaN })
  const total = inputs[0]?.shape[0] ?? 0
  const batches = new ArrayBatches(inputs, Math.min(batchSize ?? 32, total))
  const predictor = predictorOf(model)
  const results: Rows[] = []
  let row = 0
  for await (const batch of batches.epoch()) {
    signal?.throwIfAborted()
    const outputs = await predictor(batch.tensors)
    for (const [i, output] of outputs.entries()) {
      checkRows(output, batch.size)
      const data = await output.data()
      const width = data.length / batch.size
      results[i] ??= { data: typedArray(output.dtype, total * width), like: output }
      // One type: both are of the output's dtype.
      ;(results[i].data as Float32Array).set(data as Float32Array, row * width)
    }
    row += batch.size
  }
  return results.map(({ data, like }) => fromData(data, [total, ...like.shape.slice(1)], like.dtype))
}

function checkRows({ shape }: Tensor, samples: number): void {
  if (shape[0] === samples) return
  throw new ShapeError({
    where: 'predict',
    expected: `an output with a row for each of the ${samples} samples`,
    received: `shape ${formatShape(shape)}`,
    fix: 'Let layers keep the first dimension, which counts the samples.',
  })
}
