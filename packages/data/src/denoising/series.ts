/**
 * `denoising/`: noise taken out of series and of rows of numbers. It knows numbers, and models for what learns; nothing of tables.
 */
import { ArgumentError, DataError } from 'typegrad/core'

/** Numbers one after another, at equal distances. */
export type Series = ArrayLike<number>

/** A series as numbers. @throws DataError for infinities, and for missing ones (NaN) where they may not be. */
export function numbersOf(where: string, series: Series, mayMiss = false): Float64Array {
  if (typeof series !== 'object' || series === null || typeof series.length !== 'number')
    throw new ArgumentError({ where, expected: 'an array of numbers', received: String(series) })
  const values = Float64Array.from(series, Number)
  const wrong = values.findIndex((value) => !Number.isFinite(value) && !(mayMiss && Number.isNaN(value)))
  if (wrong < 0) return values
  throw new DataError({
    where: `${where}: position ${wrong}`,
    expected: 'a finite number',
    received: String(series[wrong]),
    ...(!mayMiss && { fix: 'Fill gaps first; rollingMedian and rollingMean leave them out.' }),
  })
}
