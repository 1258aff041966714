import { ArgumentError } from '../base/errors.ts'
import type { Labels } from './compile-options.ts'
import type { Batch } from './samples.ts'

/** As the samples come, or shuffled by keys. */
export type EpochOrder = 'natural' | readonly number[]

/** Where the batches of a loop come from. */
export interface BatchSource {
  readonly samples: number | undefined
  readonly batchSize: number | undefined
  /** Batches an epoch; undefined for a stream of unknown length. */
  readonly steps: number | undefined
  /** Shapes of all labels; undefined for a stream. */
  readonly labels: Labels | undefined
  /** One epoch, in an order that is a function of these keys; behind its first batches where it goes on. */
  epoch(order: EpochOrder, first?: number): AsyncIterable<Batch>
  /** Where the source stands; JSON. */
  getState(): unknown
  /** Goes on where a source of the same data stood: at the batch that `epoch` is told to begin with. */
  setState(state: unknown): void
  /** Lets go of what the source has opened. */
  close(): Promise<void>
}

/** How much of the data makes a batch, and how many batches an epoch. */
export interface BatchingOptions {
  /** Default 32; all samples where there are fewer. */
  readonly batchSize?: number | undefined
  /** Default: all there are. */
  readonly steps?: number | undefined
}

/** @throws ArgumentError for what is no batch size, or one that is larger than the data. */
export function checkBatchSize(
  where: string,
  batchSize: number | undefined,
  max = Number.POSITIVE_INFINITY,
): void {
  if (batchSize === undefined) return
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= max) return
  throw new ArgumentError({
    where: `${where}: batchSize`,
    expected: Number.isFinite(max)
      ? `a whole number from 1 to the ${max} samples`
      : 'a positive whole number',
    received: String(batchSize),
    fix: 'Use a smaller batch, or leave the size out.',
  })
}

/** @throws ArgumentError for a number of epochs or batches that is none. */
export function checkCount(where: string, value: number | undefined, min: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= min)) return
  throw new ArgumentError({
    where,
    expected: `a whole number of at least ${min}`,
    received: String(value),
  })
}
