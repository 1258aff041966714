/** Numbers of a column as they come, and any quantile of them in the end; missing ones (NaN) are left out. */
export interface QuantileLearner {
  add(values: Float64Array): void
  readonly count: number
  /** Quantiles at shares from 0 to 1, in their order; NaN of nothing. */
  at(shares: readonly number[]): number[]
}

/** Numbers that the highest level holds; lower ones hold less. The error of a rank is about 1.7 divided by it. */
const width = 2048

/** How much less each level holds than the one above it. */
const shrink = 2 / 3

/**
 * Quantiles in bounded memory (Karnin, Lang and Liberty, "Optimal quantile approximation in streams", 2016, known as KLL): level h
 * holds numbers that stand for 2ʰ each; a full level is sorted, and every other number of it moves up. Some 6,000 numbers are kept
 * of however many, and ranks are off by about 0.1 % of all. Which half moves alternates, so that a result depends on the numbers alone.
 */
export class RankSketch implements QuantileLearner {
  readonly #levels: number[][] = [[]]
  readonly #odd: boolean[] = [false]
  #count = 0
  #least = Infinity
  #greatest = -Infinity

  add(values: Float64Array): void {
    for (const value of values) {
      if (Number.isNaN(value)) continue
      this.#count += 1
      this.#least = Math.min(this.#least, value)
      this.#greatest = Math.max(this.#greatest, value)
      const [lowest] = this.#levels
      lowest?.push(value)
      if ((lowest?.length ?? 0) >= this.#capacityOf(0)) this.#compress()
    }
  }

  get count(): number {
    return this.#count
  }

  /** Numbers that are kept. */
  get size(): number {
    return this.#levels.reduce((sum, level) => sum + level.length, 0)
  }

  at(shares: readonly number[]): number[] {
    if (this.#count === 0) return shares.map(() => Number.NaN)
    const items = this.#levels.flatMap((level, height) =>
      level.map((value) => ({ value, weight: 2 ** height })),
    )
    items.sort((a, b) => a.value - b.value)
    // Ranks of the middle of what each stands for.
    let sum = 0
    const ranks = items.map(({ weight }) => {
      sum += weight
      return sum - weight / 2 - 0.5
    })
    return shares.map((share) => {
      if (share <= 0) return this.#least
      if (share >= 1) return this.#greatest
      return this.#valueAt(share * (sum - 1), ranks, items)
    })
  }

  #valueAt(rank: number, ranks: readonly number[], items: readonly { readonly value: number }[]): number {
    let [low, high] = [0, ranks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ranks[middle] as number) <= rank) low = middle + 1
      else high = middle
    }
    const [r0, r1] = [low > 0 ? (ranks[low - 1] as number) : 0, ranks[low] ?? this.#count - 1]
    const [v0, v1] = [
      low > 0 ? (items[low - 1]?.value as number) : this.#least,
      items[low]?.value ?? this.#greatest,
    ]
    return r1 <= r0 ? v1 : v0 + ((v1 - v0) * (rank - r0)) / (r1 - r0)
  }

  #capacityOf(height: number): number {
    return Math.max(8, Math.ceil(width * shrink ** (this.#levels.length - 1 - height)))
  }

  #compress(): void {
    for (let height = 0; height < this.#levels.length; height++) {
      const level = this.#levels[height] as number[]
      if (level.length < this.#capacityOf(height)) continue
      const above = this.#levels[height + 1] ?? []
      if (height + 1 === this.#levels.length) {
        this.#levels.push(above)
        this.#odd.push(false)
      }
      const sorted = Float64Array.from(level).sort()
      // One that has no partner stays, so that no weight is lost.
      const pairs = sorted.length >> 1
      const odd = this.#odd[height] === true
      for (let pair = 0; pair < pairs; pair++) above.push(sorted[2 * pair + Number(odd)] as number)
      this.#odd[height] = !odd
      level.length = 0
      if (sorted.length % 2 === 1) level.push(sorted.at(-1) as number)
    }
  }
}
