import type {
  ChoiceParameter,
  ChoiceValue,
  FloatParameter,
  IntParameter,
  Space,
  Uniform,
  Values,
} from './space.ts'
import { fromUnit, sample, toUnit } from './space.ts'

/** A point that was tried, and how well: less is better. */
export interface Observation {
  readonly values: Readonly<Record<string, unknown>>
  readonly cost: number
}

export interface TpeOptions {
  /** Trials at random before the first that is chosen. */
  readonly startupTrials: number
  /** Points that are drawn for each parameter, of which the most promising is taken. */
  readonly candidates: number
}

/** The share of the trials that count as good, and how many at most. */
const goodShare = 0.1
const maxGood = 25

/**
 * The point to try next by tree-structured Parzen estimators (Bergstra et al. 2011,
 * https://proceedings.neurips.cc/paper/2011/hash/86e8f7ab32cfd12577bc2619bc635690-Abstract.html): the density l of
 * good points and g of the others are estimated for each parameter, and of several draws from l the one is taken
 * where l/g, and with it the expected improvement, is largest.
 */
export function suggest(
  space: Space,
  observed: readonly Observation[],
  uniform: Uniform,
  { startupTrials, candidates }: TpeOptions,
): Values<Space> {
  if (observed.length < startupTrials || observed.length < 2) return sample(space, uniform)
  const order = [...observed].sort((a, b) => a.cost - b.cost)
  const count = Math.min(maxGood, Math.ceil(goodShare * order.length))
  const [good, others] = [order.slice(0, count), order.slice(count)]
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]) => {
      const valuesOf = (list: readonly Observation[]) => list.map(({ values }) => values[name])
      const [l, g] = [valuesOf(good), valuesOf(others)]
      return [
        name,
        parameter.type === 'choice'
          ? bestChoice(parameter, l as ChoiceValue[], g as ChoiceValue[], uniform, candidates)
          : bestNumber(parameter, l as number[], g as number[], uniform, candidates),
      ]
    }),
  ) as Values<Space>
}

function bestNumber(
  parameter: IntParameter | FloatParameter,
  good: readonly number[],
  others: readonly number[],
  uniform: Uniform,
  candidates: number,
): number {
  const unit = (values: readonly number[]) => values.map((value) => toUnit(parameter, value))
  const [l, g] = [new Parzen(unit(good)), new Parzen(unit(others))]
  const drawn = Array.from({ length: candidates }, () => fromUnit(parameter, l.draw(uniform)))
  return best(drawn, (value) => {
    const at = toUnit(parameter, value)
    return Math.log(l.density(at)) - Math.log(g.density(at))
  })
}

function bestChoice(
  { values }: ChoiceParameter,
  good: readonly ChoiceValue[],
  others: readonly ChoiceValue[],
  uniform: Uniform,
  candidates: number,
): ChoiceValue {
  // One more of each than was seen, as the prior.
  const shares = (seen: readonly ChoiceValue[]) =>
    values.map((value) => (1 + seen.filter((one) => one === value).length) / (values.length + seen.length))
  const [l, g] = [shares(good), shares(others)]
  const drawn = Array.from({ length: candidates }, () => pick(l, uniform()))
  return values[best(drawn, (i) => (l[i] as number) / (g[i] as number))] as ChoiceValue
}

/** Which share of a whole a number from 0 to 1 falls into. */
function pick(shares: readonly number[], at: number): number {
  let rest = at
  for (const [i, share] of shares.entries()) {
    rest -= share
    if (rest < 0) return i
  }
  return shares.length - 1
}

function best<T>(items: readonly T[], scoreOf: (item: T) => number): T {
  let found = items[0] as T
  let most = Number.NEGATIVE_INFINITY
  for (const item of items) {
    const score = scoreOf(item)
    if (score > most) [found, most] = [item, score]
  }
  return found
}

/**
 * A density over 0 to 1: normal distributions, cut off at the ends, around the points, each as wide as the
 * farther of its neighbours is away, and a wide one as the prior.
 */
class Parzen {
  readonly #kernels: readonly { readonly mean: number; readonly sigma: number; readonly mass: number }[]

  constructor(points: readonly number[]) {
    const sorted = [...points, 0.5].sort((a, b) => a - b)
    const least = 1 / Math.min(100, sorted.length + 1)
    let isPriorLeft = true
    this.#kernels = sorted.map((mean, i) => {
      const isPrior = isPriorLeft && mean === 0.5
      if (isPrior) isPriorLeft = false
      const distance = Math.max(mean - (sorted[i - 1] ?? 0), (sorted[i + 1] ?? 1) - mean)
      const sigma = isPrior ? 1 : Math.min(1, Math.max(least, distance))
      return { mean, sigma, mass: normal((1 - mean) / sigma) - normal(-mean / sigma) }
    })
  }

  draw(uniform: Uniform): number {
    const { mean, sigma } = this.#kernels[Math.floor(uniform() * this.#kernels.length)] as {
      mean: number
      sigma: number
    }
    for (;;) {
      // Box and Muller 1958; what falls outside of the range is drawn again: at least a third falls inside.
      const at = mean + sigma * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
      if (at >= 0 && at <= 1) return at
    }
  }

  density(at: number): number {
    const sum = this.#kernels.reduce(
      (total, { mean, sigma, mass }) => total + Math.exp(-0.5 * ((at - mean) / sigma) ** 2) / (sigma * mass),
      0,
    )
    return sum / (this.#kernels.length * Math.sqrt(2 * Math.PI))
  }
}

/** The standard normal distribution function to 1e-7 (Abramowitz and Stegun 1964, 26.2.17). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z >= 0 ? 1 - tail : tail
}
