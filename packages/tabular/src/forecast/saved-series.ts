import type { Category } from '@typegrad/data'
import { readArray, readList, readNumber } from '../saving/saved.ts'
import type { Series } from './series/series.ts'

/** The latest values of a series, for a file. */
export function savedSeries({ key, start, values, covariates, statics }: Series, latest: number) {
  const from = Math.max(0, values.length - latest)
  return {
    key,
    start: start + from,
    values: values.slice(from),
    covariates: covariates.map((own) => own.slice(from)),
    statics,
  }
}

/** What {@link savedSeries} gave. @throws FormatError for something else. */
export function readSavedSeries(saved: unknown): Series {
  return {
    key: readList(saved, 'key') as Category[],
    start: readNumber(saved, 'start'),
    values: readArray(saved, 'values', Float64Array),
    covariates: readList(saved, 'covariates').map((own) => readArray({ own }, 'own', Float64Array)),
    statics: readList(saved, 'statics') as (Category | null)[],
  }
}
