import { describe } from '../../base/describe.ts'
import { ArgumentError, DataError } from '../../base/errors.ts'
import { count, optionsOf } from '../../base/options.ts'
import { type ArrayData, type HostArray, toHostArray } from '../../data/host-array.ts'
import { Tensor } from '../../tensor/tensor.ts'

/**
 * What a layer can be adapted to: an array of samples (a tensor, a typed array or nested arrays), or batches that come one
 * after another (a `Dataset`, a generator, an array of tensors). Of elements that are `[x, y]` the first member counts.
 */
export type AdaptData<T = ArrayData> = T | AsyncIterable<unknown> | Iterable<unknown>

export interface AdaptOptions {
  /** How many batches of a stream are read. Default: all of them. */
  readonly steps?: number
}

export const adaptChecks = optionsOf<AdaptOptions>()({ steps: count })

const isTensorList = (data: unknown): boolean => Array.isArray(data) && data[0] instanceof Tensor

/** Whether the data is one array of samples rather than a stream of batches. */
const isArray = (data: unknown): boolean =>
  data instanceof Tensor || ArrayBuffer.isView(data) || (Array.isArray(data) && !isTensorList(data))

const isIterable = (data: unknown): data is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data)

/** What `adapt` reads, batch after batch: whole arrays as one. @throws ArgumentError for what is neither; DataError for nothing. */
export async function* batchesOf(where: string, data: unknown, { steps }: AdaptOptions = {}) {
  if (isArray(data)) {
    yield data
    return
  }
  if (!isIterable(data)) {
    throw new ArgumentError({
      where,
      expected: 'an array of samples, a Dataset, or something else that gives batches',
      received: describe(data),
    })
  }
  let read = 0
  for await (const element of data) {
    yield isPair(element) ? element[0] : element
    read += 1
    if (read === steps) return
  }
  if (read === 0) throw noSamples(where, 'a stream that ended at once')
}

/** `[x, y]` of a data set of samples and labels: tensors side by side. */
const isPair = (element: unknown): element is readonly unknown[] =>
  Array.isArray(element) && element[0] instanceof Tensor

/** Batches of numbers. @throws DataError for a batch without elements. */
export async function* numericBatchesOf(
  where: string,
  data: unknown,
  options?: AdaptOptions,
): AsyncGenerator<HostArray> {
  for await (const batch of batchesOf(where, data, options)) {
    const array = await toHostArray(where, typeof batch === 'number' ? [batch] : batch)
    if (array.data.length === 0) throw noSamples(where, 'a batch without elements')
    yield array
  }
}

export const noSamples = (where: string, received: string): DataError =>
  new DataError({
    where,
    expected: 'at least one sample to learn from',
    received,
    fix: 'A stream can be read only once: make the Dataset anew, or by Dataset.fromGenerator.',
  })
