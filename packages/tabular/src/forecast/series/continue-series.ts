import { DataError } from 'typegrad/core'
import { nameOfSeries, type Series } from './series.ts'

/**
 * A series with newer rows: their values take the place of those that were known, and follow them.
 *
 * @throws DataError where periods between the two are missing.
 */
export function continued(old: Series, newer: Series): Series {
  const end = old.start + old.values.length
  if (newer.start > end)
    throw new DataError({
      where: `ForecastModel.predict: ${nameOfSeries(old)}`,
      expected: 'rows that follow the last value that is known',
      received: `${newer.start - end} periods between them`,
      fix: 'Give the rows of these periods too.',
    })
  const start = Math.min(old.start, newer.start)
  const joined = (before: Float64Array, after: Float64Array): Float64Array => {
    const all = new Float64Array(Math.max(old.start + before.length, newer.start + after.length) - start)
    all.set(before, old.start - start)
    all.set(after, newer.start - start)
    return all
  }
  return {
    key: old.key,
    start,
    values: joined(old.values, newer.values),
    covariates: old.covariates.map((own, i) => joined(own, newer.covariates[i] as Float64Array)),
    statics: old.statics.map((value, i) => newer.statics[i] ?? value),
  }
}
