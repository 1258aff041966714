import { ArgumentError } from '../base/errors.ts'
import { abortSignal, anything, checked, func, number, optionsOf } from '../base/options.ts'
import type { Logs } from '../callbacks/callback.ts'
import { type ArrayData, toHostArray } from '../data/host-array.ts'
import { type Fold, kFold } from '../data/splits.ts'
import { takeRows } from '../data/train-test-split.ts'
import type { AnyModel } from '../models/model.ts'
import type { Data, FitOptions } from './fit-options.ts'

export interface CrossValidateOptions
  extends Pick<FitOptions, 'epochs' | 'batchSize' | 'classWeight' | 'signal'> {
  /** A number of equal folds in random order, or folds of `stratifiedKFold` and its like. Default 5. */
  readonly folds?: number | Iterable<Fold> | AsyncIterable<Fold>
  /** Makes the random order a function of this number. Default 0. */
  readonly seed?: number
  /** Called with the scores of each fold as it ends. Default none. */
  readonly onFold?: (fold: number, scores: Logs) => void
}

const crossValidateChecks = optionsOf<CrossValidateOptions>()({
  folds: anything,
  seed: number,
  onFold: func,
  epochs: number,
  batchSize: number,
  classWeight: anything,
  signal: abortSignal,
})

export interface CrossValidation {
  /** Loss and metrics on each fold's test set. */
  readonly folds: readonly Logs[]
  /** The mean of each over the folds. */
  readonly mean: Logs
  /** Their standard deviation (with n − 1): how much a score says. */
  readonly spread: Logs
}

/** Inputs and labels that a model takes. */
export interface LabelledData {
  readonly x: Data
  readonly y: Data
}

/** Samples as they come, before a tokenizer, a scaler or the like was fitted to them. */
export interface RawSamples<S> {
  readonly samples: readonly S[]
  /**
   * Fits what has to be fitted to the samples that a fold trains with, and gives the function that makes inputs and
   * labels of samples with it. That function is called with the fold's training samples and with its test samples, of
   * which the fitting has seen nothing.
   */
  readonly prepare: (training: readonly S[]) => Prepared<S> | Promise<Prepared<S>>
}

/** Inputs and labels of raw samples. */
export type Prepared<S> = (samples: readonly S[]) => LabelledData | Promise<LabelledData>

/**
 * Trains a fresh model on each fold and evaluates it on the samples that it has not seen.
 *
 * @param buildModel makes a new compiled model; called once a fold, with the data that it will train on.
 * @param data inputs and labels; or raw samples with a function that fits the preprocessing within each fold, lest the
 * test samples take part in it.
 * @throws ArgumentError if it gives the same model twice, which would know the other folds.
 * @example
 * const { mean, spread } = await crossValidate(buildModel, { x, y }, { folds: 10, epochs: 20 })
 * console.log(`accuracy ${mean.accuracy} ± ${spread.accuracy}`)
 * @example
 * await crossValidate(buildModel, {
 *   samples: reviews,
 *   prepare: (training) => {
 *     const words = vocabularyOf(training)
 *     return (some) => ({ x: some.map((review) => words.encode(review.text)), y: some.map(({ stars }) => stars) })
 *   },
 * })
 */
export async function crossValidate<S>(
  buildModel: (training: LabelledData) => AnyModel | Promise<AnyModel>,
  data: { readonly x: ArrayData; readonly y: ArrayData } | RawSamples<S>,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const { folds = 5, seed = 0, onFold, ...fit } = checked('crossValidate', options, crossValidateChecks)
  const seen = new Set<AnyModel>()
  const scores: Logs[] = []
  const count = 'samples' in data ? data.samples.length : await sampleCount(data.x)
  const splits = typeof folds === 'number' ? kFold(count, { folds, shuffle: true, seed }) : folds
  for await (const fold of splits) {
    const { train, test } = await partsOf(data, fold)
    const model = await buildModel(train)
    if (seen.has(model)) {
      throw new ArgumentError({
        where: 'crossValidate',
        expected: 'a new model from each call of buildModel',
        received: `'${model.name}' again, which has learned from another fold`,
      })
    }
    seen.add(model)
    await model.fit(train.x, train.y, { ...fit, verbose: 0 })
    const logs = await model.evaluate(test.x, test.y, { verbose: 0 })
    scores.push(logs)
    onFold?.(scores.length - 1, logs)
  }
  const over = (statistic: (values: readonly number[]) => number): Logs =>
    Object.fromEntries(
      Object.keys(scores[0] ?? {}).map((name) => [
        name,
        statistic(scores.map((logs) => logs[name] as number)),
      ]),
    )
  return { folds: scores, mean: over(mean), spread: over(deviation) }
}

/** What a fold trains with, and what it is evaluated on. */
async function partsOf<S>(
  data: { readonly x: ArrayData; readonly y: ArrayData } | RawSamples<S>,
  { train, test }: Fold,
): Promise<{ readonly train: LabelledData; readonly test: LabelledData }> {
  if ('samples' in data) {
    const at = (positions: Uint32Array): S[] => Array.from(positions, (i) => data.samples[i] as S)
    const training = at(train)
    const prepared = await data.prepare(training)
    return { train: await prepared(training), test: await prepared(at(test)) }
  }
  const rows = async (positions: Uint32Array): Promise<LabelledData> => ({
    x: await takeRows(data.x, positions),
    y: await takeRows(data.y, positions),
  })
  return { train: await rows(train), test: await rows(test) }
}

const sampleCount = async (x: ArrayData): Promise<number> =>
  (await toHostArray('crossValidate: x', x)).shape[0] ?? 0

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / Math.max(1, values.length - 1))
}
