import type { Category, Frame, RowSource } from '@typegrad/data'
import { ArgumentError, DataError } from 'typegrad/core'
import { writeFileAtomically } from 'typegrad/formats'
import { frameOf } from '../features/frame-of.ts'
import { type ModelFormat, modelBytes, modelParts } from '../saving/model-bytes.ts'
import { readList, readNumber, readNumbers, readPart, readText, type Saved } from '../saving/saved.ts'
import { blended } from '../scores/blend.ts'
import type { Quantiles } from './baselines/baseline.ts'
import { valuesForBaselines } from './baselines/baseline-forecaster.ts'
import { quantileOf } from './baselines/simulate.ts'
import { candidateNames, candidates } from './candidates.ts'
import { conformed, type Widening } from './judging/conformal.ts'
import { clipped } from './judging/judge.ts'
import { type ForecastReport, forecastReportText } from './report.ts'
import { readSavedSeries, savedSeries } from './saved-series.ts'
import { continued } from './series/continue-series.ts'
import type { GapRule } from './series/fill-gaps.ts'
import { type DoubleRule, readSeries } from './series/read-series.ts'
import { keyOf, nameOfSeries, type Series, scaleOf } from './series/series.ts'
import type { Forecaster, ForecastTask } from './task.ts'
import { timeOf } from './time/frequency.ts'

/** What is forecast of a series. */
export interface SeriesForecast {
  /** The values of the columns that tell series apart. */
  readonly key: readonly Category[]
  /** The moments of the periods, in the table's type: dates, or numbers. */
  readonly times: readonly (Date | number)[]
  /** The quantile of 0.5 for each period. */
  readonly values: Float64Array
  /** For each level of `levels`, a value for each period; they do not cross. */
  readonly quantiles: readonly Float64Array[]
}

export interface Forecasts {
  readonly levels: readonly number[]
  readonly series: readonly SeriesForecast[]
}

interface ForecastModelParts {
  readonly task: ForecastTask
  readonly columns: { readonly time: string; readonly target: string; readonly series: readonly string[] }
  readonly rules: { readonly gaps: GapRule; readonly doubles: DoubleRule }
  readonly series: readonly Series[]
  readonly members: readonly { readonly weight: number; readonly forecaster: Forecaster }[]
  readonly widening: Widening
  readonly nonNegative: boolean
  readonly seed: number
  readonly report: ForecastReport
}

const format: ModelFormat = {
  name: 'typegrad-forecast-model',
  what: 'forecasts, as ForecastModel.save keeps them',
  version: 1,
}

/** Forecasts of the series of a table, as {@link forecast} makes them. */
export class ForecastModel {
  /** What was asked, what there was, and what was reached. */
  readonly report: ForecastReport
  readonly #parts: ForecastModelParts

  constructor(parts: ForecastModelParts) {
    this.report = parts.report
    this.#parts = parts
  }

  /**
   * Forecasts the periods behind the last value of each series.
   *
   * @param rows with the columns of the table: newer values of its series, values of new series, and rows without a target for what is known
   * of the future (covariates). Series that are not in them are left out. A series without any value is forecast as those with the same
   * statics are. Default: the series as the table had them.
   * @throws DataError for rows that do not fit, and for covariates that are needed and not known.
   * @example
   * const { series } = await model.predict()
   * const [{ times, values, quantiles }] = series
   */
  async predict(rows?: RowSource): Promise<Forecasts> {
    const { task, nonNegative } = this.#parts
    const series = rows === undefined ? this.#parts.series : await this.#merged(rows)
    const known = series.filter(({ values }) => values.length > 0)
    const found = new Map(await this.#forecastAll(known))
    if (known.length < series.length) {
      // Series without history take after all that are known.
      const others = this.#parts.series.filter(
        (own) => own.values.length > 0 && !known.some((other) => keyOf(other.key) === keyOf(own.key)),
      )
      const group = new Map([...found, ...(await this.#forecastAll(others))])
      for (const own of series) if (own.values.length === 0) found.set(own, this.#likeOthers(own, group))
    }
    const middle = task.levels.indexOf(0.5)
    return {
      levels: task.levels,
      series: series.map((own) => {
        const quantiles = clipped(found.get(own) as Quantiles, nonNegative)
        const end = own.start + own.values.length
        const times = Array.from({ length: task.horizon }, (_, k) => {
          const at = timeOf(task.grid, end + k)
          return task.areDates ? new Date(at) : at
        })
        return { key: own.key, times, values: quantiles[middle] as Float64Array, quantiles }
      }),
    }
  }

  /** Forecasts as rows: the columns of the series, the time, the target, and a column for each quantile, such as `sold 0.9`. */
  async predictRows(rows?: RowSource): Promise<Record<string, Category | Date>[]> {
    const { columns } = this.#parts
    const { levels, series } = await this.predict(rows)
    return series.flatMap(({ key, times, values, quantiles }) =>
      times.map((time, k) => ({
        ...Object.fromEntries(columns.series.map((name, i) => [name, key[i] as Category])),
        [columns.time]: time,
        [columns.target]: values[k] as number,
        ...Object.fromEntries(
          levels.map((level, i) => [`${columns.target} ${level}`, quantiles[i]?.[k] as number]),
        ),
      })),
    )
  }

  async #forecastAll(series: readonly Series[]): Promise<[Series, Quantiles][]> {
    const { members, widening, task, seed } = this.#parts
    if (series.length === 0) return []
    const pasts = series.map((own) => ({ series: own, end: own.values.length }))
    const found: (readonly Quantiles[])[] = []
    for (const { forecaster } of members)
      found.push(
        (await forecaster.forecast(pasts, {
          seed,
          deadline: Infinity,
          signal: undefined,
          steps: 0,
        })) as Quantiles[],
      )
    const weights = members.map(({ weight }) => weight)
    return series.map((own, i) => {
      const mean = blended(
        found.map((of) => of[i] as Quantiles),
        weights,
      )
      return [own, conformed(mean, widening, task.levels, scaleOf(own.values, task.season))]
    })
  }

  /** The quantiles of all futures of the series that a new one takes after: one drawn from them is as likely as another. */
  #likeOthers(own: Series, group: ReadonlyMap<Series, Quantiles>): Quantiles {
    const { levels, horizon } = this.#parts.task
    const isAlike = ({ statics }: Series): boolean =>
      own.statics.every((value, i) => value === null || value === statics[i])
    const behind = [...group].filter(([other]) => other.start + other.values.length === own.start)
    const alike = behind.filter(([other]) => isAlike(other))
    if (behind.length === 0)
      throw new DataError({
        where: `ForecastModel.predict: ${nameOfSeries(own)}`,
        expected:
          'a first period right behind the last of series that are known, since it has no value of its own',
        received: `one that begins elsewhere, of ${group.size} series`,
        fix: 'Begin its rows there, or give its first values.',
      })
    const quantiles = levels.map(() => new Float64Array(horizon))
    for (let k = 0; k < horizon; k++) {
      const futures = Float64Array.from(
        (alike.length > 0 ? alike : behind).flatMap(([, of]) => of.map((level) => level[k] as number)),
      ).sort()
      levels.forEach((level, i) => {
        ;(quantiles[i] as Float64Array)[k] = quantileOf(futures, level)
      })
    }
    return quantiles
  }

  /** The series of rows, with what was known of them before. */
  async #merged(rows: RowSource): Promise<Series[]> {
    const { task, columns, rules, series } = this.#parts
    const frame = await frameOf(rows)
    const table = readSeries(withTarget(frame, columns.target), {
      ...columns,
      ...rules,
      covariates: task.covariates,
      statics: task.statics,
      grid: task.grid,
    })
    if (table.areDates !== task.areDates)
      throw new ArgumentError({
        where: `ForecastModel.predict: '${columns.time}'`,
        expected: task.areDates ? 'dates, as the table had them' : 'numbers, as the table had them',
        received: table.areDates ? 'dates' : 'numbers',
      })
    const before = new Map(series.map((own) => [keyOf(own.key), own]))
    return table.series.map((own) => {
      const old = before.get(keyOf(own.key))
      return old === undefined || old.values.length === 0 ? own : continued(old, own)
    })
  }

  /** The report in lines. */
  toString(): string {
    return forecastReportText(this.report)
  }

  /** All that it needs, as the bytes of a zip archive: what {@link save} writes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { task, columns, rules, series, members, widening, nonNegative, seed } = this.#parts
    const latest = Math.max(2 * task.horizon, valuesForBaselines(task.season))
    return modelBytes(format, {
      report: this.report as unknown as Saved,
      task: task as unknown as Saved,
      columns,
      rules,
      series: series.map((own) => savedSeries(own, latest)),
      members: members.map(({ weight, forecaster }) => ({
        weight,
        name: forecaster.name,
        model: forecaster.toSaved(),
      })),
      widening: { ...widening },
      nonNegative,
      seed,
    })
  }

  /** The model that {@link toBytes} gave. @throws FormatError for what is damaged, or of a version that is not known. */
  static fromBytes(bytes: Uint8Array, where = 'ForecastModel.fromBytes'): ForecastModel {
    const saved = modelParts(bytes, format, where)
    const task = readPart(saved, 'task') as ForecastTask
    return new ForecastModel({
      task,
      columns: readPart(saved, 'columns') as ForecastModelParts['columns'],
      rules: readPart(saved, 'rules') as ForecastModelParts['rules'],
      series: readList(saved, 'series').map(readSavedSeries),
      members: readList(saved, 'members').map((member) => {
        const name = readText(member, 'name', candidateNames)
        const candidate = candidates.find((one) => one.name === name) as (typeof candidates)[number]
        const forecaster = candidate.read(task, readPart(member, 'model'))
        return { weight: readNumber(member, 'weight'), forecaster }
      }),
      widening: {
        offsets: readNumbers(readPart(saved, 'widening'), 'offsets'),
        factors: readNumbers(readPart(saved, 'widening'), 'factors'),
      },
      nonNegative: readPart(saved, 'nonNegative') === true,
      seed: readNumber(saved, 'seed'),
      report: readPart(saved, 'report') as ForecastReport,
    })
  }

  /**
   * Keeps the model in a file, with checksums: whole or not at all. It holds the latest values of each series.
   *
   * @example
   * await model.save('models/sales.model')
   */
  async save(path: string): Promise<void> {
    await writeFileAtomically(path, [this.toBytes()])
  }

  /**
   * The model that {@link save} kept.
   *
   * @throws FormatError for a file that there is not, is damaged, or of a version that is not known.
   */
  static async load(path: string): Promise<ForecastModel> {
    const { readModelFile } = await import('../saving/model-file.node.ts')
    return ForecastModel.fromBytes(await readModelFile(path), path)
  }
}

/** Rows of the future may come without the column that is forecast. */
function withTarget(frame: Frame, target: string): Frame {
  if (frame.has(target)) return frame
  return frame.with([[target, { type: 'empty', values: new Array(frame.length).fill(null) }]])
}
