import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Column, type Frame, numberColumn } from '../frame.ts'
import { added, replacedIn } from '../schema.ts'
import { compareCategories } from '../statistics/category-counter.ts'
import {
  columnsIn,
  defineStep,
  isNumbers,
  isRecord,
  type Learning,
  learnsNothing,
  perColumn,
} from '../step.ts'
import { murmur3, type TokenOptions, termsOf, tokenChecks } from './tokens.ts'

export type TextCount = 'characters' | 'words' | 'digits' | 'capitals' | 'punctuation'

export interface TextCountsOptions {
  /** What is counted, each in a column `name_characters` and so on. Default ['characters', 'words']. */
  readonly counts?: readonly TextCount[]
}

const counters: Readonly<Record<TextCount, (text: string) => number>> = {
  characters: (text) => Array.from(text).length,
  words: (text) => text.match(/\S+/g)?.length ?? 0,
  digits: (text) => text.match(/\p{Nd}/gu)?.length ?? 0,
  capitals: (text) => text.match(/\p{Lu}/gu)?.length ?? 0,
  punctuation: (text) => text.match(/\p{P}/gu)?.length ?? 0,
}

const countChecks = optionsOf<TextCountsOptions>()({
  counts: {
    expected: `an array of ${Object.keys(counters).join(', ')}`,
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      new Set(value).size === value.length &&
      value.every((one) => Object.hasOwn(counters, one)),
  },
})

export const textCounts = defineStep<TextCountsOptions, null>({
  kind: 'textCounts',
  check: (where, options) => checkOptions(where, options, countChecks),
  takes: ['text'],
  read: learnsNothing,
  outputs: (schema, { columns, options: { counts = ['characters', 'words'] } }) => {
    const made = new Map(schema)
    for (const name of columns) for (const one of counts) added(made, `${name}_${one}`)
    return made
  },
  apply: (frame, { columns, options: { counts = ['characters', 'words'] }, where }) =>
    frame.with(
      Array.from(columnsIn(frame, { columns, learned: [] }), ([name]) => {
        const texts = frame.texts(name, where)
        return counts.map((one): [string, Column] => [
          `${name}_${one}`,
          numberColumn(
            Float64Array.from(texts, (text) => (text === null ? Number.NaN : counters[one](text))),
          ),
        ])
      }).flat(),
    ),
})

export interface TfIdfOptions extends TokenOptions {
  /** In how many texts a term has to be: a number, or below 1 a share of them. Default 1. */
  readonly minDocuments?: number
  /** In how many texts a term may be: a share up to 1, or a number above. Default 1, all of them. */
  readonly maxDocuments?: number
  /** The most terms; those that come most often stay. Each is a column of 8 bytes a row. Default 1000. */
  readonly maxTerms?: number
  /** Whether a term counts by 1 + log(times) instead of times. Default false. */
  readonly sublinear?: boolean
  /** Whether rare terms weigh more: times log((1 + texts) / (1 + texts with it)) + 1. Default true. */
  readonly idf?: boolean
  /** What a text's numbers are divided by: the root of their squares, their sum, or nothing. Default 'l2'. */
  readonly norm?: 'l2' | 'l1' | 'none'
}

const tfIdfChecks = optionsOf<TfIdfOptions>()({
  minDocuments: checks.positive,
  maxDocuments: checks.positive,
  maxTerms: checks.count,
  sublinear: checks.boolean,
  idf: checks.boolean,
  norm: checks.oneOf('l2', 'l1', 'none'),
  ...tokenChecks,
})

/** Terms in the order of the alphabet, and the weight of each. */
interface Vocabulary {
  readonly terms: readonly string[]
  readonly weights: readonly number[]
}

export const tfIdf = defineStep<TfIdfOptions, readonly Vocabulary[]>({
  kind: 'tfIdf',
  check: (where, options) => checkOptions(where, options, tfIdfChecks),
  takes: ['text'],
  learn: ({ columns, options, where }): Learning<readonly Vocabulary[]> => {
    const counts = columns.map(() => ({ times: new Map<string, number>(), texts: new Map<string, number>() }))
    let rows = 0
    return {
      add: (frame) => {
        rows += frame.length
        for (const [i, name] of columns.entries()) {
          const { times, texts } = counts[i] as (typeof counts)[number]
          for (const text of frame.texts(name, where)) {
            const terms = termsOf(text ?? '', options)
            for (const term of terms) times.set(term, (times.get(term) ?? 0) + 1)
            for (const term of new Set(terms)) texts.set(term, (texts.get(term) ?? 0) + 1)
          }
        }
      },
      finish: () =>
        counts.map(({ times, texts }, i) => {
          const terms = chosenTerms(times, texts, rows, options)
          if (terms.length === 0)
            throw new DataError({
              where: `${where}: column '${columns[i]}'`,
              expected: 'terms to fit to',
              received:
                times.size === 0
                  ? 'texts without words'
                  : `${times.size} terms, of which minDocuments and maxDocuments leave none`,
            })
          const weights = terms.map((term) =>
            options.idf === false ? 1 : Math.log((1 + rows) / (1 + (texts.get(term) as number))) + 1,
          )
          return { terms, weights }
        }),
    }
  },
  read: (learned, columns) =>
    perColumn(
      learned,
      columns,
      'terms and their weights',
      (part): part is Vocabulary =>
        isRecord(part) &&
        Array.isArray(part.terms) &&
        part.terms.every((term) => typeof term === 'string') &&
        isNumbers(part.weights) &&
        part.weights.length === part.terms.length,
    ),
  outputs: (schema, { columns, learned }) =>
    replacedIn(schema, columns, (name, i) => (learned[i]?.terms ?? []).map((term) => `${name}_${term}`)),
  apply: (frame, use) => {
    const made = new Map<string, (readonly [string, Column])[]>()
    for (const [name, { terms, weights }] of columnsIn(frame, use)) {
      const places = new Map(terms.map((term, place) => [term, place]))
      const values = terms.map(() => new Float64Array(frame.length))
      const { sublinear = false, norm = 'l2' } = use.options
      for (const [row, text] of frame.texts(name, use.where).entries()) {
        const times = new Map<number, number>()
        for (const term of termsOf(text ?? '', use.options)) {
          const place = places.get(term)
          if (place !== undefined) times.set(place, (times.get(place) ?? 0) + 1)
        }
        const weighed = [...times].map(
          ([place, count]) =>
            [place, (sublinear ? 1 + Math.log(count) : count) * (weights[place] as number)] as const,
        )
        const by = normOf(
          weighed.map(([, value]) => value),
          norm,
        )
        for (const [place, value] of weighed) (values[place] as Float64Array)[row] = value / by
      }
      made.set(
        name,
        terms.map((term, place) => [`${name}_${term}`, numberColumn(values[place] as Float64Array)]),
      )
    }
    return frame.replaced(made)
  },
})

/** Of terms that come equally often, the first of the alphabet stay. */
function chosenTerms(
  times: ReadonlyMap<string, number>,
  texts: ReadonlyMap<string, number>,
  rows: number,
  { minDocuments = 1, maxDocuments = 1, maxTerms = 1000 }: TfIdfOptions,
): string[] {
  const least = minDocuments < 1 ? minDocuments * rows : minDocuments
  const most = maxDocuments <= 1 ? maxDocuments * rows : maxDocuments
  const fitting = [...times.keys()]
    .filter((term) => (texts.get(term) as number) >= least && (texts.get(term) as number) <= most)
    .sort(compareCategories)
  if (fitting.length <= maxTerms) return fitting
  const byTimes = fitting.toSorted((a, b) => (times.get(b) as number) - (times.get(a) as number))
  return byTimes.slice(0, maxTerms).sort(compareCategories)
}

function normOf(values: readonly number[], norm: 'l2' | 'l1' | 'none'): number {
  if (norm === 'none' || values.length === 0) return 1
  const size =
    norm === 'l1'
      ? values.reduce((sum, value) => sum + Math.abs(value), 0)
      : Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  return size === 0 ? 1 : size
}

export interface HashTextOptions extends TokenOptions {
  /** Columns that terms are spread over, `name_0` and so on. Default 256. */
  readonly width?: number
  /** Whether half of the terms count negatively, so that those that meet in a column cancel on average. Default true. */
  readonly alternateSign?: boolean
  /** What a text's numbers are divided by: the root of their squares, their sum, or nothing. Default 'l2'. */
  readonly norm?: 'l2' | 'l1' | 'none'
}

const hashChecks = optionsOf<HashTextOptions>()({
  width: checks.count,
  alternateSign: checks.boolean,
  norm: checks.oneOf('l2', 'l1', 'none'),
  ...tokenChecks,
})

export const hashText = defineStep<HashTextOptions, null>({
  kind: 'hashText',
  check: (where, options) => {
    checkOptions(where, options, hashChecks)
    const { width = 256 } = options as HashTextOptions
    if (width > 65_536)
      throw new ArgumentError({
        where: `${where}: width`,
        expected: 'at most 65536 columns',
        received: String(width),
      })
  },
  takes: ['text'],
  read: learnsNothing,
  outputs: (schema, { columns, options: { width = 256 } }) =>
    replacedIn(schema, columns, (name) => Array.from({ length: width }, (_, i) => `${name}_${i}`)),
  apply: (frame, { columns, options, where }) => {
    const made = new Map<string, [string, Column][]>()
    for (const [name] of columnsIn(frame, { columns, learned: [] }))
      made.set(name, hashed(frame, name, options, where))
    return frame.replaced(made)
  },
})

function hashed(frame: Frame, name: string, options: HashTextOptions, where: string): [string, Column][] {
  const { width = 256, alternateSign = true, norm = 'l2' } = options
  const values = Array.from({ length: width }, () => new Float64Array(frame.length))
  for (const [row, text] of frame.texts(name, where).entries()) {
    const sums = new Map<number, number>()
    for (const term of termsOf(text ?? '', options)) {
      const hash = murmur3(term)
      const place = Math.abs(hash) % width
      sums.set(place, (sums.get(place) ?? 0) + (alternateSign && hash < 0 ? -1 : 1))
    }
    const by = normOf([...sums.values()], norm)
    for (const [place, sum] of sums) (values[place] as Float64Array)[row] = sum / by
  }
  return values.map((column, i) => [`${name}_${i}`, numberColumn(column)])
}
