/** A small generator (mulberry32): the same seed gives the same cases on every machine. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  pick<T>(list: readonly T[]): T {
    // The index is below the length, and no list is empty.
    return list[this.below(list.length)] as T
  }

  shuffled<T>(list: readonly T[]): T[] {
    const order = [...list]
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[order[i], order[j]] = [order[j] as T, order[i] as T]
    }
    return order
  }

  /** Whole numbers from −most to most: their sums and products are exact in float32, in every order. */
  integers(length: number, most = 5): Float32Array {
    return Float32Array.from({ length }, () => this.below(2 * most + 1) - most)
  }

  floats(length: number, most = 1): Float32Array {
    return Float32Array.from({ length }, () => (2 * this.next() - 1) * most)
  }
}
