/**
 * `data/`: arrays in memory, batches, data sets, splits, and the checks of all of them. It knows tensors and
 * evaluation, and nothing of layers and models.
 */
import { ArgumentError } from '../base/errors.ts'
import { boolean, checked, number, optionsOf } from '../base/options.ts'
import { type Check, object, whole } from '../base/schema.ts'
import { Pacer } from '../base/turn.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Batched, type PaddingOptions, stackElements } from './elements.ts'
import type { ArrayData } from './host-array.ts'
import { batched } from './stages/batched.ts'
import { cached } from './stages/cached.ts'
import { filtered, mapped, mappedAtOnce } from './stages/elementwise.ts'
import { interleaved } from './stages/interleaved.ts'
import { passedOver, repeated, shuffled, taken } from './stages/order.ts'
import { passed, prefetched } from './stages/prefetched.ts'
import { rewritten } from './stages/rewritten.ts'
import { RowStage, rows } from './stages/rows.ts'
import { generated, zipped } from './stages/sources.ts'
import { type Stage, type StageState, stageState } from './stages/stage.ts'

export interface ShuffleOptions {
  /** Makes the order a function of this number and of how often the data set was read. Default 0. */
  readonly seed?: number
  /** Whether each reading has an order of its own. Default true. */
  readonly reshuffleEachIteration?: boolean
}

const shuffleChecks = optionsOf<ShuffleOptions>()({ seed: number, reshuffleEachIteration: boolean })

export interface BatchOptions {
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropRemainder?: boolean
}

const batchChecks = optionsOf<BatchOptions>()({ dropRemainder: boolean })
const paddedBatchChecks = optionsOf<BatchOptions & PaddingOptions>()({ value: number, ...batchChecks })

export interface MapOptions {
  /**
   * How many calls of an asynchronous function may be under way at once. So many elements are read ahead; their order
   * stays. Default 1: each call waits for the one before.
   */
  readonly numParallelCalls?: number
}

const mapChecks = optionsOf<MapOptions>()({ numParallelCalls: number })
const interleaveChecks = optionsOf<{ readonly cycleLength?: number }>()({ cycleLength: number })

/** Where a reading of a data set stands; JSON. */
export interface DatasetState {
  /** What the stages knew when the reading began. */
  readonly stages: StageState
  /** Number of elements that it has given out. */
  readonly delivered: number
}

/** What is read from a backup is such a state. */
export const datasetState: Check<DatasetState> = object({ stages: stageState, delivered: whole() })

/** A reading of a data set that can be gone on with later, or by another process. */
export interface DatasetIterator<T> extends AsyncIterator<T, unknown, undefined> {
  /** Where the reading stands: `dataset.iterate(state)` goes on behind the last element that was given out. */
  getState(): DatasetState
  return(): Promise<IteratorResult<T, unknown>>
}

/**
 * Samples that come one after another, from memory, a file or a service, and what is done to them on the way.
 *
 * Nothing is read before a reader asks, and no more than it asked for (plus what `prefetch`, `shuffle` and a `map`
 * with several calls at once hold): a slow consumer slows its source down. Each reading starts anew.
 *
 * Rows of arrays in memory are not made one by one as long as only their order changes: `fromTensors`, then `shuffle`,
 * `repeat`, `take`, `skip` and `batch` cost one copy of the rows of a batch.
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
  readonly #stage: Stage<T>

  private constructor(stage: Stage<T>) {
    this.#stage = stage
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
    const stage = this.#stage
    if (state !== undefined) stage.restore(state.stages)
    const stages = stage.state()
    let delivered = state?.delivered ?? 0
    const items = stage.open(delivered)
    const pacer = new Pacer()
    let ended = false
    const end = async (): Promise<IteratorResult<T, unknown>> => {
      ended = true
      await items.close()
      return { done: true, value: undefined }
    }
    const next = async (): Promise<IteratorResult<T, unknown>> => {
      if (ended) return { done: true, value: undefined }
      if (pacer.due()) await pacer.turn()
      try {
        const given = await items.read(1)
        if (given.length === 0) return await end()
        delivered += 1
        return { done: false, value: given[0] as T }
      } catch (error) {
        await end()
        throw error
      }
    }
    // Who asks again before the answer has come is answered in turn.
    let last: Promise<unknown> = Promise.resolve()
    const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
      const answer = last.then(work)
      last = answer.catch(() => {})
      return answer
    }
    return {
      next: () => inTurn(next),
      return: () => inTurn(end),
      getState: () => ({ stages: stage.withLengths(stages), delivered }),
    }
  }

  /** Where the next reading begins. */
  getState(): DatasetState {
    return { stages: this.#stage.state(), delivered: 0 }
  }

  /**
   * The rows of one array, or of several of one length together. Nested arrays are read once; later changes of them
   * are not seen.
   *
   * @throws DataError (on the first reading) if the lengths differ.
   * @example
   * Dataset.fromTensors([[[1, 2], [3, 4]], [0, 1]]) // [tensor([1, 2]), tensor(0)], [tensor([3, 4]), tensor(1)]
   */
  static fromTensors<A extends readonly [ArrayData, ...ArrayData[]] | readonly ArrayData[]>(
    arrays: A,
  ): Dataset<{ -readonly [K in keyof A]: Tensor }> {
    // A row has a tensor for each array.
    return new Dataset(rows(arrays) as Stage<Tensor[]> as Stage<{ -readonly [K in keyof A]: Tensor }>)
  }

  /**
   * What a function's generator yields; it is called anew for each reading.
   *
   * @param from for a source that can begin further on: what it yields behind so many elements, for a reading that goes on where
   * another stood, and `skip`. Default: elements are read and left out.
   * @example
   * Dataset.fromGenerator(() => rowsOf(file), (row) => rowsOf(file, { from: row }))
   */
  static fromGenerator<T>(
    make: () => AsyncIterable<T> | Iterable<T>,
    from?: (element: number) => AsyncIterable<T> | Iterable<T>,
  ): Dataset<T> {
    return new Dataset(generated(make, from))
  }

  /** What can be iterated: an array, a set, a stream of Node or the web. A stream can be read only once. */
  static fromAsyncIterable<T>(items: AsyncIterable<T> | Iterable<T>): Dataset<T> {
    return Dataset.fromGenerator(() => items)
  }

  /** Tuples of what several data sets give, until the shortest ends. */
  static zip<const D extends readonly Dataset<unknown>[]>(
    ...sets: D
  ): Dataset<{ -readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never }> {
    return new Dataset(zipped(sets.map((set) => set.#stage)) as Stage<never>)
  }

  /**
   * Each element by a function's result; the function may be asynchronous and is awaited.
   *
   * @throws ArgumentError for a number of calls below 1.
   * @example
   * const images = Dataset.fromAsyncIterable(paths).map((path) => decode(path), { numParallelCalls: 4 })
   */
  map<U>(fn: (element: T, index: number) => U | Promise<U>, options: MapOptions = {}): Dataset<U> {
    const { numParallelCalls = 1 } = checked('Dataset.map', options, mapChecks)
    checkCount('map: numParallelCalls', numParallelCalls)
    if (numParallelCalls === 1) return new Dataset(mapped(this.#stage, fn))
    return new Dataset(mappedAtOnce(this.#stage, fn, numParallelCalls))
  }

  /** The elements for which a function says true. */
  filter(keep: (element: T, index: number) => boolean | Promise<boolean>): Dataset<T> {
    return new Dataset(filtered(this.#stage, keep))
  }

  /**
   * Random order: of `bufferSize` elements in memory one is given out and replaced by the next. A buffer as
   * large as the data set makes all orders equally likely.
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<T> {
    const { seed = 0, reshuffleEachIteration = true } = checked('Dataset.shuffle', options, shuffleChecks)
    checkCount('shuffle: bufferSize', bufferSize)
    return this.#ordered((input) => shuffled(input, bufferSize, seed, reshuffleEachIteration))
  }

  /**
   * `size` elements at a time, stacked: every number, typed array or tensor becomes a tensor with the batch in
   * front. The last batch may be smaller.
   *
   * @throws DataError naming the sample whose shape or dtype differs from the first one's.
   */
  batch(size: number, options: BatchOptions = {}): Dataset<Batched<T>> {
    return this.#batched(size, checked('Dataset.batch', options, batchChecks))
  }

  /** As `batch`, for samples of different lengths: shorter ones are filled up to the longest of their batch. */
  paddedBatch(size: number, options: BatchOptions & PaddingOptions = {}): Dataset<Batched<T>> {
    const { value = 0, ...batching } = checked('Dataset.paddedBatch', options, paddedBatchChecks)
    return this.#batched(size, batching, { value })
  }

  /**
   * `size` elements at a time in an array, as they are: for what is made into a batch by `map`. The last array may be
   * shorter.
   *
   * @example
   * const batches = Dataset.fromAsyncIterable(texts).shuffle(1000).chunk(32).map((texts) => tokenized(texts))
   */
  chunk(size: number, options: BatchOptions = {}): Dataset<readonly T[]> {
    checkCount('chunk: size', size)
    const { dropRemainder = false } = checked('Dataset.chunk', options, batchChecks)
    return new Dataset(batched(this.#stage, size, dropRemainder, (elements) => elements))
  }

  #batched(
    size: number,
    { dropRemainder = false }: BatchOptions,
    padding?: PaddingOptions,
  ): Dataset<Batched<T>> {
    checkCount('batch: size', size)
    const stage = this.#stage
    if (!(stage instanceof RowStage))
      return new Dataset(batched(stage, size, dropRemainder, (samples) => stackElements(samples, padding)))
    // Rows of an array have one shape, so nothing is to be padded; T is Tensor[], and so is a batch of it.
    const tensors = batched(stage.positions, size, dropRemainder, (positions) => stage.gather(positions))
    return new Dataset(tensors as Stage<unknown> as Stage<Batched<T>>)
  }

  /** Makes up to `count` elements ahead while others are used. */
  prefetch(count: number): Dataset<T> {
    checkCount('prefetch', count)
    const stage = this.#stage
    // Rows stand in memory.
    return stage instanceof RowStage ? this.#ordered(passed) : new Dataset(prefetched(stage, count))
  }

  /** The whole again and again, `count` times or without end. */
  repeat(count = Number.POSITIVE_INFINITY): Dataset<T> {
    if (count !== Number.POSITIVE_INFINITY) checkCount('repeat', count, 0)
    return this.#ordered((input) => repeated(input, count))
  }

  /** The first `count` elements. */
  take(count: number): Dataset<T> {
    checkCount('take', count, 0)
    return this.#ordered((input) => taken(input, count))
  }

  /** All but the first `count` elements. */
  skip(count: number): Dataset<T> {
    checkCount('skip', count, 0)
    return this.#ordered((input) => passedOver(input, count))
  }

  /**
   * Elements of the data sets that a function makes of each element, `cycleLength` of them read in turn: lines
   * of many files, mixed.
   */
  interleave<U>(
    fn: (element: T) => Dataset<U>,
    options: {
      /** Data sets that are read in turn. Default 4. */
      readonly cycleLength?: number
    } = {},
  ): Dataset<U> {
    const { cycleLength = 4 } = checked('Dataset.interleave', options, interleaveChecks)
    checkCount('interleave: cycleLength', cycleLength)
    return new Dataset(interleaved(this.#stage, (element) => fn(element).#stage, cycleLength))
  }

  /**
   * What a generator function makes of the elements as they come: elements that are cut, joined or packed anew, for which
   * `map` and `filter` see too little. Each reading calls it anew, and a reading that goes on where another one stood makes
   * what it passes over again.
   *
   * @example
   * const pairs = words.through(async function* (elements) {
   *   let last: string | undefined
   *   for await (const word of elements) {
   *     if (last !== undefined) yield `${last} ${word}`
   *     last = word
   *   }
   * })
   */
  through<U>(fn: (elements: AsyncIterable<T>) => AsyncIterable<U> | Iterable<U>): Dataset<U> {
    return new Dataset(rewritten(this.#stage, fn))
  }

  /** Keeps what the first whole reading gave, so that later ones need not make it again. */
  cache(): Dataset<T> {
    return new Dataset(cached(this.#stage))
  }

  /** All elements, in an array. */
  async toArray(): Promise<T[]> {
    const all: T[] = []
    for await (const item of this) all.push(item)
    return all
  }

  /** A stage that changes nothing but which elements come, and when. */
  #ordered(order: <E>(input: Stage<E>) => Stage<E>): Dataset<T> {
    const stage = this.#stage
    // T is Tensor[] where the stage is one of rows.
    if (stage instanceof RowStage) return new Dataset(stage.reordered(order) as Stage<unknown> as Stage<T>)
    return new Dataset(order(stage))
  }
}

function checkCount(where: string, count: number, least = 1): void {
  if (Number.isInteger(count) && count >= least) return
  throw new ArgumentError({
    where: `Dataset.${where}`,
    expected: least === 1 ? 'a positive whole number' : 'a whole number of at least 0',
    received: String(count),
  })
}
