import type { Category } from '@typegrad/data'
import { decodeNumbers, encodeNumbers, readList, readNumbers, readPart } from '../saving/saved.ts'
import type { Series } from './series/series.ts'

/** The latest values of a series, for a file. */
export function savedSeries({ key, start, values, covariates, statics }: Series, latest: number) {
  const from = Math.max(0, values.length - latest)
  return {
    key,
    start: start + from,
    values: encodeNumbers(values.slice(from)),
    covariates: covariates.map((own) => encodeNumbers(own.slice(from))),
    statics,
  }
}

/** What {@link savedSeries} gave. @throws FormatError for something else. */
export function readSavedSeries(saved: unknown): Series {
  const [start = 0] = readNumbers({ start: [readPart(saved, 'start')] }, 'start')
  return {
    key: readList(saved, 'key') as Category[],
    start,
    values: decodeNumbers(saved, 'values', Float64Array),
    covariates: readList(saved, 'covariates').map((own) => decodeNumbers({ own }, 'own', Float64Array)),
    statics: readList(saved, 'statics') as (Category | null)[],
  }
}
