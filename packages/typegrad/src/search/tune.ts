import { ArgumentError } from '../base/errors.ts'
import {
  anything,
  boolean,
  checkOptions,
  number,
  type OptionChecks,
  optionsOf,
  string,
} from '../base/options.ts'
import { Callback, type Logs } from '../callbacks/callback.ts'
import { directionOf } from '../callbacks/monitor.ts'
import type { AnyModel, Model, Prediction } from '../models/model.ts'
import { setRandomSeed } from '../random/generator.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Data, FitOptions } from '../training/fit-options.ts'
import { readInputs } from '../training/read-inputs.ts'
import { isStream } from '../training/stream-source.ts'
import { Search, type SearchOptions, searchChecks } from './search.ts'
import type { Space, Values } from './space.ts'
import { costOf, endingSearch, type Trial } from './trial.ts'

export interface TuneOptions<S extends Space = Space>
  extends SearchOptions<S>,
    Pick<
      FitOptions,
      | 'batchSize'
      | 'validationSplit'
      | 'validationData'
      | 'classWeight'
      | 'sampleWeight'
      | 'stepsPerEpoch'
      | 'validationSteps'
      | 'shuffle'
    > {
  /** The log that counts. Default `'val_loss'`. `direction` follows from its name where it is not given. */
  readonly objective?: string
}

const tuneChecks = optionsOf<TuneOptions>()({
  objective: string,
  ...searchChecks,
  batchSize: number,
  validationSplit: number,
  validationData: anything,
  classWeight: anything,
  sampleWeight: anything,
  stepsPerEpoch: number,
  validationSteps: number,
  shuffle: boolean,
})

export interface Tuning<S extends Space, P extends Prediction> {
  /** All trials, the best first. */
  readonly trials: readonly Trial<S>[]
  readonly best: Trial<S>
  /** The best trial's model with the weights of its best epoch, compiled. */
  bestModel(): Promise<Model<P>>
}

/**
 * Searches the options of a model: trains a model for each of several points of a space and compares an objective.
 *
 * Trials are trained one after another, each with a random seed of its own (which `setRandomSeed` sets), so that a
 * search that was killed and is called again with the same `folder` goes on with the same trials and ends the same.
 * A trial that throws is kept as failed, with its error, and the search goes on; so is one whose model cannot be built.
 * Hyperband keeps the models of a bracket in memory; after an interruption it trains those that go on anew.
 *
 * @param buildModel makes a compiled model of a point.
 * @param data as `fit` takes it; give `validationData` or `validationSplit` for an objective of the validation.
 * @throws ArgumentError for options that make no sense, or an objective that the logs do not have; StateError for
 * the folder of another search, or one in which a search is under way; FormatError for a folder whose file is damaged; what the first trial threw, if all
 * have failed.
 * @example
 * const { best, bestModel } = await tune(
 *   ({ units, learningRate }) => {
 *     const model = sequential([layers.dense({ units, activation: 'relu', inputShape: [4] }), layers.dense({ units: 1 })])
 *     model.compile({ optimizer: optimizers.adam({ learningRate }), loss: 'mse' })
 *     return model
 *   },
 *   { units: space.int({ min: 4, max: 64, log: true }), learningRate: space.float({ min: 1e-4, max: 1e-1, log: true }) },
 *   { x, y },
 *   { trials: 30, epochs: 20, validationSplit: 0.2, folder: 'runs/search' },
 * )
 */
export async function tune<S extends Space, P extends Prediction = Tensor>(
  buildModel: (values: Values<S>) => Model<P> | Promise<Model<P>>,
  space: S,
  { x, y }: { readonly x: Data; readonly y: Data | null },
  given: TuneOptions<S> = {},
): Promise<Tuning<S, P>> {
  checkOptions('tune', given, tuneChecks as OptionChecks<TuneOptions<S>>)
  const { objective = 'val_loss', direction, ...options } = given
  const { batchSize, validationSplit, validationData, classWeight, sampleWeight } = options
  const { stepsPerEpoch, validationSteps, shuffle, signal } = options
  const forFit = {
    batchSize,
    validationSplit,
    validationData,
    classWeight,
    sampleWeight,
    stepsPerEpoch,
    validationSteps,
    shuffle,
    signal,
  }
  const fit = Object.fromEntries(
    Object.entries(forFit).filter(([, value]) => value !== undefined),
  ) as FitOptions
  const better = directionOf('tune', objective, direction ?? 'auto')
  const underWay = new Map<number, Model<P>>()
  const seen = new WeakSet<Model<P>>()
  const keeper = new BestWeights(better)

  const run = new Search<S>(
    space,
    async (values, { trial, seed, done, epochs, report }) => {
      let model = underWay.get(trial)
      if (model === undefined) {
        setRandomSeed(seed)
        model = await buildModel(values)
        if (seen.has(model)) throw endingSearch(sameModel(model.name))
        seen.add(model)
      }
      // A model of an interrupted search is trained from its beginning: it comes to be what it was.
      const initialEpoch = underWay.has(trial) ? done : 0
      underWay.set(trial, model)
      const watch = new Watch(objective, (epoch, score) => {
        keeper.offer(trial, score, model)
        if (epoch >= done && !report(score)) model.stopTraining = true
      })
      await model.fit(x, y, { ...fit, epochs, initialEpoch, verbose: 0, callbacks: [watch] })
      // Only Hyperband comes back to a trial, and not to one that had all its epochs.
      if (options.strategy !== 'hyperband' || epochs === (options.epochs ?? 10)) underWay.delete(trial)
      await keeper.save(await run.state.path(weightsFile))
    },
    { ...options, direction: better },
    { objective, batchSize: batchSize ?? null, validationSplit: validationSplit ?? 0 },
    (trial) => underWay.delete(trial),
  )
  const trials = await run.run((saved) => keeper.know(saved))
  const best = trials[0] as Trial<S>

  return {
    trials,
    best,
    async bestModel() {
      const model = await buildModel(best.values)
      if (!model.built && !isStream(x)) await readInputs('tune', model as AnyModel, x, { allowNaN: true })
      const weights = keeper.weightsOf(best.id)
      if (weights !== undefined) model.setWeights(weights)
      else await model.loadWeights((await run.state.path(weightsFile)) as string)
      return model
    },
  }
}

const weightsFile = 'best.safetensors'

const sameModel = (name: string): ArgumentError =>
  new ArgumentError({
    where: 'tune',
    expected: 'a new model from each call of buildModel',
    received: `'${name}' again, which has learned in another trial`,
  })

/** Hands the objective on after each epoch. */
class Watch extends Callback {
  override readonly addsLogs = []
  override readonly seesAllLogs = true
  readonly #objective: string
  readonly #heed: (epoch: number, score: number) => void

  constructor(objective: string, heed: (epoch: number, score: number) => void) {
    super()
    this.#objective = objective
    this.#heed = heed
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const score = logs[this.#objective]
    if (score === undefined) {
      throw endingSearch(
        new ArgumentError({
          where: 'tune: objective',
          expected: `one of ${Object.keys(logs).join(', ')}`,
          received: `'${this.#objective}'`,
          fix: 'Give validationData or validationSplit for an objective of the validation.',
        }),
      )
    }
    this.#heed(epoch, score)
  }
}

/** The weights of the best epoch of all trials. */
class BestWeights {
  readonly #direction: 'min' | 'max'
  #cost = Number.POSITIVE_INFINITY
  #trial: number | undefined
  #weights: readonly Tensor[] | undefined
  #model: Model<Prediction> | undefined
  #isSaved = true

  constructor(direction: 'min' | 'max') {
    this.#direction = direction
  }

  /** Trials of an interrupted search, the best of which has left its weights in the file. */
  know(trials: readonly Trial[]): void {
    for (const { id, score, status } of trials) {
      if (status === 'failed') continue
      const cost = costOf(score, this.#direction)
      if (this.#trial === undefined || cost < this.#cost) [this.#trial, this.#cost] = [id, cost]
    }
  }

  offer(trial: number, score: number, model: Model<Prediction>): void {
    const cost = costOf(score, this.#direction)
    // The first of equals, as in the order of the trials.
    if (this.#trial !== undefined && (cost > this.#cost || (cost === this.#cost && trial >= this.#trial)))
      return
    this.#cost = cost
    this.#trial = trial
    this.#weights = model.getWeights()
    this.#model = model
    this.#isSaved = false
  }

  async save(path: string | undefined): Promise<void> {
    if (path === undefined || this.#isSaved || this.#model === undefined) return
    const now = this.#model.getWeights()
    this.#model.setWeights(this.#weights as readonly Tensor[])
    await this.#model.saveWeights(path)
    this.#model.setWeights(now)
    this.#isSaved = true
  }

  weightsOf(trial: number): readonly Tensor[] | undefined {
    return trial === this.#trial ? this.#weights : undefined
  }
}
