import type { TypedArray } from '../base/dtype.ts'
import { ShapeError } from '../base/errors.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { isRecord } from '../base/structured.ts'
import { unwrittenArray } from '../base/unwritten.ts'
import { CallbackList } from '../callbacks/callback-list.ts'
import type { AnyModel } from '../models/model.ts'
import { fromData, Tensor } from '../tensor/tensor.ts'
import { arraySource } from './array-source.ts'
import { type BatchSource, checkBatchSize, checkCount } from './batch-source.ts'
import type { Data, PredictOptions, SampleStream, StreamedBatch } from './fit-options.ts'
import { PaddedLengths, shortened } from './padded-lengths.ts'
import { predictorOf } from './predictor.ts'
import { readInputs } from './read-inputs.ts'
import { type Batch, countOf } from './samples.ts'
import { isStream, streamSource } from './stream-source.ts'

/** Runs the model over samples and puts the rows of its outputs together. */
export async function predict(
  model: AnyModel,
  x: Data | SampleStream,
  options: PredictOptions,
): Promise<readonly Tensor[]> {
  const { signal } = options
  const source = await inputSource(model, x, options)
  const callbacks = new CallbackList(model, options.callbacks ?? [], {
    epochs: 1,
    steps: source.steps,
    batchSize: source.batchSize,
    samples: source.samples,
    verbose: 0,
    metrics: [],
    position: () => ({ epoch: 0 }),
    restoreGathered: () => Promise.resolve(),
  })
  const outputs: OutputRows[] = []
  let step = 0
  try {
    await callbacks.each((callback) => callback.onPredictBegin())
    for await (const batch of source.epoch('natural')) {
      signal?.throwIfAborted()
      await callbacks.each((callback) => callback.onPredictBatchBegin(step))
      // Callbacks may have changed the weights, not the function.
      const longer = await predictorOf(model)(batch.x)
      const predicted = batch.lengths === undefined ? longer : await shortenedTo(longer, batch.lengths)
      for (const [i, output] of predicted.entries()) {
        outputs[i] ??= new OutputRows(source.samples)
        await outputs[i].add(output, countOf(batch), step)
      }
      await callbacks.each((callback) => callback.onPredictBatchEnd(step, predicted))
      step += 1
    }
    await callbacks.each((callback) => callback.onPredictEnd())
  } finally {
    await source.close()
  }
  return outputs.map((rows) => rows.tensor())
}

/** Predictions with as many steps as they have by right. */
const shortenedTo = (
  predicted: readonly Tensor[],
  lengths: NonNullable<Batch['lengths']>,
): Promise<readonly Tensor[]> =>
  Promise.all(
    predicted.map((output, i) => {
      const length = lengths[i]
      return length === undefined ? output : shortened(output, length)
    }),
  )

async function inputSource(
  model: AnyModel,
  x: Data | SampleStream,
  { batchSize, steps, allowNaN, padLengths }: PredictOptions,
): Promise<BatchSource> {
  checkCount('predict: steps', steps, 1)
  const padding = new PaddedLengths(model, 'predict', padLengths)
  const read = async (where: string, inputs: Data) =>
    padding.inputs(await readInputs(where, model, inputs, { allowNaN }))
  // A list of arrays can be iterated too: types cannot tell it from a stream.
  if (!isStream(x)) {
    checkBatchSize('predict', batchSize)
    return arraySource(await read('predict', x as Data), { batchSize, steps, engine: model.engine })
  }
  const readBatch = (where: string, batch: Data | StreamedBatch) => read(where, inputsOf(model, batch))
  return streamSource('predict', x as SampleStream, readBatch, steps)
}

/** The inputs of a batch, which may have labels and weights behind them as `evaluate` takes them: `[x, y]`. */
function inputsOf(model: AnyModel, batch: Data | StreamedBatch): Data {
  if (!Array.isArray(batch)) return batch as Data
  const [first] = batch as readonly unknown[]
  const ports = model.modelInputs.length
  if (isRecord(first)) return first as Data
  // Strings in an array are inputs, and with labels behind them a batch.
  if (model.hostPrefix?.ports.length === 1)
    return (batch.length > 1 && Array.isArray(first) && !isStrings(batch[1]) ? first : batch) as Data
  const isInputs = ports === 1 ? first instanceof Tensor : Array.isArray(first) && first[0] instanceof Tensor
  return isInputs && (ports === 1 || (first as readonly unknown[]).length === ports)
    ? (first as Data)
    : (batch as Data)
}

const isStrings = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && isStrings(value[0]))

/** The rows of one output, as far as they have been computed. */
class OutputRows {
  readonly #chunks: TypedArray[] = []
  #like: Tensor | undefined
  #rows = 0

  readonly #expected: number | undefined

  /** @param expected number of rows, where known: they then go into one array at once. */
  constructor(expected: number | undefined) {
    this.#expected = expected
  }

  async add(output: Tensor, size: number, step: number): Promise<void> {
    const like = this.#like ?? output
    this.#like = like
    checkRows(output, like, size, step)
    const data = await output.data()
    if (this.#expected === undefined) this.#chunks.push(data.slice() as TypedArray)
    else {
      const width = data.length / size
      this.#chunks[0] ??= unwrittenArray(output.dtype, this.#expected * width)
      copy(data, this.#chunks[0], this.#rows * width)
    }
    this.#rows += size
  }

  tensor(): Tensor {
    const { shape, dtype } = this.#like as Tensor
    const width = shape.slice(1).reduce((a, b) => a * b, 1)
    const length = this.#rows * width
    const [first] = this.#chunks
    let data = first as TypedArray
    if (this.#chunks.length > 1) {
      data = unwrittenArray(dtype, length)
      let at = 0
      for (const chunk of this.#chunks) {
        copy(chunk, data, at)
        at += chunk.length
      }
    }
    return fromData(
      data.length === length ? data : (data.slice(0, length) as TypedArray),
      [this.#rows, ...shape.slice(1)],
      dtype,
    )
  }
}

/** Both are of one output's dtype. */
const copy = (from: TypedArray, to: TypedArray, at: number): void =>
  (to as Float32Array).set(from as Float32Array, at)

function checkRows({ shape }: Tensor, like: Tensor, samples: number, step: number): void {
  if (shape[0] !== samples) {
    throw new ShapeError({
      where: 'predict',
      expected: `an output with a row for each of the ${samples} samples`,
      received: `shape ${formatShape(shape)}`,
      fix: 'Let layers keep the first dimension, which counts the samples.',
    })
  }
  if (sameShape(shape.slice(1), like.shape.slice(1))) return
  throw new ShapeError({
    where: `predict, batch ${step}`,
    expected: `outputs of shape ${formatShape(like.shape.slice(1))} a sample, as in the batches before`,
    received: formatShape(shape.slice(1)),
    fix: 'Pad all samples to one length, or predict batches of their own with predictOnBatch.',
  })
}
