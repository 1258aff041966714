import { ArgumentError, DataError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { hostRandom } from '../random/host.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { type Batched, type PaddingOptions, stackElements } from './elements.ts'
import { type ArrayData, type HostArray, rowsOf, toHostArray } from './host-array.ts'

export interface ShuffleOptions {
  /** Makes the order a function of this number and of how often the data set was read. Default 0. */
  readonly seed?: number
  /** Whether each reading has an order of its own. Default true. */
  readonly reshuffleEachIteration?: boolean
}

export interface BatchOptions {
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropRemainder?: boolean
}

type Started<T> = AsyncIterator<T, unknown, undefined>

/**
 * Samples that come one after another, from memory, a file or a service, and what is done to them on the way.
 *
 * Nothing is read before somebody asks, and no more than was asked for (plus what `prefetch` and `shuffle` hold):
 * a slow consumer slows its source down. Each reading starts anew.
 *
 * @example
 * const batches = Dataset.fromTensors([images, labels])
 *   .shuffle(1000, { seed: 1 })
 *   .map(([image, label]) => [augment(image), label] as const)
 *   .batch(32)
 *   .prefetch(2)
 * await model.fit(batches, { epochs: 10 })
 */
export class Dataset<T> implements AsyncIterable<T> {
  readonly #start: () => Started<T>

  private constructor(start: () => Started<T>) {
    this.#start = start
  }

  [Symbol.asyncIterator](): Started<T> {
    return this.#start()
  }

  /**
   * The rows of one array, or of several of one length together.
   *
   * @throws DataError (on the first reading) if the lengths differ.
   * @example
   * Dataset.fromTensors([[[1, 2], [3, 4]], [0, 1]]) // [tensor([1, 2]), tensor(0)], [tensor([3, 4]), tensor(1)]
   */
  static fromTensors(arrays: readonly ArrayData[]): Dataset<Tensor[]> {
    return Dataset.fromGenerator(async function* () {
      const hosts = await Promise.all(
        arrays.map((array, i) => toHostArray(`Dataset.fromTensors: array ${i}`, array)),
      )
      const samples = hosts[0]?.shape[0] ?? 0
      const odd = hosts.find(({ shape }) => shape[0] !== samples)
      if (odd !== undefined) {
        throw new DataError({
          where: 'Dataset.fromTensors',
          expected: `${samples} samples in every array, as in the first`,
          received: `${odd.shape[0] ?? 0}`,
        })
      }
      for (let i = 0; i < samples; i++) yield hosts.map((host) => rowOf(host, i))
    })
  }

  /** What a function's generator yields; it is called anew for each reading. */
  static fromGenerator<T>(make: () => AsyncIterable<T> | Iterable<T>): Dataset<T> {
    return new Dataset(async function* () {
      yield* make()
    })
  }

  /** What can be iterated: an array, a set, a stream of Node or the web. A stream can be read only once. */
  static fromAsyncIterable<T>(items: AsyncIterable<T> | Iterable<T>): Dataset<T> {
    return Dataset.fromGenerator(() => items)
  }

  /** Tuples of what several data sets give, until the shortest ends. */
  static zip<const D extends readonly Dataset<unknown>[]>(
    ...sets: D
  ): Dataset<{ -readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never }> {
    return new Dataset(async function* () {
      const iterators = sets.map((set) => set[Symbol.asyncIterator]())
      try {
        for (;;) {
          const next = await Promise.all(iterators.map((iterator) => iterator.next()))
          if (next.some((result) => result.done === true)) return
          yield next.map((result) => result.value) as never
        }
      } finally {
        await Promise.all(iterators.map((iterator) => iterator.return?.()))
      }
    })
  }

  /** Each element by a function's result; the function may be asynchronous and is awaited. */
  map<U>(fn: (element: T, index: number) => U | Promise<U>): Dataset<U> {
    return this.#through(async function* (items) {
      let index = 0
      for await (const item of items) yield await fn(item, index++)
    })
  }

  /** The elements for which a function says true. */
  filter(keep: (element: T, index: number) => boolean | Promise<boolean>): Dataset<T> {
    return this.#through(async function* (items) {
      let index = 0
      for await (const item of items) if (await keep(item, index++)) yield item
    })
  }

  /**
   * Random order: of `bufferSize` elements in memory one is given out and replaced by the next. A buffer as
   * large as the data set makes all orders equally likely.
   */
  shuffle(bufferSize: number, { seed = 0, reshuffleEachIteration = true }: ShuffleOptions = {}): Dataset<T> {
    checkCount('shuffle: bufferSize', bufferSize)
    let readings = 0
    return this.#through(async function* (items) {
      const below = hostRandom(seed, reshuffleEachIteration ? readings++ : 0)
      const buffer: T[] = []
      for await (const item of items) {
        if (buffer.length < bufferSize) {
          buffer.push(item)
          continue
        }
        const chosen = below(bufferSize)
        const given = buffer[chosen] as T
        buffer[chosen] = item
        yield given
      }
      for (; buffer.length > 0; ) {
        const chosen = below(buffer.length)
        const given = buffer[chosen] as T
        buffer[chosen] = buffer[buffer.length - 1] as T
        buffer.pop()
        yield given
      }
    })
  }

  /**
   * `size` elements at a time, stacked: every number, typed array or tensor becomes a tensor with the batch in
   * front. The last batch may be smaller.
   *
   * @throws DataError naming the sample whose shape or dtype differs from the first one's.
   */
  batch(size: number, options: BatchOptions = {}): Dataset<Batched<T>> {
    return this.#batches(size, options, (items) => stackElements(items))
  }

  /** As `batch`, for samples of different lengths: shorter ones are filled up to the longest of their batch. */
  paddedBatch(
    size: number,
    { value = 0, ...options }: BatchOptions & PaddingOptions = {},
  ): Dataset<Batched<T>> {
    return this.#batches(size, options, (items) => stackElements(items, { value }))
  }

  #batches<U>(
    size: number,
    { dropRemainder = false }: BatchOptions,
    stack: (items: readonly T[]) => Promise<U>,
  ): Dataset<U> {
    checkCount('batch: size', size)
    return this.#through(async function* (items) {
      let open: T[] = []
      for await (const item of items) {
        open.push(item)
        if (open.length < size) continue
        yield await stack(open)
        open = []
      }
      if (open.length > 0 && !dropRemainder) yield await stack(open)
    })
  }

  /** Makes up to `count` elements ahead while others are used. */
  prefetch(count: number): Dataset<T> {
    checkCount('prefetch', count)
    return new Dataset<T>((): Started<T> => {
      const iterator = this.#start()
      const ahead: Promise<IteratorResult<T, unknown>>[] = []
      const fetch = (): void => {
        const next = iterator.next()
        // Whoever comes to this element is told; until then nobody has asked.
        next.catch(() => {})
        ahead.push(next)
      }
      return {
        async next() {
          while (ahead.length <= count) fetch()
          return ahead.shift() as Promise<IteratorResult<T, unknown>>
        },
        async return() {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    })
  }

  /** The whole again and again, `count` times or without end. */
  repeat(count = Number.POSITIVE_INFINITY): Dataset<T> {
    const again = () => this.#iterable()
    return new Dataset(async function* () {
      for (let i = 0; i < count; i++) {
        let empty = true
        for await (const item of again()) {
          empty = false
          yield item
        }
        if (empty) return
      }
    })
  }

  /** The first `count` elements. */
  take(count: number): Dataset<T> {
    return this.#through(async function* (items) {
      if (count <= 0) return
      let taken = 0
      for await (const item of items) {
        yield item
        if (++taken >= count) return
      }
    })
  }

  /** All but the first `count` elements. */
  skip(count: number): Dataset<T> {
    return this.#through(async function* (items) {
      let skipped = 0
      for await (const item of items) if (skipped++ >= count) yield item
    })
  }

  /**
   * Elements of the data sets that a function makes of each element, `cycleLength` of them read in turn: lines
   * of many files, mixed.
   */
  interleave<U>(
    fn: (element: T) => Dataset<U>,
    { cycleLength = 4 }: { readonly cycleLength?: number } = {},
  ): Dataset<U> {
    checkCount('interleave: cycleLength', cycleLength)
    return this.#through(async function* (items) {
      const sources = items[Symbol.asyncIterator]()
      const open: Started<U>[] = []
      let exhausted = false
      try {
        for (;;) {
          while (!exhausted && open.length < cycleLength) {
            const next = await sources.next()
            if (next.done === true) exhausted = true
            else open.push(fn(next.value)[Symbol.asyncIterator]())
          }
          if (open.length === 0) return
          for (const iterator of [...open]) {
            const next = await iterator.next()
            if (next.done === true) open.splice(open.indexOf(iterator), 1)
            else yield next.value
          }
        }
      } finally {
        await Promise.all(open.map((iterator) => iterator.return?.()))
      }
    })
  }

  /** Keeps what the first whole reading gave, so that later ones need not make it again. */
  cache(): Dataset<T> {
    let kept: readonly T[] | undefined
    return this.#through(async function* (items) {
      if (kept !== undefined) {
        yield* kept
        return
      }
      const seen: T[] = []
      for await (const item of items) {
        seen.push(item)
        yield item
      }
      kept = seen
    })
  }

  /** All elements, in an array. */
  async toArray(): Promise<T[]> {
    const all: T[] = []
    for await (const item of this) all.push(item)
    return all
  }

  #iterable(): AsyncIterable<T> {
    return { [Symbol.asyncIterator]: this.#start }
  }

  #through<U>(stage: (items: AsyncIterable<T>) => AsyncGenerator<U>): Dataset<U> {
    return new Dataset(() => stage(this.#iterable()))
  }
}

function rowOf(host: HostArray, i: number): Tensor {
  const { data, shape, dtype } = rowsOf(host, i, i + 1)
  return fromData(sizeOf(shape) === 0 ? data : data.slice(), shape.slice(1), dtype)
}

function checkCount(where: string, count: number): void {
  if (Number.isInteger(count) && count > 0) return
  throw new ArgumentError({
    where: `Dataset.${where}`,
    expected: 'a positive whole number',
    received: String(count),
  })
}
