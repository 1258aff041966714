import { paced } from 'typegrad/core'
import type { Forecaster, ForecastTask } from '../task.ts'
import { type BaselineName, baselineForecast, type Quantiles } from './baseline.ts'

/** Baselines look at so many of the latest values: what is older says little, and costs as much. */
export const valuesForBaselines = (season: number): number => Math.max(150, 8 * season)

/** Naive models need no time, so that they are always there. */
const isQuick = (name: BaselineName): boolean => name === 'naive' || name === 'seasonal naive'

/** A baseline, which is fitted to each series when it forecasts. */
export const baselineForecaster = (
  name: BaselineName,
  { season, horizon, levels }: ForecastTask,
): Forecaster => ({
  name,
  forecast: (pasts, { seed, deadline, signal }) =>
    paced(
      (function* (): Generator<void, Quantiles[] | undefined, void> {
        const found: Quantiles[] = []
        for (const { series, end } of pasts) {
          signal?.throwIfAborted()
          if (!isQuick(name) && performance.now() > deadline) return undefined
          const latest = series.values.subarray(Math.max(0, end - valuesForBaselines(season)), end)
          found.push(baselineForecast(name, latest, { season, horizon, levels, seed }))
          yield
        }
        return found
      })(),
    ),
  toSaved: () => null,
})
