import { blendWeights } from '../../scores/blend.ts'
import { pinball } from '../../scores/metrics.ts'
import type { Quantiles } from '../baselines/baseline.ts'
import type { CandidateName } from '../names.ts'

/** How fast a model's share in the cautious half falls with its loss. */
const power = 8

/** Models with less are left out. */
const leastWeight = 0.04

/** Models that share the weight where there is no window to tell: exponential smoothing and theta, else the seasonal naive one. */
const trusted: readonly CandidateName[] = ['ETS', 'theta']

/** What came behind windows, and what models forecast of it. */
export interface WeightedWindows {
  readonly actual: readonly Float64Array[]
  /** The size of each series' changes, which errors are divided by. */
  readonly scales: readonly number[]
  /** Of each model, of each window. */
  readonly models: readonly (readonly Quantiles[])[]
}

/** The mean quantile loss of each model over all windows, steps and levels, in scales of the series. */
export const windowLosses = (windows: WeightedWindows, levels: readonly number[]): number[] =>
  lossesOf(scaled(windows, levels), levels)

const lossesOf = ({ actual, models }: Scaled, levels: readonly number[]): number[] => {
  const loss = pinball(levels)
  return models.map((own) => loss.of(actual, own))
}

/**
 * Weights of models by what they reach on windows, all series and steps together: the mean of a greedy selection ({@link blendWeights}) and of
 * shares as the inverse of the loss to the power of eight. Few windows mislead a selection, and a mean of several models is hard to beat
 * (Makridakis, Spiliotis and Assimakopoulos 2020, "The M4 Competition"). Models with next to no share are left out.
 */
export function windowWeights(windows: WeightedWindows, levels: readonly number[]): number[] {
  const own = scaled(windows, levels)
  const selected = blendWeights(pinball(levels), own.actual, own.models)
  const losses = lossesOf(own, levels)
  // A model without finite forecasts has no share.
  const best = Math.min(...losses.filter(Number.isFinite))
  const shares = summedToOne(
    losses.map((loss) => (loss === best ? 1 : Number.isFinite(loss) ? (best / loss) ** power : 0)),
  )
  const weights = shares.map((share, i) => ((selected[i] as number) + share) / 2)
  return summedToOne(weights.map((weight) => (weight < leastWeight ? 0 : weight)))
}

const summedToOne = (shares: readonly number[]): number[] => {
  const sum = shares.reduce((all, share) => all + share, 0)
  return shares.map((share) => share / sum)
}

/** Weights without any window. */
export function priorWeights(names: readonly CandidateName[]): number[] {
  const known = names.filter((name) => trusted.includes(name))
  const shared = known.length > 0 ? known : names.filter((name) => name === 'seasonal naive')
  return names.map((name) => (shared.includes(name) ? 1 / shared.length : 0))
}

/** Windows behind one another, each in the scale of its series. */
interface Scaled {
  readonly actual: Float64Array
  /** Of each model, an array for each level. */
  readonly models: readonly (readonly Float64Array[])[]
}

function scaled({ actual, scales, models }: WeightedWindows, levels: readonly number[]): Scaled {
  const joined = (parts: readonly Float64Array[]): Float64Array =>
    Float64Array.from(parts.flatMap((part, i) => Array.from(part, (value) => value / (scales[i] as number))))
  return {
    actual: joined(actual),
    models: models.map((windows) =>
      levels.map((_, i) => joined(windows.map((own) => own[i] as Float64Array))),
    ),
  }
}
