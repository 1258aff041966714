import type { RowSource } from '@typegrad/data'
import { ArgumentError, checkOptions, DataError } from 'typegrad/core'
import { Ending } from '../ending.ts'
import { frameOf } from '../features/frame-of.ts'
import { type Candidate, candidateNames, candidates } from './candidates.ts'
import { ForecastModel } from './forecast-model.ts'
import { type ForecastOptions, forecastChecks } from './forecast-options.ts'
import { judge, type TriedCandidate } from './judging/judge.ts'
import { rollingWindows, usualWindows } from './judging/windows.ts'
import { readSeries, type SeriesTable, shownTime } from './series/read-series.ts'
import { nameOfSeries, type Series } from './series/series.ts'
import type { Forecaster, ForecastTask, Past, WorkOptions } from './task.ts'
import { nameOfFrequency, timeOf, usualSeason } from './time/frequency.ts'
import { parseTime } from './time/read-times.ts'

/** Gives each part its default. */
const usualLevels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

/**
 * Forecasts the series of a table: finds their frequency, tries models of each series (naive ones, exponential smoothing, theta) and models
 * that learn from all of them, weights them by rolling origins, widens quantiles until they hold what they say, and tells what is reached on
 * the last horizon of each series. What is told was reached by weights and models that know nothing of that horizon; the model that is returned
 * has learned from it as well, and is weighted by it too.
 *
 * @param source a path that `readTable` of `@typegrad/data` reads, or rows: an array of objects, columns by name, a `Table`.
 * @throws ArgumentError for options and columns that cannot be; DataError for gaps and doubles in time that are refused, targets that are
 * missing or constant, and a horizon that is longer than the history.
 * @example
 * const model = await forecast('sales.csv', { time: 'month', target: 'sold', series: 'shop', horizon: 12 })
 * console.log(`${model}`)
 * const [first] = (await model.predict()).series
 */
export async function forecast(source: string | RowSource, options: ForecastOptions): Promise<ForecastModel> {
  checkOptions('forecast', options, forecastChecks)
  const began = performance.now()
  const { seed = 0, budget = 60, signal, stop, onProgress } = options
  signal?.throwIfAborted()
  const frame = await frameOf(source)
  const { frequency, series: keys = [] } = options
  const table = readSeries(frame, {
    time: options.time,
    target: options.target,
    series: typeof keys === 'string' ? [keys] : keys.map(String),
    covariates: (options.covariates ?? []).map(String),
    statics: (options.statics ?? []).map(String),
    gaps: options.gaps ?? 'refuse',
    doubles: options.doubles ?? 'refuse',
    ...(frequency !== undefined && {
      frequency: typeof frequency === 'string' ? { unit: frequency, every: 1 } : frequency,
    }),
  })
  const task = taskOf(table, options)
  const series = table.series.filter(({ values }) => values.length > 0)
  checkHistory(series, task.horizon)
  const nonNegative = options.nonNegative ?? series.every(({ values }) => values.every((value) => value >= 0))
  const count = options.windows ?? usualWindows(series, task.horizon)
  const windows = rollingWindows(series, task.season, task.horizon, count)
  const work: WorkOptions = {
    seed,
    deadline: began + 1000 * budget,
    signal,
    steps: options.trainingSteps ?? 300,
  }
  // What has not been done for all windows cannot be weighted: once it is stopped it is given up at once.
  const ending = new Ending({ deadline: work.deadline, signal, stop })
  const stoppable: WorkOptions = { ...work, signal: ending.either }
  const names = options.models ?? candidateNames
  const tried: (TriedCandidate & { readonly candidate: Candidate; readonly judging: Forecaster })[] = []
  const skipped: string[] = []
  const unable: string[] = []
  for (const candidate of candidates) {
    if (!candidate.isAlways && !names.includes(candidate.name)) continue
    signal?.throwIfAborted()
    onProgress?.(`${candidate.name}: ${windows.watched.length + windows.judged.length} windows`)
    if (!candidate.isAlways && ending.isOver) {
      skipped.push(candidate.name)
      continue
    }
    const own = candidate.isAlways ? work : stoppable
    const judging = await ending.unlessStopped(candidate.fit(task, windows.training, own))
    if (judging === undefined) {
      ;(ending.isStopped ? skipped : unable).push(candidate.name)
      continue
    }
    const all = await ending.unlessStopped(judging.forecast([...windows.watched, ...windows.judged], own))
    if (all === undefined) skipped.push(candidate.name)
    else {
      const [watched, judged] = [all.slice(0, windows.watched.length), all.slice(windows.watched.length)]
      tried.push({ name: candidate.name, candidate, judging, watched, judged })
    }
  }
  const {
    weights,
    widening,
    scores,
    candidates: reports,
  } = judge(tried, windows, task, { seed, nonNegative })

  const members: { readonly weight: number; readonly forecaster: Forecaster }[] = []
  /** Those that have not learned from the last windows. */
  const old: string[] = []
  const whole: readonly Past[] = series.map((own) => ({ series: own, end: own.values.length }))
  for (const [i, { candidate, judging }] of tried.entries()) {
    const weight = weights[i] as number
    if (weight === 0) continue
    onProgress?.(`${candidate.name}: all that is known`)
    // What there is no time for stays as it was judged; what is begun is done.
    const isLate = candidate.learns && ending.isOver
    const last = { ...(candidate.learns ? stoppable : work), deadline: Infinity }
    const anew = isLate ? undefined : await ending.unlessStopped(candidate.fit(task, whole, last))
    if (anew === undefined) old.push(candidate.name)
    members.push({ weight, forecaster: anew ?? judging })
  }
  const moments = series.flatMap(({ start, values }) => [start, start + values.length - 1])
  const ended = ending.isStopped ? 'The work was stopped' : `The budget of ${budget} s was over`
  const momentOf = (period: number): string => shownTime(timeOf(task.grid, period), task.areDates)
  return new ForecastModel({
    task,
    columns: {
      time: options.time,
      target: options.target,
      series: typeof keys === 'string' ? [keys] : keys.map(String),
    },
    rules: { gaps: options.gaps ?? 'refuse', doubles: options.doubles ?? 'refuse' },
    series: table.series,
    members,
    widening,
    nonNegative,
    seed,
    report: {
      task: {
        target: options.target,
        time: options.time,
        frequency: nameOfFrequency(task.grid.frequency),
        season: task.season,
        horizon: task.horizon,
        levels: task.levels,
      },
      data: {
        series: table.series.length,
        values: series.reduce((sum, { values }) => sum + values.length, 0),
        filled: table.filled,
        gathered: table.gathered,
        judged: windows.judged.length,
        watched: windows.watched.length,
        from: momentOf(moments.reduce((a, b) => Math.min(a, b))),
        to: momentOf(moments.reduce((a, b) => Math.max(a, b))),
      },
      scores,
      candidates: reports,
      notes: [
        ...notesOfData(table, series, windows),
        ...(skipped.length > 0 ? [`${ended} before these were done: ${skipped.join(', ')}.`] : []),
        ...(old.length > 0
          ? [`${ended} before these learned from the last values too: ${old.join(', ')}.`]
          : []),
        ...(unable.length > 0
          ? [`The series are too short for these to learn from: ${unable.join(', ')}.`]
          : []),
      ],
      seconds: (performance.now() - began) / 1000,
    },
  })
}

function taskOf({ grid, areDates }: SeriesTable, options: ForecastOptions): ForecastTask {
  const { levels = usualLevels, holidays = [] } = options
  if (holidays.length > 0 && !areDates)
    throw new ArgumentError({
      where: 'forecast: holidays',
      expected: 'times that are dates',
      received: 'times that are numbers',
    })
  return {
    grid,
    areDates,
    season: options.season ?? (areDates ? usualSeason(grid.frequency) : 1),
    horizon: options.horizon,
    levels: [...new Set([...levels, 0.5])].sort((a, b) => a - b),
    covariates: options.covariates ?? [],
    statics: options.statics ?? [],
    holidays: holidays
      .map((holiday) => {
        const at =
          holiday instanceof Date
            ? holiday.getTime()
            : typeof holiday === 'string'
              ? parseTime(holiday)
              : Number.NaN
        if (!Number.isNaN(at)) return at
        throw new ArgumentError({
          where: 'forecast: holidays',
          expected: 'dates, or texts such as 2024-12-25',
          received: JSON.stringify(holiday),
        })
      })
      .sort((a, b) => a - b),
  }
}

/** @throws DataError for series that nothing can be learned from. */
function checkHistory(series: readonly Series[], horizon: number): void {
  const longest = series.reduce((most, { values }) => Math.max(most, values.length), 0)
  if (longest === 0)
    throw new DataError({ where: 'forecast: target', expected: 'values', received: 'rows without any' })
  if (longest <= horizon)
    throw new DataError({
      where: 'forecast: horizon',
      expected: `fewer periods than there is history: at most ${longest - 1}`,
      received: String(horizon),
      fix: 'Forecast fewer, or bring more history.',
    })
  const first = series[0]?.values[0]
  if (series.every(({ values }) => values.every((value) => value === first)))
    throw new DataError({
      where: 'forecast: target',
      expected: 'values that change',
      received: `${first} everywhere`,
      fix: 'There is nothing to forecast: check the table, or choose another column.',
    })
}

function notesOfData(
  { series: all, filled, gathered }: SeriesTable,
  series: readonly Series[],
  { judged, watched }: { readonly judged: readonly Past[]; readonly watched: readonly Past[] },
): string[] {
  const short = series.filter((own) => !judged.some((past) => past.series === own))
  const named = (some: readonly Series[]): string =>
    `${some.slice(0, 3).map(nameOfSeries).join('; ')}${some.length > 3 ? ` and ${some.length - 3} more` : ''}`
  const empty = all.filter(({ values }) => values.length === 0)
  return [
    ...(filled > 0 ? [`${filled} periods without a value were filled.`] : []),
    ...(gathered > 0 ? [`${gathered} rows were taken together with others of their period.`] : []),
    ...(short.length > 0 ? [`Too short to be judged, but forecast: ${named(short)}.`] : []),
    ...(empty.length > 0
      ? [`Without history, forecast as those with the same statics: ${named(empty)}.`]
      : []),
    ...(watched.length === 0
      ? [
          'No series is long enough to weight models by: exponential smoothing and theta share the forecast, and what is told here was not widened.',
        ]
      : []),
  ]
}
