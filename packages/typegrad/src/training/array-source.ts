import { checked, nothing } from '../base/schema.ts'
import { Pacer } from '../base/turn.ts'
import { copyRows, gatherRows, type HostArray } from '../data/host-array.ts'
import type { Engine } from '../engine/engine.ts'
import { shuffledOrder } from '../random/host.ts'
import { Feed } from '../transforms/feed.ts'
import type { BatchingOptions, BatchSource } from './batch-source.ts'
import { countOf, mapSamples, type Samples } from './samples.ts'

/** An array, and the memory of a batch of its rows. */
interface Column {
  readonly array: HostArray
  readonly feed: Feed
}

export interface ArrayBatchingOptions extends BatchingOptions {
  /** Whose memory the batches are. Default: the engine in use. */
  readonly engine?: Engine | undefined
}

/**
 * Batches of samples in memory; the last one may be smaller. The tensors of a batch are memory that the next batch of the
 * same size writes anew, so that the engine prepares it once.
 */
export function arraySource(
  samples: Samples<HostArray>,
  { batchSize = 32, steps = Number.POSITIVE_INFINITY, engine }: ArrayBatchingOptions = {},
): BatchSource {
  const count = countOf(samples)
  const size = Math.min(batchSize, count)
  const stop = Math.min(count, steps * size)
  const columns = new Map<number, Samples<Column>>()
  return {
    samples: count,
    batchSize: size,
    steps: Math.ceil(stop / size),
    labels: samples.y,
    async *epoch(order, first = 0) {
      const places = order === 'natural' ? undefined : await shuffledOrder(count, ...order)
      const pacer = new Pacer()
      for (let start = first * size; start < stop; start += size) {
        if (pacer.due()) await pacer.turn()
        const rows = Math.min(size, count - start)
        const batch = columns.get(rows) ?? (await columnsOf(samples, rows, engine))
        columns.set(rows, batch)
        for (const { array, feed } of [...batch.x, ...batch.y, ...batch.weights]) {
          if (places === undefined) copyRows(array, start, rows, feed.host)
          else gatherRows(array, places, start, rows, feed.host)
          const written = feed.flush()
          if (written !== undefined) await written
        }
        yield mapSamples(batch, ({ feed }) => feed.tensor)
      }
    },
    // Its orders are the epochs'.
    getState: () => null,
    setState: (state) => {
      checked(nothing, state, 'backup: position of the data')
    },
    async close() {},
  }
}

/** Memory for a batch of so many rows. */
async function columnsOf(
  samples: Samples<HostArray>,
  rows: number,
  engine: Engine | undefined,
): Promise<Samples<Column>> {
  const column = async (array: HostArray): Promise<Column> => {
    const feed = await Feed.create(array.dtype, [rows, ...array.shape.slice(1)], engine)
    return { array, feed }
  }
  const { x, y, weights } = samples
  const made = await Promise.all([...x, ...y, ...weights].map(column))
  const labels = x.length + y.length
  return {
    ...samples,
    x: made.slice(0, x.length),
    y: made.slice(x.length, labels),
    weights: made.slice(labels),
  }
}
