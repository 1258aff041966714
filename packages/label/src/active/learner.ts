import { ArgumentError } from 'typegrad/core'
import type { Task } from '../annotations/task.ts'
import { type CheckedProposal, checkProposal, type Proposal } from './proposal.ts'
import { rank } from './ranking.ts'
import type { UncertaintyMeasure } from './uncertainty.ts'

export interface LearnerOptions<T extends Task, Sample, Labelled> {
  readonly task: T
  readonly classes: readonly string[]
  readonly measure: UncertaintyMeasure
  readonly diversity: boolean
  /** Labels between two trainings. */
  readonly retrainEvery: number
  /** The most samples that are proposed for in one round. */
  readonly pool: number
  readonly train: ((labelled: readonly Labelled[], signal: AbortSignal) => unknown) | undefined
  readonly propose: (
    samples: readonly Sample[],
    signal: AbortSignal,
  ) => PromiseLike<readonly Proposal<T>[]> | readonly Proposal<T>[]
  /** What has labels now. */
  readonly labelled: () => readonly Labelled[]
  /** Places of the samples that still need somebody. */
  readonly open: () => readonly number[]
  readonly sample: (place: number) => Sample
  readonly textLength: (place: number) => number | undefined
  /** Takes the new order: places of samples, the most wanted first. */
  readonly prefer: (order: readonly number[]) => void
  /** A random whole number below another, for what is proposed for where there are more than `pool`. */
  readonly below: (bound: number) => number
}

/** What a page shows of the model. */
export interface LearnerStatus {
  readonly state: 'waiting' | 'training' | 'proposing' | 'ready' | 'failed'
  /** Labels that the model has learnt from. */
  readonly trainedOn: number
  readonly rounds: number
  /** What went wrong in the last round. */
  readonly error?: string
}

/**
 * Lets a model learn from what is labelled, beside the labelling: one round at a time, train and then propose, whenever enough
 * new labels are there. A round that fails changes nothing but the status; the next one tries again.
 */
export class Learner<T extends Task, Sample, Labelled> {
  readonly #options: LearnerOptions<T, Sample, Labelled>
  readonly #proposals = new Map<number, CheckedProposal<T>>()
  readonly #stop = new AbortController()
  #status: LearnerStatus = { state: 'waiting', trainedOn: 0, rounds: 0 }
  #round: Promise<void> | undefined
  #news = 0

  constructor(options: LearnerOptions<T, Sample, Labelled>) {
    this.#options = options
  }

  get status(): LearnerStatus {
    return this.#status
  }

  proposalFor(place: number): CheckedProposal<T> | undefined {
    return this.#proposals.get(place)
  }

  /** Begins: a model that needs no training proposes at once, one that has labels from before learns from them. */
  start(): void {
    if (this.#options.train === undefined || this.#options.labelled().length > 0) this.#begin()
  }

  /** A label has come in. */
  noticed(): void {
    this.#news += 1
    if (this.#news >= this.#options.retrainEvery) this.#begin()
  }

  /** Resolves when no round is under way. */
  async idle(): Promise<void> {
    while (this.#round !== undefined) await this.#round
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.idle()
  }

  #begin(): void {
    if (this.#round !== undefined || this.#stop.signal.aborted) return
    this.#news = 0
    this.#round = this.#run().finally(() => {
      this.#round = undefined
      // What came in the meantime is a round of its own, unless this one failed: then the next label asks again.
      if (this.#news >= this.#options.retrainEvery && this.#status.state !== 'failed') this.#begin()
    })
  }

  async #run(): Promise<void> {
    const { train } = this.#options
    let { trainedOn } = this.#status
    try {
      if (train !== undefined) {
        const labelled = this.#options.labelled()
        this.#status = { ...this.#status, state: 'training' }
        await train(labelled, this.#stop.signal)
        trainedOn = labelled.length
      }
      this.#status = { state: 'proposing', trainedOn, rounds: this.#status.rounds }
      await this.#propose()
      this.#status = { state: 'ready', trainedOn, rounds: this.#status.rounds + 1 }
    } catch (error) {
      this.#status = { ...this.#status, state: 'failed', error: (error as Error).message ?? String(error) }
    }
  }

  async #propose(): Promise<void> {
    const { task, classes, measure, propose, prefer, diversity, retrainEvery } = this.#options
    const places = this.#pool()
    if (places.length === 0) return
    const found = await propose(
      places.map((place) => this.#options.sample(place)),
      this.#stop.signal,
    )
    if (!Array.isArray(found) || found.length !== places.length) {
      throw new ArgumentError({
        where: 'label: propose',
        expected: `an array of ${places.length} proposals, one for each sample`,
        received: Array.isArray(found) ? `${found.length}` : typeof found,
      })
    }
    const checked = places.map((place, i) =>
      checkProposal(task, classes, measure, found[i] as Proposal<T>, this.#options.textLength(place)),
    )
    for (const [i, place] of places.entries()) this.#proposals.set(place, checked[i] as CheckedProposal<T>)
    const isOpen = new Set(places)
    const known = [...this.#proposals]
      .filter(([place, { embedding }]) => !isOpen.has(place) && embedding !== undefined)
      .map(([, { embedding }]) => embedding as ArrayLike<number>)
    prefer(rank(checked, { diversity, batch: retrainEvery, known }).map((i) => places[i] as number))
  }

  /** All that is open, or a random part of it, in the order of the data. */
  #pool(): readonly number[] {
    const places = [...this.#options.open()]
    const { pool, below } = this.#options
    if (places.length <= pool) return places
    for (let i = 0; i < pool; i++) {
      const other = i + below(places.length - i)
      ;[places[i], places[other]] = [places[other] as number, places[i] as number]
    }
    return places.slice(0, pool).sort((a, b) => a - b)
  }
}
