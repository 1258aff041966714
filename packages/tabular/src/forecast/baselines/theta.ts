import { seasonalPhases } from './decomposition.ts'
import { nelderMead } from './nelder-mead.ts'

/** Theta models of Fiorucci et al.: standard or optimised θ, and dynamic ones, whose line follows the values. */
export type ThetaKind = 'STM' | 'OTM' | 'DSTM' | 'DOTM'

export const thetaKinds: readonly ThetaKind[] = ['STM', 'OTM', 'DSTM', 'DOTM']

const isDynamic = (kind: ThetaKind): boolean => kind === 'DSTM' || kind === 'DOTM'

export interface ThetaWeights {
  /** The level before the first value. */
  readonly level: number
  readonly alpha: number
  readonly theta: number
}

/** The smoothed level, the mean of the values so far, and the line a + b t through them. */
export interface ThetaState {
  level: number
  mean: number
  a: number
  b: number
}

/** A theta model that is fitted, to values without their season. */
export interface ThetaModel {
  readonly kind: ThetaKind
  readonly weights: ThetaWeights
  /** Behind the last value. */
  readonly state: ThetaState
  readonly length: number
  /** Σ e² from the fourth value on, by the mean of the values' sizes: what models are compared by. */
  readonly cost: number
  /** The standard deviation of errors. */
  readonly deviation: number
  /** What values were divided by or lessened by: a value for each phase; undefined without a season. */
  readonly season: { readonly kind: 'A' | 'M'; readonly phases: Float64Array } | undefined
}

/** Errors before this one hang on where the level begins. */
const firstError = 3

/** The fewest values that a model is fitted to. */
export const leastForTheta = 6

function startOf(values: Float64Array, kind: ThetaKind, { level, alpha }: ThetaWeights): ThetaState {
  const first = values[0] as number
  const start = { level: alpha * first + (1 - alpha) * level, mean: first }
  if (isDynamic(kind)) return { ...start, a: first, b: 0 }
  const n = values.length
  let [mean, weighted] = [0, 0]
  values.forEach((value, t) => {
    mean += value / n
    weighted += (value * (t + 1)) / n
  })
  const b = (6 * (2 * weighted - (n + 1) * mean)) / (n * n - 1)
  return { ...start, a: mean - ((n + 1) * b) / 2, b }
}

/** What is expected of step t (from 0), which follows t values. */
export function thetaExpected(
  { level, a, b }: ThetaState,
  { alpha, theta }: ThetaWeights,
  t: number,
): number {
  const left = (1 - alpha) ** t
  return level + (1 - 1 / theta) * (a * left + (b * (1 - left * (1 - alpha))) / alpha)
}

/** Takes the value of step t into the state, in place (Fiorucci et al. 2016, equations 8 to 13). */
export function thetaFollow(
  state: ThetaState,
  kind: ThetaKind,
  alpha: number,
  t: number,
  value: number,
): void {
  const { mean } = state
  state.level = alpha * value + (1 - alpha) * state.level
  state.mean = (t * mean + value) / (t + 1)
  if (!isDynamic(kind)) return
  state.b = ((t - 1) * state.b + (6 * (value - mean)) / (t + 1)) / (t + 2)
  state.a = state.mean - (state.b * (t + 2)) / 2
}

/** Follows the values; the cost, the state behind them, and their errors where an array for them is given. */
function run(values: Float64Array, kind: ThetaKind, weights: ThetaWeights, errors?: Float64Array) {
  const state = startOf(values, kind, weights)
  let [squares, size] = [0, Math.abs(values[0] as number)]
  for (let t = 1; t < values.length; t++) {
    const value = values[t] as number
    const e = value - thetaExpected(state, weights, t)
    if (t >= firstError) squares += e * e
    if (errors !== undefined) errors[t] = e
    size += Math.abs(value)
    thetaFollow(state, kind, weights.alpha, t, value)
  }
  return { cost: squares / Math.max(size / values.length, 1e-10), state }
}

/** Fits one kind of model to values without a season. */
export function fitTheta(values: Float64Array, kind: ThetaKind): Omit<ThetaModel, 'season'> {
  const hasOwnTheta = kind === 'OTM' || kind === 'DOTM'
  const weightsOf = ([level = 0, alpha = 0, theta = 2]: ArrayLike<number> &
    Iterable<number>): ThetaWeights => ({
    level,
    alpha,
    theta,
  })
  const { point } = nelderMead(
    (candidate) => {
      const { cost } = run(values, kind, weightsOf(candidate))
      return Number.isNaN(cost) ? Infinity : cost
    },
    [(values[0] as number) / 2, 0.5, ...(hasOwnTheta ? [2] : [])],
    {
      lower: [-1e10, 0.1, ...(hasOwnTheta ? [1] : [])],
      upper: [1e10, 0.99, ...(hasOwnTheta ? [1e10] : [])],
    },
  )
  const weights = weightsOf(point)
  const errors = new Float64Array(values.length)
  const { cost, state } = run(values, kind, weights, errors)
  return {
    kind,
    weights,
    state,
    length: values.length,
    cost,
    deviation: deviationOf(errors.subarray(firstError)),
  }
}

const deviationOf = (values: Float64Array): number => {
  if (values.length < 2) return 0
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/**
 * The theta model with the smallest errors among the four of Fiorucci et al., "Models for optimising the theta method and their
 * relationship to state space models", 2016, of values whose season, if a test of autocorrelation finds one, is taken out before and put
 * in again (Assimakopoulos and Nikolopoulos 2000). As `AutoTheta` of statsforecast.
 *
 * @param values at least {@link leastForTheta}.
 * @param kinds that are tried. Default all.
 */
export function autoTheta(
  values: Float64Array,
  period: number,
  kinds: readonly ThetaKind[] = thetaKinds,
): ThetaModel {
  const season = seasonOf(values, period)
  const adjusted =
    season === undefined
      ? values
      : values.map((value, t) => {
          const own = season.phases[t % period] as number
          return season.kind === 'A' ? value - own : value / own
        })
  let best: Omit<ThetaModel, 'season'> | undefined
  for (const kind of kinds) {
    const model = fitTheta(adjusted, kind)
    if (best === undefined || model.cost < best.cost) best = model
  }
  return { ...(best as Omit<ThetaModel, 'season'>), season }
}

/** The 0.95 quantile of the normal distribution. */
const critical = 1.6448536269514722

function seasonOf(values: Float64Array, period: number): ThetaModel['season'] {
  const n = values.length
  if (period < 4 || n < 2 * period) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const covariance = (lag: number): number => {
    let sum = 0
    for (let t = lag; t < n; t++) sum += ((values[t] as number) - mean) * ((values[t - lag] as number) - mean)
    return sum
  }
  const variance = covariance(0)
  let squares = 0
  for (let lag = 1; lag < period; lag++) squares += (covariance(lag) / variance) ** 2
  const limit = critical * Math.sqrt((1 + 2 * squares) / n)
  // Of constant values the quotient is no number, and they have no season.
  if (!(Math.abs(covariance(period) / variance) > limit)) return undefined
  if (values.every((value) => value > 0)) {
    const phases = seasonalPhases(values, period, 'M')
    if (phases.every((phase) => phase >= 0.01)) return { kind: 'M', phases }
  }
  return { kind: 'A', phases: seasonalPhases(values, period, 'A') }
}

/** A value without a season, with that of the step k from 0 behind the last. */
export function withThetaSeason({ season, length }: ThetaModel, value: number, k: number): number {
  if (season === undefined) return value
  const own = season.phases[(length + k) % season.phases.length] as number
  return season.kind === 'A' ? value + own : value * own
}

/** What is expected of the steps ahead. */
export function thetaForecast(model: ThetaModel, horizon: number): Float64Array {
  const { kind, weights, length } = model
  const state = { ...model.state }
  return Float64Array.from({ length: horizon }, (_, k) => {
    const value = thetaExpected(state, weights, length + k)
    thetaFollow(state, kind, weights.alpha, length + k, value)
    return withThetaSeason(model, value, k)
  })
}
