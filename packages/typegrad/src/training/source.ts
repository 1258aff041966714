import { ArgumentError } from '../base/errors.ts'
import { checked, nothing } from '../base/schema.ts'
import { ArrayBatches } from '../data/batches.ts'
import { type HostArray, rowsOf } from '../data/host-array.ts'
import type { Engine } from '../engine/engine.ts'
import { shuffledOrder } from '../random/host.ts'
import type { ArraySamples } from './samples.ts'
import type { BatchTensors } from './steps.ts'

/** One batch, taken apart. */
export interface SplitBatch extends BatchTensors {
  readonly size: number
}

/** As the samples come, or shuffled by keys. */
export type EpochOrder = 'natural' | readonly number[]

/** Where a loop's batches come from. */
export interface BatchSource {
  readonly samples: number | undefined
  readonly batchSize: number | undefined
  /** Batches an epoch; undefined for a stream of unknown length. */
  readonly steps: number | undefined
  /** Shapes of all labels; undefined for a stream. */
  readonly labels: readonly HostArray[] | undefined
  /** One epoch, in an order that is a function of these keys; behind its first batches where it goes on. */
  epoch(order: EpochOrder, first?: number): AsyncIterable<SplitBatch>
  /** Where the source stands; JSON. */
  getState(): unknown
  /** Goes on where a source of the same data stood: at the batch that `epoch` is told to begin with. */
  setState(state: unknown): void
  /** Lets go of what the source has opened. */
  close(): Promise<void>
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
    ...samples,
    x: samples.x.map((array) => rowsOf(array, start, stop)),
    y: samples.y.map((array) => rowsOf(array, start, stop)),
    weights: samples.weights.map((array) => rowsOf(array, start, stop)),
  })
  return [part(0, kept), part(kept, total)]
}

/** @throws ArgumentError for what is no batch size, or one that is larger than the data. */
export function checkBatchSize(
  where: string,
  batchSize: number | undefined,
  most = Number.POSITIVE_INFINITY,
): void {
  if (batchSize === undefined) return
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= most) return
  throw new ArgumentError({
    where: `${where}: batchSize`,
    expected: Number.isFinite(most)
      ? `a whole number from 1 to the ${most} samples`
      : 'a positive whole number',
    received: String(batchSize),
    fix: 'Use a smaller batch, or leave the size out.',
  })
}

/** Batches of samples in memory. @throws ArgumentError for a batch size that is larger than the data. */
export function arraySource(
  where: string,
  { x, y, weights, trees }: ArraySamples,
  batchSize: number | undefined,
  engine?: Engine,
): BatchSource {
  const samples = x[0]?.shape[0] ?? 0
  checkBatchSize(where, batchSize, samples)
  const batches = new ArrayBatches([...x, ...y, ...weights], batchSize ?? Math.min(32, samples), engine)
  return {
    samples,
    batchSize: batches.batchSize,
    steps: batches.steps,
    labels: y,
    async *epoch(order, first = 0) {
      const rows = order === 'natural' ? undefined : await shuffledOrder(samples, ...order)
      for await (const { tensors, size } of batches.epoch(rows, first)) {
        yield {
          x: tensors.slice(0, x.length),
          y: tensors.slice(x.length, x.length + y.length),
          weights: tensors.slice(x.length + y.length),
          trees,
          size,
        }
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
