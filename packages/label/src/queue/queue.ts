/**
 * `queue/`: which sample is whose: an order, and samples that are lent to one person at a time. It knows neither what samples hold
 * nor what is said of them, and no clock but the one that it is given.
 */

export interface QueueOptions {
  /** How many samples there are. */
  readonly count: number
  /** How many people are to label each. */
  readonly perSample: number
  /** How long a sample is lent, in milliseconds. */
  readonly lendFor: number
  /** The time in milliseconds. */
  readonly now: () => number
  /** Whether a person has said something of a sample, a skip included. */
  readonly hasSpoken: (sample: number, person: string) => boolean
  /** How many people have labelled a sample. */
  readonly labels: (sample: number) => number
}

interface Loan {
  readonly sample: number
  readonly until: number
}

/** What somebody is to do next; `waiting` while others hold all that is left. */
export type Next = { readonly sample: number } | 'waiting' | 'done'

export class Queue {
  readonly #options: QueueOptions
  #order: readonly number[]
  /** One a person. */
  readonly #loans = new Map<string, Loan>()

  constructor(options: QueueOptions) {
    this.#options = options
    this.#order = Array.from({ length: options.count }, (_, i) => i)
  }

  /** Puts some samples in front, in this order; all others follow in the order of the data. */
  prefer(first: readonly number[]): void {
    const front = new Set(first)
    const rest = Array.from({ length: this.#options.count }, (_, i) => i).filter((i) => !front.has(i))
    this.#order = [...front, ...rest]
  }

  /** Lends a person the next sample: the one that they hold already, or the first that needs somebody and that they may have. */
  next(person: string): Next {
    const { now, hasSpoken } = this.#options
    const held = this.#loans.get(person)
    if (held !== undefined && held.until > now() && !hasSpoken(held.sample, person))
      return this.#lend(person, held.sample)
    this.#loans.delete(person)
    const lent = this.#lentCounts()
    let isHeldByOthers = false
    for (const sample of this.#order) {
      if (hasSpoken(sample, person)) continue
      const missing = this.#options.perSample - this.#options.labels(sample)
      if (missing <= 0) continue
      if (missing > (lent.get(sample) ?? 0)) return this.#lend(person, sample)
      isHeldByOthers = true
    }
    return isHeldByOthers ? 'waiting' : 'done'
  }

  /** Takes back what a person holds. */
  release(person: string): void {
    this.#loans.delete(person)
  }

  /** How many people hold each sample at this moment. */
  #lentCounts(): ReadonlyMap<number, number> {
    const now = this.#options.now()
    const counts = new Map<number, number>()
    for (const [person, { sample, until }] of this.#loans) {
      if (until <= now) this.#loans.delete(person)
      else counts.set(sample, (counts.get(sample) ?? 0) + 1)
    }
    return counts
  }

  #lend(person: string, sample: number): Next {
    this.#loans.set(person, { sample, until: this.#options.now() + this.#options.lendFor })
    return { sample }
  }
}
