/** What is known of numbers without keeping them. */
export interface Moments {
  readonly count: number
  readonly mean: number
  /** Of all of them, as a whole (divided by their number). */
  readonly variance: number
  readonly least: number
  readonly greatest: number
}

/**
 * Mean and variance of numbers that come in batches, each batch merged into what is known (Chan, Golub and LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances", 1979). Missing ones (NaN) are left out.
 */
export class MomentLearner implements Moments {
  count = 0
  mean = 0
  least = Infinity
  greatest = -Infinity
  /** Σ (x − mean)². */
  #squares = 0

  add(values: Float64Array): void {
    let [count, sum] = [0, 0]
    for (const value of values) {
      if (Number.isNaN(value)) continue
      count += 1
      sum += value
      if (value < this.least) this.least = value
      if (value > this.greatest) this.greatest = value
    }
    if (count === 0) return
    const mean = sum / count
    let [squares, rest] = [0, 0]
    for (const value of values) {
      if (Number.isNaN(value)) continue
      const difference = value - mean
      squares += difference * difference
      rest += difference
    }
    // What rounding of the mean has left takes part once more.
    squares -= (rest * rest) / count
    const apart = mean - this.mean
    const all = this.count + count
    this.#squares += squares + (apart * apart * this.count * count) / all
    this.mean += (apart * count) / all
    this.count = all
  }

  get variance(): number {
    return this.count === 0 ? Number.NaN : this.#squares / this.count
  }
}

/**
 * The deviation that numbers are divided by: 1 where they are all the same but for rounding. A variance within the error of its own
 * computation is none (the same bound as scikit-learn's, after Chan, Golub and LeVeque).
 */
export function scaleOf({ count, mean, variance }: Moments): number {
  const error = count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2
  return variance <= error ? 1 : Math.sqrt(variance)
}

/** A range that numbers are divided by: 1 where there is none. */
export const rangeOf = (range: number): number => (range < 10 * Number.EPSILON ? 1 : range)
