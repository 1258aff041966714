/**
 * `forecast/baselines/`: models that are fitted to each series by itself within milliseconds: naive ones, exponential smoothing and theta. They
 * know arrays of numbers, and nothing of tables.
 */
import { autoEts, type EtsModel, etsForecast, leastForEts } from './ets.ts'
import { copyOf, expected, follow } from './ets-state.ts'
import { type QuantilePaths, quantilesOfPaths } from './simulate.ts'
import {
  autoTheta,
  leastForTheta,
  type ThetaModel,
  thetaExpected,
  thetaFollow,
  thetaForecast,
  withThetaSeason,
} from './theta.ts'

export interface BaselineContext {
  /** Steps of a season; 1 for none. */
  readonly season: number
  readonly horizon: number
  /** Between 0 and 1, ascending, with 0.5 among them. */
  readonly levels: readonly number[]
  readonly seed: number
}

/** Quantiles of the steps ahead, an array for each level; the one of 0.5 is the point forecast. */
export type Quantiles = readonly Float64Array[]

export type BaselineName = 'naive' | 'seasonal naive' | 'ETS' | 'theta'

interface Baseline {
  readonly name: BaselineName
  /** The fewest values that it is fitted to; of fewer, the naive one stands in. */
  readonly least: number
  forecast(values: Float64Array, context: BaselineContext): Quantiles
}

const squareRootOfMean = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length))

/** The differences between values that are some steps apart. */
const differences = (values: Float64Array, lag: number): Float64Array =>
  Float64Array.from(
    { length: Math.max(0, values.length - lag) },
    (_, t) => (values[t + lag] as number) - (values[t] as number),
  )

/** The value a season ago; its errors add up with each further season (Hyndman and Athanasopoulos, 5.5). */
function seasonalNaive(values: Float64Array, season: number, context: BaselineContext): Quantiles {
  const { horizon, levels } = context
  const deviation = squareRootOfMean(differences(values, season))
  const middle = Float64Array.from(
    { length: horizon },
    (_, k) => values[values.length - season + (k % season)] as number,
  )
  return levels.map((level) =>
    middle.map(
      (value, k) => value + normalQuantile(level) * deviation * Math.sqrt(Math.floor(k / season) + 1),
    ),
  )
}

const paths = 2000

const simulated = (
  context: BaselineContext,
  middle: Float64Array,
  deviation: number,
  path: QuantilePaths['path'],
): Quantiles => quantilesOfPaths({ ...context, middle, deviation, paths, path })

const baselineTable = {
  naive: {
    name: 'naive',
    least: 1,
    forecast: (values, context) => seasonalNaive(values, 1, context),
  },
  'seasonal naive': {
    name: 'seasonal naive',
    least: 2,
    forecast: (values, context) =>
      seasonalNaive(values, values.length > context.season ? context.season : 1, context),
  },
  ETS: {
    name: 'ETS',
    least: leastForEts,
    forecast: (values, context) => etsQuantiles(autoEts(values, context.season), context),
  },
  theta: {
    name: 'theta',
    least: leastForTheta,
    forecast: (values, context) => thetaQuantiles(autoTheta(values, context.season), context),
  },
} as const satisfies { readonly [N in BaselineName]: Baseline }

export const baselineNames = Object.keys(baselineTable) as readonly BaselineName[]

/** The forecast of a baseline, or of the naive one where there are too few values. */
export function baselineForecast(
  name: BaselineName,
  values: Float64Array,
  context: BaselineContext,
): Quantiles {
  const baseline: Baseline = baselineTable[name]
  return (values.length < baseline.least ? baselineTable.naive : baseline).forecast(values, context)
}

function etsQuantiles(model: EtsModel, context: BaselineContext): Quantiles {
  const { form, weights, length, variance, state: start } = model
  const middle = etsForecast(model, context.horizon)
  const deviation = Math.sqrt(Math.max(0, variance))
  if (form.error === 'A') {
    const widths = errorsAhead(model, context.horizon).map((of) => of * deviation)
    return context.levels.map((level) =>
      middle.map((value, k) => value + normalQuantile(level) * (widths[k] as number)),
    )
  }
  return simulated(context, middle, deviation, (error) => {
    const state = copyOf(start)
    return middle.map((_, k) => {
      const value = expected(state, form, weights.phi, length + k) * (1 + error())
      follow(state, form, weights, length + k, value)
      return value
    })
  })
}

/**
 * Standard deviations of the steps ahead as multiples of that of the first, of errors that are added: 1 + Σ c_j², where
 * c_j = α + β (φ + … + φ^j), and γ more after each season (Hyndman et al. 2008, table 6.1).
 */
function errorsAhead(
  { weights: { alpha, beta, gamma, phi }, state: { phases } }: EtsModel,
  horizon: number,
): Float64Array {
  let [variance, damping] = [1, 0]
  return Float64Array.from({ length: horizon }, (_, k) => {
    const own = Math.sqrt(variance)
    damping += phi ** (k + 1)
    // β is added to the slope, which the level follows one step later.
    const c = alpha + beta * damping + (phases.length > 0 && (k + 1) % phases.length === 0 ? gamma : 0)
    variance += c * c
    return own
  })
}

function thetaQuantiles(model: ThetaModel, context: BaselineContext): Quantiles {
  const { kind, weights, length, deviation } = model
  const middle = thetaForecast(model, context.horizon)
  return simulated(context, middle, deviation, (error) => {
    const state = { ...model.state }
    return middle.map((_, k) => {
      const value = thetaExpected(state, weights, length + k) + error()
      thetaFollow(state, kind, weights.alpha, length + k, value)
      return withThetaSeason(model, value, k)
    })
  })
}

/** The quantile of the standard normal distribution, to 1e-9 (Acklam's rational functions). */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  const polynomial = (x: number, coefficients: readonly number[]): number =>
    coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return (
      polynomial(
        q,
        [
          -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
          4.374664141464968, 2.938163982698783,
        ],
      ) / polynomial(q, [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1])
    )
  }
  const q = p - 0.5
  const r = q * q
  return (
    (q *
      polynomial(
        r,
        [
          -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
          -3.066479806614716e1, 2.506628277459239,
        ],
      )) /
    polynomial(
      r,
      [
        -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
        -1.328068155288572e1, 1,
      ],
    )
  )
}
