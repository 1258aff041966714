import { startingState, withFirstPhase } from './ets-start.ts'
import { copyOf, type EtsForm, type EtsState, type EtsWeights, expected, likelihoodOf } from './ets-state.ts'
import { nelderMead } from './nelder-mead.ts'

/** A model of exponential smoothing that is fitted. */
export interface EtsModel {
  readonly form: EtsForm
  readonly weights: EtsWeights
  /** Behind the last value. */
  readonly state: EtsState
  /** How many values there were: the phase of the next. */
  readonly length: number
  /** The variance of errors, of degrees of freedom. */
  readonly variance: number
  /** n log Σe², and twice the logarithms of expectations of errors that are multiplied. */
  readonly likelihood: number
  readonly aicc: number
}

/** ETS(M,Ad,A), as its authors write it. */
export const nameOfForm = ({ error, trend, season, damped }: EtsForm): string =>
  `ETS(${error},${trend}${damped ? 'd' : ''},${season})`

const [leastWeight, largestWeight] = [1e-4, 0.9999]
const [leastPhi, largestPhi] = [0.8, 0.98]

/** Where weights begin, and what bounds them: each is bounded by what the level begins with. */
function bounds(form: EtsForm, period: number): readonly { start: number; lower: number; upper: number }[] {
  const part = (lower: number, upper: number, share: number) => ({
    start: lower + share * (upper - lower),
    lower,
    upper,
  })
  const alpha = part(leastWeight, largestWeight, 0.2 / (form.season === 'N' ? 1 : period))
  return [
    alpha,
    ...(form.trend === 'N' ? [] : [part(leastWeight, Math.min(largestWeight, alpha.start), 0.1)]),
    ...(form.season === 'N' ? [] : [part(leastWeight, Math.min(largestWeight, 1 - alpha.start), 0.05)]),
    ...(form.damped ? [part(leastPhi, largestPhi, 0.99)] : []),
  ]
}

/** Weights and the first state of a point of the search, which lists them in this order. */
function partsOf(
  point: Float64Array,
  { trend, season, damped }: EtsForm,
): { weights: EtsWeights; state: EtsState } {
  let at = 0
  const next = (): number => point[at++] as number
  const weights = {
    alpha: next(),
    beta: trend === 'N' ? 0 : next(),
    gamma: season === 'N' ? 0 : next(),
    phi: damped ? next() : 1,
  }
  const level = next()
  const slope = trend === 'N' ? 0 : next()
  // The search lists phases from the last to the second.
  const free = point.subarray(at).toReversed()
  return { weights, state: { level, slope, phases: season === 'N' ? free : withFirstPhase(free, season) } }
}

/** Fits one form, by the likelihood; undefined where the values are too few for its parameters. */
export function fitEts(values: Float64Array, form: EtsForm, period: number): EtsModel | undefined {
  const { level, slope, phases } = startingState(values, form, period)
  const ranges = bounds(form, period)
  const states = [level, ...(form.trend === 'N' ? [] : [slope]), ...phases.subarray(1).toReversed()]
  const n = values.length
  const free = ranges.length + states.length
  if (free >= n - 1) return undefined
  const unbounded = (at: number): number[] => states.map(() => at)
  const { point } = nelderMead(
    (candidate) => {
      const { weights, state } = partsOf(candidate, form)
      if (form.season === 'M' && state.phases.some((phase) => phase < 0)) return Infinity
      const cost = likelihoodOf(state, form, weights, values)
      return Number.isNaN(cost) ? Infinity : cost
    },
    [...ranges.map(({ start }) => start), ...states],
    {
      lower: [...ranges.map(({ lower }) => lower), ...unbounded(-Infinity)],
      upper: [...ranges.map(({ upper }) => upper), ...unbounded(Infinity)],
    },
  )
  const { weights, state } = partsOf(point, form)
  const errors = new Float64Array(n)
  const likelihood = likelihoodOf(state, form, weights, values, errors)
  // The variance is a parameter too.
  const parameters = free + 1
  const correction = n - parameters - 1
  return {
    form,
    weights,
    state,
    length: n,
    variance: errors.reduce((sum, e) => sum + e * e, 0) / correction,
    likelihood,
    aicc:
      correction > 0
        ? likelihood + 2 * parameters + (2 * parameters * (parameters + 1)) / correction
        : Infinity,
  }
}

/** All forms that can be of these values, in the order in which statsforecast tries them. */
export function formsOf(values: Float64Array, period: number): EtsForm[] {
  const isPositive = values.every((value) => value > 0)
  const isSeasonal = period > 1 && values.length > period
  const forms: EtsForm[] = []
  for (const error of isPositive ? (['A', 'M'] as const) : (['A'] as const))
    for (const trend of ['N', 'A'] as const)
      for (const season of ['N', 'A', 'M'] as const) {
        // Errors that are added beside a season that is multiplied have no stable likelihood.
        if (season !== 'N' && !isSeasonal) continue
        if (season === 'M' && (error === 'A' || !isPositive)) continue
        for (const damped of trend === 'N' ? [false] : [true, false])
          forms.push({ error, trend, season, damped })
      }
  return forms
}

/** The fewest values that a model is fitted to. */
export const leastForEts = 7

/**
 * The model of exponential smoothing whose corrected criterion of Akaike is lowest among all forms (Hyndman and Khandakar 2008), as
 * `AutoETS` of statsforecast chooses it.
 *
 * @param values at least {@link leastForEts}.
 * @param period of the season; 1 for none.
 */
export function autoEts(values: Float64Array, period: number): EtsModel {
  const first = values[0] as number
  if (values.every((value) => value === first)) return constantModel(values)
  let best: EtsModel | undefined
  for (const form of formsOf(values, period)) {
    const model = fitEts(values, form, period)
    if (model !== undefined && Number.isFinite(model.aicc) && model.aicc < (best?.aicc ?? Infinity))
      best = model
  }
  return best ?? constantModel(values)
}

/** A level that is the last value. */
const constantModel = (values: Float64Array): EtsModel => ({
  form: { error: 'A', trend: 'N', season: 'N', damped: false },
  weights: { alpha: largestWeight, beta: 0, gamma: 0, phi: 1 },
  state: { level: values.at(-1) as number, slope: 0, phases: new Float64Array(0) },
  length: values.length,
  variance: 0,
  likelihood: -Infinity,
  aicc: -Infinity,
})

/** What is expected of the steps ahead. */
export function etsForecast({ form, weights, state, length }: EtsModel, horizon: number): Float64Array {
  const ahead = copyOf(state)
  return Float64Array.from({ length: horizon }, (_, k) => {
    const value = expected(ahead, form, weights.phi, length + k)
    ahead.level += weights.phi * ahead.slope
    ahead.slope *= weights.phi
    return value
  })
}
