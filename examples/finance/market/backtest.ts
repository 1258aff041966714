import { numbersFrom } from '../../random-numbers.ts'

/** What is held from one decision to the next. */
export interface Period {
  /** The share of the money that is in each asset; what is left earns nothing. */
  readonly weights: readonly number[]
  /** What a unit of each asset becomes until the next decision: 1.02 is two in a hundred more. */
  readonly growth: readonly number[]
}

export interface Earned {
  /** What a unit of money becomes in each period, after costs. */
  readonly growth: readonly number[]
  /** Shares of the money that were bought or sold, over all periods. */
  readonly traded: number
}

/**
 * What periods earn one after another. At each decision assets are bought and sold to the weights, from those that prices have made of the
 * weights before; that costs a share of what is traded.
 *
 * @param cost of a unit that is bought or sold: 0.001 is a tenth of a hundredth.
 */
export function earned(periods: readonly Period[], cost: number): Earned {
  let held: readonly number[] = periods[0]?.weights.map(() => 0) ?? []
  let traded = 0
  const growth = periods.map(({ weights, growth }) => {
    const moved = weights.reduce((sum, weight, k) => sum + Math.abs(weight - (held[k] as number)), 0)
    traded += moved
    const grown = weights.map((weight, k) => weight * (growth[k] as number))
    const idle = 1 - weights.reduce((a, b) => a + b, 0)
    const whole = grown.reduce((a, b) => a + b, 0) + idle
    held = grown.map((value) => value / whole)
    return whole * (1 - cost * moved)
  })
  return { growth, traded }
}

export interface Performance {
  /** Growth a year, as a share. */
  readonly yearly: number
  /** Deviation of the growth, a year. */
  readonly volatility: number
  /** The deepest fall from a height, as a share. */
  readonly drawdown: number
}

/** @param perYear periods in a year. */
export function performance(growth: readonly number[], perYear: number): Performance {
  let [money, height, drawdown] = [1, 1, 0]
  for (const factor of growth) {
    money *= factor
    height = Math.max(height, money)
    drawdown = Math.max(drawdown, 1 - money / height)
  }
  const mean = growth.reduce((a, b) => a + b, 0) / growth.length
  const squares = growth.reduce((sum, factor) => sum + (factor - mean) ** 2, 0)
  return {
    yearly: money ** (perYear / growth.length) - 1,
    volatility: Math.sqrt((squares / growth.length) * perYear),
    drawdown,
  }
}

/**
 * The interval in which 95 of 100 draws have what one way earns more than another a year: blocks of periods are drawn with replacement, since
 * good and bad times last (Künsch 1989, https://doi.org/10.1214/aos/1176347265).
 */
export function gainInterval(
  one: readonly number[],
  other: readonly number[],
  perYear: number,
  { block = 13, draws = 2000, seed = 1 } = {},
): readonly [low: number, high: number] {
  const random = numbersFrom(seed)
  const gains = one.map((factor, i) => Math.log(factor) - Math.log(other[i] as number))
  const means = Array.from({ length: draws }, () => {
    let sum = 0
    for (let taken = 0; taken < gains.length; ) {
      const start = Math.floor(random() * (gains.length - block + 1))
      for (let i = 0; i < block && taken < gains.length; i++, taken++) sum += gains[start + i] as number
    }
    return (sum / gains.length) * perYear
  }).toSorted((a, b) => a - b)
  const at = (share: number) => Math.exp(means[Math.floor(share * draws)] as number) - 1
  return [at(0.025), at(0.975)]
}
