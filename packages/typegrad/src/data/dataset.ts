import { ArgumentError, DataError, StateError } from '../base/errors.ts'
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

/** What a stage knows from reading to reading, and the stages before it. */
interface StageState {
  /** How often a stage whose readings differ has been read. */
  readonly readings: number
  /** Number of elements of what is repeated, once it is known; 0 where passes differ. */
  readonly length?: number | undefined
  readonly inputs: readonly StageState[]
}

/** Where a reading of a data set stands; JSON. */
export interface DatasetState {
  /** What the stages knew when the reading began. */
  readonly stages: StageState
  /** Number of elements that it has given out. */
  readonly delivered: number
}

/** A reading of a data set that can be gone on with later, or by another process. */
export interface DatasetIterator<T> extends AsyncIterator<T, unknown, undefined> {
  /** Where the reading stands: `dataset.iterate(state)` goes on behind the last element that was given out. */
  getState(): DatasetState
  return(): Promise<IteratorResult<T, unknown>>
}

type Started<T> = AsyncIterator<T, unknown, undefined>

/** How a stage begins a reading, behind its first elements; `read` begins one of the stage before it. */
type Start<T, U> = (read: (skipped: number) => AsyncIterable<T>, skipped: number) => Started<U>

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
  readonly #start: (skipped: number) => Started<T>
  readonly #inputs: readonly Dataset<unknown>[]
  #readings = 0
  #length: number | undefined
  /** How often each reading of this stage reads those before it. */
  #passes = 1
  /** In a cache, the states from which the stages before it made what it keeps. */
  #cached: readonly StageState[] | undefined

  private constructor(start: (skipped: number) => Started<T>, inputs: readonly Dataset<unknown>[] = []) {
    this.#start = start
    this.#inputs = inputs
  }

  [Symbol.asyncIterator](): DatasetIterator<T> {
    return this.iterate()
  }

  /**
   * Begins a reading, or goes on with one that stood somewhere: the elements behind it are those that the reading
   * would have given, if the functions of the stages depend on nothing but the element and its index. They are called
   * for elements that are skipped only where a later stage has to look at them.
   *
   * @throws StateError for the state of a data set with other stages.
   * @example
   * const iterator = dataset.iterate()
   * await iterator.next()
   * const saved = JSON.stringify(iterator.getState())
   * const rest = dataset.iterate(JSON.parse(saved))
   */
  iterate(state?: DatasetState): DatasetIterator<T> {
    if (state !== undefined) this.#restore(state.stages)
    const stages = this.#state()
    let delivered = state?.delivered ?? 0
    const items = this.#start(delivered)
    return {
      async next() {
        const result = await items.next()
        if (result.done !== true) delivered += 1
        return result
      },
      async return() {
        await items.return?.()
        return { done: true, value: undefined }
      },
      getState: () => ({ stages: this.#withLengths(stages), delivered }),
    }
  }

  /** Where the next reading begins. */
  getState(): DatasetState {
    return { stages: this.#state(), delivered: 0 }
  }

  #state(): StageState {
    const inputs = this.#cached ?? this.#inputs.map((input) => input.#state())
    return { readings: this.#readings, length: this.#length, inputs }
  }

  /** A state from before, with the lengths that have become known. */
  #withLengths(state: StageState): StageState {
    const inputs = this.#inputs.map((input, i) => input.#withLengths(state.inputs[i] as StageState))
    return { ...state, length: this.#length, inputs }
  }

  #restore(state: StageState): void {
    if (state.inputs.length !== this.#inputs.length) {
      throw new StateError({
        where: 'Dataset.iterate',
        expected: `the state of a stage over ${this.#inputs.length} others, as in this data set`,
        received: `one over ${state.inputs.length}`,
        fix: 'Make the data set as it was made when the state was kept.',
      })
    }
    this.#readings = state.readings
    this.#length = state.length
    this.#inputs.forEach((input, i) => {
      input.#restore(state.inputs[i] as StageState)
    })
  }

  /** As if it had been read so many times. */
  #advance(readings: number): void {
    if (readings === 0) return
    this.#readings += readings
    for (const input of this.#inputs) input.#advance(readings * this.#passes)
  }

  /**
   * The rows of one array, or of several of one length together.
   *
   * @throws DataError (on the first reading) if the lengths differ.
   * @example
   * Dataset.fromTensors([[[1, 2], [3, 4]], [0, 1]]) // [tensor([1, 2]), tensor(0)], [tensor([3, 4]), tensor(1)]
   */
  static fromTensors(arrays: readonly ArrayData[]): Dataset<Tensor[]> {
    return new Dataset(async function* (skipped) {
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
      for (let i = skipped; i < samples; i++) yield hosts.map((host) => rowOf(host, i))
    })
  }

  /** What a function's generator yields; it is called anew for each reading. */
  static fromGenerator<T>(make: () => AsyncIterable<T> | Iterable<T>): Dataset<T> {
    return new Dataset(async function* (skipped) {
      yield* behind(skipped, make())
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
    return new Dataset(async function* (skipped) {
      const iterators = sets.map((set) => set.#start(skipped))
      try {
        for (;;) {
          const next = await Promise.all(iterators.map((iterator) => iterator.next()))
          if (next.some((result) => result.done === true)) return
          yield next.map((result) => result.value) as never
        }
      } finally {
        await Promise.all(iterators.map((iterator) => iterator.return?.()))
      }
    }, sets)
  }

  /** Each element by a function's result; the function may be asynchronous and is awaited. */
  map<U>(fn: (element: T, index: number) => U | Promise<U>): Dataset<U> {
    return this.#through(async function* (read, skipped) {
      let index = skipped
      for await (const item of read(skipped)) yield await fn(item, index++)
    })
  }

  /** The elements for which a function says true. */
  filter(keep: (element: T, index: number) => boolean | Promise<boolean>): Dataset<T> {
    return this.#reading(async function* (items) {
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
    const set: Dataset<T> = this.#reading(async function* (items) {
      const below = hostRandom(seed, reshuffleEachIteration ? set.#readings : 0)
      set.#readings += 1
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
    return set
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
    return this.#through(async function* (read, skipped) {
      let open: T[] = []
      for await (const item of read(skipped * size)) {
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
    const start = (skipped: number): Started<T> => {
      const iterator = this.#start(skipped)
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
    }
    return new Dataset(start, [this])
  }

  /** The whole again and again, `count` times or without end. */
  repeat(count = Number.POSITIVE_INFINITY): Dataset<T> {
    if (count !== Number.POSITIVE_INFINITY) checkCount('repeat', count, 0)
    const input: Dataset<T> = this
    const set: Dataset<T> = this.#through(async function* (read, skipped) {
      // Passes of a known length need not be made again to come behind them.
      const known = set.#length ?? 0
      const passes = known > 0 ? Math.min(Math.floor(skipped / known), count) : 0
      input.#advance(passes)
      let rest = skipped - passes * known
      for (let i = passes; i < count; i++) {
        let length = known > 0 ? rest : 0
        for await (const item of read(length)) if (length++ >= rest) yield item
        if (length === 0) return
        rest = Math.max(0, rest - length)
        set.#length = set.#length === undefined || set.#length === length ? length : 0
      }
    })
    set.#passes = count
    return set
  }

  /** The first `count` elements. */
  take(count: number): Dataset<T> {
    checkCount('take', count, 0)
    return this.#through(async function* (read, skipped) {
      let taken = skipped
      if (taken >= count) return
      for await (const item of read(skipped)) {
        yield item
        if (++taken >= count) return
      }
    })
  }

  /** All but the first `count` elements. */
  skip(count: number): Dataset<T> {
    checkCount('skip', count, 0)
    return this.#through((read, skipped) => read(count + skipped)[Symbol.asyncIterator]())
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
    return this.#reading(async function* (items) {
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
    const input: Dataset<T> = this
    let kept: readonly T[] | undefined
    const set: Dataset<T> = this.#through(async function* (read, skipped) {
      if (kept !== undefined) {
        yield* kept.slice(skipped)
        return
      }
      const before = input.#state()
      const seen: T[] = []
      for await (const item of read(0)) {
        seen.push(item)
        if (seen.length > skipped) yield item
      }
      kept = seen
      set.#cached = [before]
    })
    // Whatever fills it, the first reading or one that goes on with a later one, is the same.
    set.#passes = 0
    return set
  }

  /** All elements, in an array. */
  async toArray(): Promise<T[]> {
    const all: T[] = []
    for await (const item of this) all.push(item)
    return all
  }

  /** A stage after this one, which knows how to begin behind its first elements. */
  #through<U>(start: Start<T, U>): Dataset<U> {
    const read = (skipped: number): AsyncIterable<T> => ({
      [Symbol.asyncIterator]: () => this.#start(skipped),
    })
    return new Dataset((skipped) => start(read, skipped), [this])
  }

  /** A stage after this one, which has to read all to come behind its first elements. */
  #reading<U>(stage: (items: AsyncIterable<T>) => AsyncGenerator<U>): Dataset<U> {
    return this.#through((read, skipped) => behind(skipped, stage(read(0))))
  }
}

/** The elements behind the first ones. */
async function* behind<T>(skipped: number, items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  let seen = 0
  for await (const item of items) if (seen++ >= skipped) yield item
}

function rowOf(host: HostArray, i: number): Tensor {
  const { data, shape, dtype } = rowsOf(host, i, i + 1)
  return fromData(sizeOf(shape) === 0 ? data : data.slice(), shape.slice(1), dtype)
}

function checkCount(where: string, count: number, least = 1): void {
  if (Number.isInteger(count) && count >= least) return
  throw new ArgumentError({
    where: `Dataset.${where}`,
    expected: least === 1 ? 'a positive whole number' : 'a whole number of at least 0',
    received: String(count),
  })
}
