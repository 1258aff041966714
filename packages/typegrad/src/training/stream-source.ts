import type { DType } from '../base/dtype.ts'
import { DataError } from '../base/errors.ts'
import { checked, object, whole } from '../base/schema.ts'
import { Dataset, type DatasetIterator, type DatasetState, datasetState } from '../data/dataset.ts'
import { toTensors } from '../data/host-array.ts'
import type { AnyModel } from '../models/model.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { BatchStream, StreamedBatch } from './fit-options.ts'
import { PaddedLengths } from './padded-lengths.ts'
import { type ArraySamples, type SampleOptions, toSamples, withClassWeights } from './samples.ts'
import type { BatchSource } from './source.ts'

type BatchIterator = AsyncIterator<StreamedBatch> | Iterator<StreamedBatch>

export const isStream = (data: unknown): data is BatchStream =>
  typeof data === 'function' ||
  (typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    !ArrayBuffer.isView(data) &&
    !(data instanceof Tensor) &&
    (Symbol.asyncIterator in data || Symbol.iterator in data))

export interface StreamOptions extends Omit<SampleOptions, 'sampleWeight'> {
  readonly classWeight?: Readonly<Record<number, number>> | undefined
  /** Batches an epoch. Default: until the stream ends. */
  readonly steps?: number | undefined
  /** Whether sequences may be made longer where masks make that exact. */
  readonly padLengths?: boolean | undefined
  /** What the batches are for. */
  readonly use: 'testStream' | 'trainStream'
}

/** Where a stream stands: in a reading of a data set, or so many batches behind the beginning. */
type StreamState = DatasetState | { readonly delivered: number }

const readState = object({ delivered: whole() })

/**
 * Batches that the caller's code makes; checked one by one.
 *
 * A collection or a function starts anew for each epoch. A generator can be read once: its epochs, of `steps`
 * batches each, go on where the last one stopped.
 */
export function streamSource(
  where: string,
  model: AnyModel,
  stream: BatchStream,
  { classWeight, steps, allowNaN, padLengths, use }: StreamOptions,
): BatchSource {
  const padding = new PaddedLengths(model, use, padLengths)
  let iterator: BatchIterator | undefined
  let owned = false
  let delivered = 0
  /** Where the next iterator begins, if not at the beginning. */
  let resumed: StreamState | undefined
  const start = async (): Promise<BatchIterator> => {
    const from = resumed
    resumed = undefined
    if (stream instanceof Dataset) {
      owned = true
      return stream.iterate(from as DatasetState | undefined)
    }
    const iterable = typeof stream === 'function' ? stream() : stream
    const started =
      Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]()
    owned = started !== (iterable as unknown) || typeof stream === 'function'
    delivered = from?.delivered ?? 0
    // What the caller's generator has given it does not give again.
    for (let i = 0; owned && i < delivered; i++) if ((await started.next()).done === true) break
    return started
  }
  let dtypes: readonly DType[] | undefined
  /** A batch of other dtypes would be another training: most likely a mistake of the code that makes the batches. */
  const checkDTypes = (place: string, { x, y, weights }: ArraySamples): void => {
    const now = [...x, ...y, ...weights].map(({ dtype }) => dtype)
    dtypes ??= now
    const odd = now.findIndex((dtype, i) => dtype !== dtypes?.[i])
    if (odd === -1) return
    const [name, at] =
      odd < x.length ? ['x', odd] : odd < x.length + y.length ? ['y', odd - x.length] : ['sampleWeight', 0]
    throw new DataError({
      where: place,
      expected: `${name}${at === 0 ? '' : `[${at}]`} of dtype ${dtypes[odd]}, as in the first batch`,
      received: String(now[odd]),
      fix: 'Give all batches the same dtypes.',
    })
  }
  const read = async (step: number, given: unknown) => {
    // Steps of the model's own may be given inputs alone.
    const value = model.hasOwnSteps && !Array.isArray(given) ? [given] : given
    if (!Array.isArray(value) || value.length < (model.hasOwnSteps ? 1 : 2) || value.length > 3) {
      throw new DataError({
        where: `${where}, batch ${step}`,
        expected: 'a batch of the form [x, y] or [x, y, sampleWeight]',
        received: Array.isArray(value) ? `an array of ${value.length}` : typeof value,
      })
    }
    const [x, y = null, sampleWeight] = value as unknown as StreamedBatch
    const place = `${where}, batch ${step}`
    const checked = await toSamples(place, model, x, y, { sampleWeight, allowNaN })
    const samples = padding.samples(await withClassWeights(place, model, checked, classWeight))
    checkDTypes(place, samples)
    return {
      x: toTensors(samples.x),
      y: toTensors(samples.y),
      weights: toTensors(samples.weights),
      trees: samples.trees,
      size: samples.x[0]?.shape[0] ?? 0,
    }
  }
  return {
    samples: undefined,
    batchSize: undefined,
    steps,
    labels: undefined,
    getState(): StreamState {
      if (stream instanceof Dataset) return ((iterator as DatasetIterator<unknown>) ?? stream).getState()
      return { delivered: iterator === undefined ? 0 : delivered }
    },
    setState(state) {
      resumed = checked(
        stream instanceof Dataset ? datasetState : readState,
        state,
        'backup: position of the data',
      )
    },
    async *epoch(_order, first = 0) {
      for (let step = first; steps === undefined || step < steps; step++) {
        iterator ??= await start()
        let next = await iterator.next()
        if (next.done === true && step === 0 && steps !== undefined) {
          // The epoch before took the very last batch: a collection starts anew.
          iterator = await start()
          next = await iterator.next()
        }
        if (next.done === true) {
          iterator = undefined
          if (step === 0) throw endOfStream(where)
          return
        }
        delivered += 1
        yield await read(step, next.value)
      }
    },
    async close() {
      // What was started here is ended here; the caller's own generator may be read on.
      if (owned) await iterator?.return?.()
      iterator = undefined
    },
  }
}

const endOfStream = (where: string): DataError =>
  new DataError({
    where,
    expected: 'at least one batch an epoch',
    received: 'the end of the stream',
    fix: 'A generator can be read only once: pass the function that makes it, or say how many batches an epoch has.',
  })
