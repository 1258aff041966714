import { ArgumentError, DataError } from '../base/errors.ts'
import { boolean, checked, count, needed, number, optionsOf, orNull, wholeFrom } from '../base/options.ts'
import { sizeOf } from '../base/shape.ts'
import { unwrittenArray } from '../base/unwritten.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { Dataset } from './dataset.ts'
import { type ArrayData, gatherRows, type HostArray, toHostArray } from './host-array.ts'

export interface TimeseriesOptions {
  /** How many time steps a sample has. */
  readonly sequenceLength: number
  /** Time steps from the beginning of one sample to that of the next. Default 1. */
  readonly sequenceStride?: number
  /** Every how manieth time step is taken. Default 1. */
  readonly samplingRate?: number
  /** Samples of a batch. Default 128. */
  readonly batchSize?: number
  /** Whether samples come in random order. Default false. */
  readonly shuffle?: boolean
  /** Makes that order a function of this number and of how often the data set was read. Default 0. */
  readonly seed?: number
  /** The first time step that is used. Default 0. */
  readonly startIndex?: number
  /** The time step before which the data ends. Default: all of it. */
  readonly endIndex?: number | null
}

const timeseriesChecks = optionsOf<TimeseriesOptions>()({
  sequenceLength: needed(count),
  sequenceStride: count,
  samplingRate: count,
  batchSize: count,
  shuffle: boolean,
  seed: number,
  startIndex: wholeFrom(0),
  endIndex: orNull(count),
})

/**
 * Windows of a series, as Keras's `timeseries_dataset_from_array`: batches [x, y] of samples (batch, sequenceLength, …) and
 * of targets, those of each window's first time step.
 *
 * @param data time steps along the first axis.
 * @param targets one for each time step: for the value that follows a window give the data from there on.
 * @throws DataError for a series that is shorter than a window, ArgumentError for options that are none.
 * @example
 * // From ten values the next one.
 * const batches = await timeseriesDatasetFromArray(series.slice(0, -10), series.slice(10), { sequenceLength: 10 })
 * await model.fit(batches, { epochs: 10 })
 */
export async function timeseriesDatasetFromArray(
  data: ArrayData,
  targets: ArrayData,
  options: TimeseriesOptions,
): Promise<Dataset<[Tensor, Tensor]>> {
  const where = 'timeseriesDatasetFromArray'
  const told = checked(where, options, timeseriesChecks)
  const { sequenceLength, sequenceStride = 1, samplingRate = 1, batchSize = 128 } = told
  const { shuffle = false, seed = 0, startIndex = 0 } = told
  const [series, labels] = await Promise.all([toHostArray(where, data), toHostArray(where, targets)])
  const length = series.shape[0] ?? 0
  const end = told.endIndex ?? length
  if (startIndex >= length || end > length || end <= startIndex) {
    throw new ArgumentError({
      where,
      expected: `a startIndex below an endIndex of at most ${length}`,
      received: `${startIndex} and ${end}`,
    })
  }
  const windows = Math.min(
    end - startIndex - (sequenceLength - 1) * samplingRate,
    (labels.shape[0] ?? 0) - startIndex,
  )
  if (windows < 1) {
    throw new DataError({
      where,
      expected: `at least ${(sequenceLength - 1) * samplingRate + 1} time steps, and a target for the first`,
      received: `${end - startIndex}, and ${labels.shape[0] ?? 0} targets`,
    })
  }
  const starts = Array.from(
    { length: Math.ceil(windows / sequenceStride) },
    (_, i) => startIndex + i * sequenceStride,
  )
  const all = Dataset.fromAsyncIterable(starts)
  const ordered = shuffle ? all.shuffle(starts.length, { seed }) : all
  return ordered.chunk(batchSize).map((batch): [Tensor, Tensor] => {
    const steps = batch.flatMap((start) =>
      Array.from({ length: sequenceLength }, (_, i) => start + i * samplingRate),
    )
    return [rowsAt(series, steps, [batch.length, sequenceLength]), rowsAt(labels, batch, [batch.length])]
  })
}

/** Rows by their positions, with this shape in front. */
function rowsAt(source: HostArray, positions: readonly number[], front: readonly number[]): Tensor {
  const rest = source.shape.slice(1)
  const data = unwrittenArray(source.dtype, positions.length * sizeOf(rest))
  gatherRows(source, positions, 0, positions.length, data)
  return fromData(data, [...front, ...rest], source.dtype)
}
