/**
 * The generator of NumPy's `RandomState`, for orders that are those of Python programs: the Mersenne Twister MT19937
 * (Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995), seeded with one number below 2³².
 */
export class RandomState {
  readonly #state = new Uint32Array(624)
  #next = 624

  constructor(seed: number) {
    this.#state[0] = seed
    for (let i = 1; i < 624; i++) {
      const before = this.#state[i - 1] as number
      this.#state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
    }
  }

  #bits(): number {
    if (this.#next === 624) this.#renew()
    let y = this.#state[this.#next++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  #renew(): void {
    const state = this.#state
    for (let i = 0; i < 624; i++) {
      const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % 624] as number) & 0x7fffffff)
      state[i] = (state[(i + 397) % 624] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }

  /** A whole number from 0 to `most`: bits up to its highest, drawn again while they are more. */
  #upTo(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1
    for (;;) {
      const value = (this.#bits() & mask) >>> 0
      if (value <= most) return value
    }
  }

  /** The items in another order, that of `RandomState(seed).shuffle(items)`. */
  shuffled<T>(items: readonly T[]): T[] {
    const mixed = [...items]
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = this.#upTo(i)
      const kept = mixed[i] as T
      mixed[i] = mixed[j] as T
      mixed[j] = kept
    }
    return mixed
  }
}
