import { ArgumentError, DataError } from '../base/errors.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { ArrayBatches, type Batch, naturalOrder } from '../data/batches.ts'
import { type HostArray, rowsOf, toHostArray } from '../data/host-array.ts'
import { checkSamples } from '../data/validate.ts'
import { formatSymbolicShape, type SymbolicShape } from '../layers/symbolic.ts'
import { shuffledOrder } from '../random/host.ts'
import { fromData, Tensor } from '../tensor/tensor.ts'
import type { BatchStream, Data, SampleWeights, StreamedBatch } from './fit-options.ts'

/** Name and shape (with the batch in front) of a model's input or output, as far as they are known. */
export interface Port {
  readonly name: string
  readonly shape: SymbolicShape | undefined
}

/** What a model says about its data. */
export interface Ports {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  /** Refuses labels that the loss of an output cannot mean. */
  checkLabels(output: number, labels: HostArray): void
}

/** One batch, taken apart. */
export interface SplitBatch {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
  readonly weights: readonly Tensor[]
  readonly size: number
}

/** Where a loop's batches come from. */
export interface BatchSource {
  readonly samples: number | undefined
  readonly batchSize: number | undefined
  /** Batches an epoch; undefined for a stream of unknown length. */
  readonly steps: number | undefined
  /** Shapes of all inputs and labels; undefined for a stream. */
  readonly inputs: readonly HostArray[] | undefined
  readonly labels: readonly HostArray[] | undefined
  epoch(order: 'natural' | readonly number[]): AsyncIterable<SplitBatch>
}

/** Samples that stand in memory: inputs, labels and weights as one list of arrays. */
export interface ArraySamples {
  readonly x: readonly HostArray[]
  readonly y: readonly HostArray[]
  readonly weights: readonly HostArray[]
}

export const isStream = (data: unknown): data is BatchStream =>
  typeof data === 'object' &&
  data !== null &&
  !Array.isArray(data) &&
  !ArrayBuffer.isView(data) &&
  !(data instanceof Tensor) &&
  (Symbol.asyncIterator in data || Symbol.iterator in data)

interface SampleOptions {
  readonly sampleWeight?: SampleWeights | undefined
  readonly classWeight?: Readonly<Record<number, number>> | undefined
  readonly allowNaN?: boolean | undefined
}

/** Reads and checks what users hand in as arrays. @throws DataError, ShapeError before anything runs. */
export async function toSamples(
  where: string,
  ports: Ports,
  x: Data,
  y: Data | undefined,
  { sampleWeight, classWeight, allowNaN = false }: SampleOptions,
): Promise<ArraySamples> {
  const inputs = await toArrays(`${where}: x`, x, ports.inputs)
  const labels = y === undefined ? [] : await toArrays(`${where}: y`, y, ports.outputs)
  const weights =
    sampleWeight === undefined ? [] : [await toHostArray(`${where}: sampleWeight`, sampleWeight)]
  const named = [
    ...inputs.map((array, i) => [inputs.length > 1 ? `x[${i}]` : 'x', array] as const),
    ...labels.map((array, i) => [labels.length > 1 ? `y[${i}]` : 'y', array] as const),
    ...weights.map((array) => ['sampleWeight', array] as const),
  ]
  await checkSamples(where, named, { allowNaN })
  inputs.forEach((array, i) => {
    checkShape(where, ports.inputs[i], array)
  })
  labels.forEach((array, i) => {
    ports.checkLabels(i, array)
  })
  const combined = classWeight === undefined ? weights : [weighted(where, labels, weights[0], classWeight)]
  // One weight a sample serves every output.
  return {
    x: inputs,
    y: labels,
    weights: combined.length === 0 ? [] : labels.map(() => combined[0] as HostArray),
  }
}

async function toArrays(where: string, data: Data, ports: readonly Port[]): Promise<HostArray[]> {
  const list = ports.length > 1 || isListOfTensors(data) ? (data as readonly unknown[]) : [data]
  if (ports.length > 1 && (!Array.isArray(data) || data.length !== ports.length)) {
    throw new ArgumentError({
      where,
      expected: `a list of ${ports.length} arrays (${ports.map((port) => port.name).join(', ')})`,
      received: Array.isArray(data) ? `${data.length}` : 'one',
    })
  }
  return Promise.all(list.map((item, i) => toHostArray(where, item, ports[i]?.shape?.slice(1))))
}

const isListOfTensors = (data: Data): boolean => Array.isArray(data) && data[0] instanceof Tensor

/** Whether the samples have the shape that the model was built for. */
function checkShape(where: string, port: Port | undefined, { shape }: HostArray): void {
  const expected = port?.shape
  if (expected === undefined) return
  if (expected.length === shape.length && expected.every((d, i) => i === 0 || d === null || d === shape[i]))
    return
  throw new DataError({
    where,
    expected: `samples of shape ${formatSymbolicShape(expected)} for input '${port?.name}'`,
    received: formatShape(shape),
    fix: 'Reshape the data, or build the model for another inputShape.',
  })
}

/** A weight for every sample from its class, times its own weight. */
function weighted(
  where: string,
  labels: readonly HostArray[],
  own: HostArray | undefined,
  classWeight: Readonly<Record<number, number>>,
): HostArray {
  const [first] = labels
  if (first === undefined || labels.length > 1) {
    throw new ArgumentError({
      where: `${where}: classWeight`,
      expected: 'a model with one output',
      received: `${labels.length} outputs`,
      fix: 'Use sampleWeight.',
    })
  }
  const samples = first.shape[0] as number
  const width = sizeOf(first.shape.slice(1))
  const values = Float32Array.from({ length: samples }, (_, i) => {
    const label =
      width === 1 ? Number(first.data[i]) : argMax(first.data.subarray(i * width, (i + 1) * width))
    return (classWeight[label] ?? 1) * Number(own?.data[i] ?? 1)
  })
  return { data: values, shape: [samples], dtype: 'float32' }
}

function argMax(values: ArrayLike<number | bigint>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (Number(values[i]) > Number(values[best])) best = i
  return best
}

/** The last share of the samples apart from the others. */
export function splitSamples(
  where: string,
  samples: ArraySamples,
  share: number,
): [train: ArraySamples, held: ArraySamples] {
  const total = samples.x[0]?.shape[0] ?? 0
  const kept = Math.floor(total * (1 - share))
  if (!(share > 0 && share < 1) || kept === 0 || kept === total) {
    throw new ArgumentError({
      where: `${where}: validationSplit`,
      expected: `a share between 0 and 1 that leaves samples on both sides of ${total}`,
      received: String(share),
    })
  }
  const part = (start: number, stop: number): ArraySamples => ({
    x: samples.x.map((array) => rowsOf(array, start, stop)),
    y: samples.y.map((array) => rowsOf(array, start, stop)),
    weights: samples.weights.map((array) => rowsOf(array, start, stop)),
  })
  return [part(0, kept), part(kept, total)]
}

/** Batches of samples in memory. @throws ArgumentError for a batch size that is larger than the data. */
export function arraySource(
  where: string,
  { x, y, weights }: ArraySamples,
  batchSize: number | undefined,
): BatchSource {
  const samples = x[0]?.shape[0] ?? 0
  if (batchSize !== undefined && (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > samples)) {
    throw new ArgumentError({
      where: `${where}: batchSize`,
      expected: `a whole number from 1 to the ${samples} samples`,
      received: String(batchSize),
      fix: 'Use a smaller batch, or leave the size out.',
    })
  }
  const batches = new ArrayBatches([...x, ...y, ...weights], batchSize ?? Math.min(32, samples))
  return {
    samples,
    batchSize: batches.batchSize,
    steps: batches.steps,
    inputs: x,
    labels: y,
    async *epoch(order) {
      const rows = order === 'natural' ? naturalOrder(samples) : shuffledOrder(samples, ...order)
      for await (const batch of batches.epoch(rows)) yield split(batch, x.length, y.length)
    },
  }
}

const split = ({ tensors, size }: Batch, inputs: number, labels: number): SplitBatch => ({
  x: tensors.slice(0, inputs),
  y: tensors.slice(inputs, inputs + labels),
  weights: tensors.slice(inputs + labels),
  size,
})

/** Batches that somebody else makes; checked one by one. */
export function streamSource(
  where: string,
  ports: Ports,
  stream: BatchStream,
  options: SampleOptions & { readonly steps?: number | undefined },
): BatchSource {
  // A generator can be read once: its epochs go on where the last one stopped. A collection starts anew.
  const iterate = (): AsyncIterator<StreamedBatch> | Iterator<StreamedBatch> =>
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  let iterator: AsyncIterator<StreamedBatch> | Iterator<StreamedBatch> | undefined
  return {
    samples: undefined,
    batchSize: undefined,
    steps: options.steps,
    inputs: undefined,
    labels: undefined,
    async *epoch() {
      iterator ??= iterate()
      for (let step = 0; options.steps === undefined || step < options.steps; step++) {
        const next = await iterator.next()
        if (next.done === true) {
          iterator = undefined
          if (step === 0) {
            throw new DataError({
              where,
              expected: 'at least one batch an epoch',
              received: 'the end of the stream',
            })
          }
          return
        }
        if (!Array.isArray(next.value) || next.value.length < 2) {
          throw new DataError({
            where,
            expected: 'batches of the form [x, y] or [x, y, sampleWeight]',
            received: Array.isArray(next.value) ? `an array of ${next.value.length}` : typeof next.value,
          })
        }
        const [x, y, sampleWeight] = next.value as StreamedBatch
        const samples = await toSamples(`${where}, batch ${step}`, ports, x, y, { ...options, sampleWeight })
        const tensors = (arrays: readonly HostArray[]) =>
          arrays.map(({ data, shape, dtype }) => fromData(data, shape, dtype) as Tensor)
        yield {
          x: tensors(samples.x),
          y: tensors(samples.y),
          weights: tensors(samples.weights),
          size: samples.x[0]?.shape[0] ?? 0,
        }
      }
    },
  }
}
