/**
 * The parts of a model of exponential smoothing: the error, the trend and the season are none (N), added (A) or multiplied (M). Of
 * trends only those that are added are known, as `AutoETS` tries by default.
 */
export interface EtsForm {
  readonly error: 'A' | 'M'
  readonly trend: 'N' | 'A'
  readonly season: 'N' | 'A' | 'M'
  /** Whether the trend dies away. */
  readonly damped: boolean
}

export interface EtsWeights {
  /** How far the level follows each value. */
  readonly alpha: number
  /** How far the trend does; 0 without one. */
  readonly beta: number
  /** How far the season does; 0 without one. */
  readonly gamma: number
  /** What of the trend is left after each step; 1 of one that is not damped. */
  readonly phi: number
}

/** A state: level, trend (0 without one), and the season's values by phase: `phases[t mod season]` belongs to step t. */
export interface EtsState {
  level: number
  slope: number
  /** Empty without a season. */
  readonly phases: Float64Array
}

export const copyOf = ({ level, slope, phases }: EtsState): EtsState => ({
  level,
  slope,
  phases: Float64Array.from(phases),
})

/** What stands for a quotient by 0, and what is taken for 0. */
const [huge, tiny] = [1e10, 1e-10]

/** What is expected of step t. */
export function expected(
  { level, slope, phases }: EtsState,
  { season }: EtsForm,
  phi: number,
  t: number,
): number {
  const q = level + phi * slope
  if (season === 'N') return q
  const s = phases[t % phases.length] as number
  return season === 'A' ? q + s : q * s
}

/**
 * Takes a value into the state of step t, in place (Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing", 2008,
 * table 2.1, in the form of errors' corrections):
 * q = l + φb, l' = q + α(p − q), b' = φb + (β / α)(l' − l − φb), s' = s + γ(t − s), where p is the value without the season, and t
 * without the level.
 */
export function follow(
  state: EtsState,
  { trend, season }: EtsForm,
  { alpha, beta, gamma, phi }: EtsWeights,
  t: number,
  value: number,
): void {
  const { level, slope, phases } = state
  const q = level + phi * slope
  const phase = season === 'N' ? 0 : t % phases.length
  const s = season === 'N' ? 0 : (phases[phase] as number)
  const p = season === 'N' ? value : season === 'A' ? value - s : Math.abs(s) < tiny ? huge : value / s
  state.level = q + alpha * (p - q)
  if (trend === 'A') state.slope = phi * slope + (beta / alpha) * (state.level - level - phi * slope)
  if (season === 'N') return
  const own = season === 'A' ? value - q : Math.abs(q) < tiny ? huge : value / q
  phases[phase] = s + gamma * (own - s)
}

/**
 * Follows values from a state, in place, and tells how likely they are: n log Σe² + 2 Σ log|f| of errors that are multiplied, which is −2
 * times the logarithm of the likelihood but for a constant.
 *
 * @param errors is filled with e, or left out.
 */
export function likelihoodOf(
  state: EtsState,
  form: EtsForm,
  weights: EtsWeights,
  values: Float64Array,
  errors?: Float64Array,
): number {
  let [squares, logarithms] = [0, 0]
  const isMultiplied = form.error === 'M'
  for (let t = 0; t < values.length; t++) {
    const value = values[t] as number
    const f = expected(state, form, weights.phi, t)
    const e = isMultiplied ? (value - f) / (Math.abs(f) < tiny ? f + tiny : f) : value - f
    if (errors !== undefined) errors[t] = e
    squares += e * e
    if (isMultiplied) logarithms += Math.log(Math.abs(f) > 0 ? Math.abs(f) : 1e-8)
    follow(state, form, weights, t, value)
  }
  return values.length * Math.log(squares > 0 ? squares : 1e-8) + (isMultiplied ? 2 * logarithms : 0)
}
