import { ArgumentError, StateError } from '../base/errors.ts'
import {
  abortSignal,
  anything,
  boolean,
  checkOptions,
  func,
  number,
  type OptionChecks,
  oneOf,
  optionsOf,
  path,
} from '../base/options.ts'
import { hostRandom } from '../random/host.ts'
import { hyperbandBrackets } from './brackets.ts'
import { isBelowMedian } from './median-rule.ts'
import { SearchState } from './search-state.ts'
import { type Space, sample, type Uniform, type Values } from './space.ts'
import { suggest } from './tpe.ts'
import { bestOf, costOf, endingSearch, endsSearch, type Trial } from './trial.ts'

export type Strategy = 'random' | 'tpe' | 'hyperband'

export interface SearchOptions<S extends Space = Space> {
  /** How points are chosen. Default `'tpe'`. */
  readonly strategy?: Strategy
  /** Points to try. Default 20. Hyperband's number follows from `epochs` and `factor`. */
  readonly trials?: number
  /** What a trial gets at most. Default 10. */
  readonly epochs?: number
  /** Whether less or more is better. Default `'min'`. */
  readonly direction?: 'min' | 'max'
  /**
   * Whether trials end early that are worse than the median of those before (from the sixth on). Default true; not
   * for Hyperband, which stops trials in its own way.
   */
  readonly stopBadTrials?: boolean
  /** Hyperband: 1/factor of the trials goes on to the next round. Default 3. */
  readonly factor?: number
  /** TPE: trials at random before the first that is chosen. Default 10. */
  readonly startupTrials?: number
  /** TPE: points that are drawn for each parameter. Default 24. */
  readonly candidates?: number
  /** Makes the search a function of this number. Default 0. */
  readonly seed?: number
  /** Where the search is kept, to go on from after an interruption. Node only. Default: nowhere. */
  readonly folder?: string
  /** Ends the search after the current epoch: it then throws the signal's reason. Default none. */
  readonly signal?: AbortSignal
  /** Called with each trial as it ends; Hyperband's end once a round. Default none. */
  readonly onTrial?: (trial: Trial<S>) => void
}

export const searchChecks = optionsOf<SearchOptions>()({
  trials: anything,
  epochs: anything,
  strategy: anything,
  direction: oneOf('min', 'max'),
  stopBadTrials: boolean,
  factor: anything,
  startupTrials: anything,
  candidates: anything,
  seed: number,
  folder: path,
  signal: abortSignal,
  onTrial: func,
})

/** One trial's work, or a part of it. */
export interface TrialRun {
  readonly trial: number
  /** The trial's own, a function of the search's. */
  readonly seed: number
  /** Epochs that it has had in an earlier round of Hyperband. */
  readonly done: number
  /** Number of epochs after which it ends, those of earlier rounds among them. */
  readonly epochs: number
  /** To be called with the objective after each epoch. @returns whether the trial is to go on. */
  report(score: number): boolean
}

/** Tries a point of the space: trains, and reports the objective after each epoch. */
export type Evaluate<S extends Space> = (values: Values<S>, run: TrialRun) => void | Promise<void>

/** What the strategies do to try points. */
export class Search<S extends Space> {
  readonly #space: S
  readonly #evaluate: Evaluate<S>
  readonly #options: Required<Omit<SearchOptions<S>, 'folder' | 'signal' | 'onTrial'>>
  readonly #given: SearchOptions<S>
  readonly #dropped: (trial: number) => void
  readonly state: SearchState
  #trials: Trial<S>[] = []
  #firstFailure: unknown

  /**
   * @param settings what else makes the search what it is.
   * @param dropped told of Hyperband's trials that will not go on.
   * @throws ArgumentError for a space without parameters, and for numbers that are none.
   */
  constructor(
    space: S,
    evaluate: Evaluate<S>,
    options: SearchOptions<S>,
    settings: unknown = null,
    dropped: (trial: number) => void = () => {},
  ) {
    if (Object.keys(space).length === 0) {
      throw new ArgumentError({
        where: 'tune',
        expected: 'a space of at least one parameter',
        received: 'none',
      })
    }
    const {
      strategy = 'tpe',
      trials = 20,
      epochs = 10,
      direction = 'min',
      stopBadTrials = true,
      factor = 3,
      startupTrials = 10,
      candidates = 24,
      seed = 0,
    } = options
    this.#space = space
    this.#evaluate = evaluate
    this.#given = options
    this.#dropped = dropped
    this.#options = {
      strategy,
      trials,
      epochs,
      direction,
      stopBadTrials,
      factor,
      startupTrials,
      candidates,
      seed,
    }
    for (const [name, value, least] of [
      ['trials', trials, 1],
      ['epochs', epochs, 1],
      ['factor', factor, 2],
      ['startupTrials', startupTrials, 1],
      ['candidates', candidates, 1],
    ] as const) {
      if (Number.isInteger(value) && value >= least) continue
      throw new ArgumentError({
        where: `tune: ${name}`,
        expected: `a whole number of at least ${least}`,
        received: String(value),
      })
    }
    if (!['random', 'tpe', 'hyperband'].includes(strategy)) {
      throw new ArgumentError({
        where: 'tune: strategy',
        expected: "'random', 'tpe' or 'hyperband'",
        received: JSON.stringify(strategy),
      })
    }
    // More trials may be added to a search that has ended.
    const { trials: _, ...kept } = this.#options
    this.state = new SearchState(options.folder, { space, ...kept, settings })
  }

  /**
   * @param resumed told of the trials that the folder has.
   * @returns all trials, the best first; of equals the earlier one.
   * @throws StateError if another search is under way in the folder; otherwise as `SearchState.read`.
   */
  run(resumed: (saved: readonly Trial[]) => void = () => {}): Promise<readonly Trial<S>[]> {
    return this.state.alone(() => this.#run(resumed))
  }

  async #run(resumed: (saved: readonly Trial[]) => void): Promise<readonly Trial<S>[]> {
    const saved = await this.state.read(this.#space, this.#options.epochs)
    resumed(saved)
    this.#trials = [...saved] as unknown as Trial<S>[]
    if (this.#options.strategy === 'hyperband') await this.#hyperband()
    else await this.#oneByOne()
    const { direction } = this.#options
    if (this.#trials.every(({ status }) => status === 'failed')) throw this.#allFailed()
    const isFailed = ({ status }: Trial<S>) => Number(status === 'failed')
    return [...this.#trials].sort(
      (a, b) =>
        isFailed(a) - isFailed(b) ||
        // Two trials without a number are equal, which ∞ − ∞ does not say.
        Math.sign(costOf(a.score, direction) - costOf(b.score, direction)) ||
        a.id - b.id,
    )
  }

  async #oneByOne(): Promise<void> {
    const { strategy, trials, epochs, startupTrials, candidates, stopBadTrials, direction } = this.#options
    for (let id = this.#trials.length; id < trials; id++) {
      const observed = this.#trials.map(({ values, score }) => ({ values, cost: costOf(score, direction) }))
      const uniform = this.#uniform(id)
      const values =
        strategy === 'tpe'
          ? suggest(this.#space, observed, uniform, { startupTrials, candidates })
          : sample(this.#space, uniform)
      const complete = this.#trials.filter(({ status }) => status === 'complete')
      const others = complete.map(({ scores }) => scores.map((score) => costOf(score, direction)))
      const isBad = (scores: readonly number[]) =>
        stopBadTrials &&
        isBelowMedian(
          scores.map((score) => costOf(score, direction)),
          others,
        )
      await this.#try(
        { id, values: values as Values<S>, scores: [], score: Number.NaN, status: 'complete' },
        epochs,
        isBad,
      )
    }
  }

  async #hyperband(): Promise<void> {
    const { epochs, factor, direction } = this.#options
    let first = 0
    for (const rungs of hyperbandBrackets(epochs, factor)) {
      let ids = Array.from({ length: rungs[0]?.trials ?? 0 }, (_, i) => first + i)
      first += ids.length
      for (const [round, rung] of rungs.entries()) {
        // Who goes on is decided by what was known at the end of the round before, whenever this one is resumed.
        const before = rungs[round - 1]?.epochs ?? 0
        const cost = (id: number) =>
          costOf(bestOf((this.#trials[id]?.scores ?? []).slice(0, before), direction), direction)
        if (round > 0) {
          ids = ids.sort((a, b) => cost(a) - cost(b) || a - b)
          for (const id of ids.splice(rung.trials)) this.#dropped(id)
        }
        for (const id of [...ids].sort((a, b) => a - b)) {
          const known = this.#trials[id]
          if (known?.status === 'failed' || (known?.scores.length ?? 0) >= rung.epochs) continue
          const values = known?.values ?? (sample(this.#space, this.#uniform(id)) as Values<S>)
          const status = rung.epochs === epochs ? 'complete' : 'halved'
          await this.#try(
            { id, values, scores: known?.scores ?? [], score: Number.NaN, status },
            rung.epochs,
            () => false,
          )
        }
      }
    }
  }

  /** Runs a trial up to so many epochs and keeps what came of it. */
  async #try(begun: Trial<S>, epochs: number, isBad: (scores: readonly number[]) => boolean): Promise<void> {
    const { direction } = this.#options
    const { signal, onTrial } = this.#given
    signal?.throwIfAborted()
    const scores = [...begun.scores]
    const done = scores.length
    let isStopped = false
    const seed = hostRandom(this.#options.seed, begun.id, 1)(2 ** 31)
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#evaluate(begun.values, {
        trial: begun.id,
        seed,
        done,
        epochs,
        report: (score) => {
          scores.push(score)
          isStopped ||= isBad(scores)
          return !isStopped && signal?.aborted !== true
        },
      })
      if (scores.length === done && signal?.aborted !== true) throw noObjective(begun.values)
    } catch (error) {
      if (endsSearch(error)) throw error
      failure = { error }
      this.#firstFailure ??= error
      this.#dropped(begun.id)
    }
    signal?.throwIfAborted()
    const trial: Trial<S> =
      failure === undefined
        ? { ...begun, scores, score: bestOf(scores, direction), status: isStopped ? 'stopped' : begun.status }
        : { ...begun, scores, score: Number.NaN, status: 'failed', error: messageOf(failure.error) }
    this.#trials[trial.id] = trial
    await this.state.write(this.#trials as unknown as Trial[])
    onTrial?.(trial)
  }

  /** What the first trial threw, if that was now; otherwise what is known of it. */
  #allFailed(): unknown {
    const [first] = this.#trials
    if (this.#firstFailure !== undefined) return this.#firstFailure
    return new StateError({
      where: 'tune',
      expected: 'at least one trial that ends without an error',
      received: `${this.#trials.length} that failed; the first: ${first?.error}`,
      fix: 'Mend buildModel or the space, and give the search a new folder.',
    })
  }

  #uniform(id: number): Uniform {
    const below = hostRandom(this.#options.seed, id)
    return () => below(2 ** 32) / 2 ** 32
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 1000)

const noObjective = (values: unknown): ArgumentError =>
  endingSearch(
    new ArgumentError({
      where: 'tune',
      expected: 'an objective after each epoch',
      received: `a trial (${JSON.stringify(values)}) that has reported none`,
    }),
  )

/**
 * Tries points of a space and looks for the best of a function: {@link tune} without a model.
 *
 * @param evaluate is given a point, and calls `report` with the objective after each epoch (or once).
 * @returns all trials, the best first.
 * @throws ArgumentError for options that make no sense; StateError for the folder of another search, or one in which a
 * search is under way.
 * @example
 * const [best] = await search(
 *   { x: space.float({ min: -5, max: 5 }) },
 *   ({ x }, { report }) => { report((x - 1) ** 2) },
 *   { trials: 50, epochs: 1 },
 * )
 */
export const search = async <S extends Space>(
  space: S,
  evaluate: Evaluate<S>,
  options: SearchOptions<S> = {},
): Promise<readonly Trial<S>[]> => {
  checkOptions('search', options, searchChecks as OptionChecks<SearchOptions<S>>)
  return new Search(space, evaluate, options).run()
}
