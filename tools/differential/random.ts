/**
 * Random numbers for cases: a case's name (seed, family, number) decides all that is in it, on every machine.
 * The generator is mulberry32, seeded with an FNV-1a hash of the name.
 */
export class Random {
  #state: number

  constructor(name: string) {
    let hash = 0x811c9dc5
    for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
    this.#state = hash >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('pick: expected at least one item, received none')
    return items[this.int(0, items.length - 1)] as T
  }

  /** The items in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const list = [...items]
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      ;[list[i], list[j]] = [list[j] as T, list[i] as T]
    }
    return list
  }

  /**
   * A multiple of 2⁻¹⁰ between −range and range: few bits, so that a compressed file of them is small, and the same
   * number in float32 and float64.
   */
  value(range = 2): number {
    return this.int(-range * 1024, range * 1024) / 1024
  }
}
