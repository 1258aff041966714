import { readFileSync } from 'node:fs'
import type { ThetaKind } from '../forecast/baselines/theta.ts'

interface GoldenForecasts {
  readonly series: Readonly<Record<string, { readonly period: number; readonly values: readonly number[] }>>
  readonly forms: readonly {
    readonly series: string
    /** Error, trend, season, and d for a damped trend. */
    readonly form: string
    readonly likelihood: number
    readonly aicc: number
    readonly variance: number
    readonly weights: readonly (number | null)[]
    readonly forecast: readonly number[]
  }[]
  readonly chosen: readonly {
    readonly series: string
    readonly name: string
    readonly aicc: number
    readonly forecast: readonly number[]
    readonly 'lo-80': readonly number[]
    readonly 'hi-80': readonly number[]
  }[]
  readonly thetas: readonly {
    readonly series: string
    readonly kind: ThetaKind | null
    readonly found: ThetaKind
    readonly cost: number
    readonly isSeasonal: boolean
    readonly weights: readonly [level: number, alpha: number, theta: number]
    readonly forecast: readonly number[]
  }[]
  readonly measures: {
    readonly levels: readonly number[]
    readonly season: number
    readonly training: readonly (readonly number[])[]
    readonly actual: readonly (readonly number[])[]
    /** By series and level. */
    readonly quantiles: readonly (readonly (readonly number[])[])[]
    readonly mase: readonly number[]
    /** As utilsforecast has it: between 0 and 1. */
    readonly smapeByTwoHundred: readonly number[]
    readonly crps: readonly number[]
    readonly weightedQuantileLoss: number
    /** As GluonTS has it: between 0 and 2. */
    readonly smape: number
  }
}

const path = new URL('../../golden/forecasts.json', import.meta.url)

/** Models and measures of statsforecast, utilsforecast and GluonTS: see `tools/golden/make_forecasts.py`. */
export const goldenForecasts = JSON.parse(readFileSync(path, 'utf8')) as GoldenForecasts

export function goldenSeries(name: string): { readonly period: number; readonly values: Float64Array } {
  const { period, values } = goldenForecasts.series[name] as (typeof goldenForecasts.series)[string]
  return { period, values: Float64Array.from(values) }
}
