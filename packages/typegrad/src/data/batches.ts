import { Pacer } from '../base/turn.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Feed } from '../transforms/feed.ts'
import { copyRows, gatherRows, type HostArray } from './host-array.ts'

/** The tensors of one batch: inputs, labels, weights, in the order of the arrays that were given. */
export interface Batch {
  readonly tensors: readonly Tensor[]
  readonly size: number
}

/**
 * Cuts arrays into batches. The tensors of a batch are memory that the next batch of the same size writes
 * anew: use them before asking for the next.
 */
export class ArrayBatches {
  readonly samples: number
  readonly batchSize: number
  readonly #arrays: readonly HostArray[]
  readonly #engine: Engine | undefined
  readonly #feeds = new Map<number, Promise<Feed[]>>()

  /** @param engine whose memory batches are; the engine in use by default. */
  constructor(arrays: readonly HostArray[], batchSize: number, engine?: Engine) {
    this.#arrays = arrays
    this.#engine = engine
    this.batchSize = batchSize
    this.samples = arrays[0]?.shape[0] ?? 0
  }

  /** Batches of an epoch; the last one may be smaller. */
  get steps(): number {
    return Math.ceil(this.samples / this.batchSize)
  }

  /** One epoch, in the given order of the samples or as they come, from one of its batches on. */
  async *epoch(order?: Uint32Array, first = 0): AsyncGenerator<Batch> {
    const pacer = new Pacer()
    for (let start = first * this.batchSize; start < this.samples; start += this.batchSize) {
      if (pacer.due()) await pacer.turn()
      const size = Math.min(this.batchSize, this.samples - start)
      const feeds = await this.#feedsOf(size)
      for (let i = 0; i < feeds.length; i++) {
        const feed = feeds[i] as Feed
        const array = this.#arrays[i] as HostArray
        if (order === undefined) copyRows(array, start, size, feed.host)
        else gatherRows(array, order, start, size, feed.host)
        const written = feed.flush()
        if (written !== undefined) await written
      }
      yield { tensors: feeds.map((feed) => feed.tensor), size }
    }
  }

  #feedsOf(size: number): Promise<Feed[]> {
    const known = this.#feeds.get(size)
    if (known !== undefined) return known
    const made = Promise.all(
      this.#arrays.map(({ dtype, shape }) => Feed.create(dtype, [size, ...shape.slice(1)], this.#engine)),
    )
    this.#feeds.set(size, made)
    return made
  }
}
