import { DataError } from '../base/errors.ts'
import { checked, object, whole } from '../base/schema.ts'
import { Dataset, type DatasetIterator, type DatasetState, datasetState } from '../data/dataset.ts'
import { type HostArray, toTensor } from '../data/host-array.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { BatchSource } from './batch-source.ts'
import type { BatchStream } from './fit-options.ts'
import { mapSamples, type Samples } from './samples.ts'

type Items<T> = AsyncIterable<T> | Iterable<T>

/** What gives one batch after the other, or the function that makes it anew for each epoch. */
export type Stream<T> = Items<T> | (() => Items<T>)

export const isStream = (data: unknown): data is BatchStream =>
  typeof data === 'function' ||
  (typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    !ArrayBuffer.isView(data) &&
    !(data instanceof Tensor) &&
    (Symbol.asyncIterator in data || Symbol.iterator in data))

/** Where a stream stands: in a reading of a data set, or so many batches behind the beginning. */
type StreamState = DatasetState | { readonly delivered: number }

const readState = object({ delivered: whole() })

/**
 * Batches that the caller's code makes; read and checked one by one.
 *
 * A collection or a function starts anew for each epoch. A generator can be read once: its epochs, of `steps`
 * batches each, go on where the last one stopped.
 *
 * @param read what a batch is made of, with the place that errors name.
 * @param steps batches an epoch. Default: until the stream ends.
 */
export function streamSource<T>(
  where: string,
  stream: Stream<T>,
  read: (place: string, batch: T) => Promise<Samples<HostArray>>,
  steps: number | undefined,
): BatchSource {
  let iterator: AsyncIterator<T> | Iterator<T> | undefined
  let owned = false
  let delivered = 0
  /** Where the next iterator begins, if not at the beginning. */
  let resumed: StreamState | undefined
  const start = async (): Promise<AsyncIterator<T> | Iterator<T>> => {
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
        yield mapSamples(await read(`${where}, batch ${step}`, next.value), toTensor)
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
