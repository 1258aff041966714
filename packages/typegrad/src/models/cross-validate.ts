import { ArgumentError } from '../base/errors.ts'
import type { Logs } from '../callbacks/callback.ts'
import { type ArrayData, toHostArray } from '../data/host-array.ts'
import { type Fold, kFold } from '../data/splits.ts'
import { takeRows } from '../data/train-test-split.ts'
import type { FitOptions } from './fit-options.ts'
import type { AnyModel } from './model.ts'

export interface CrossValidateOptions
  extends Pick<FitOptions, 'epochs' | 'batchSize' | 'classWeight' | 'signal'> {
  /** A number of equal folds in random order, or folds of `stratifiedKFold` and its like. Default 5. */
  readonly folds?: number | Iterable<Fold> | AsyncIterable<Fold>
  /** Makes the random order a function of this number. Default 0. */
  readonly seed?: number
  /** Called with the scores of each fold as it ends. */
  readonly onFold?: (fold: number, scores: Logs) => void
}

export interface CrossValidation {
  /** Loss and metrics on each fold's test set. */
  readonly folds: readonly Logs[]
  /** The mean of each over the folds. */
  readonly mean: Logs
  /** Their standard deviation (with n − 1): how much a score says. */
  readonly spread: Logs
}

/**
 * Trains a fresh model on each fold and judges it on the samples that it has not seen.
 *
 * @param buildModel makes a new compiled model; called once a fold.
 * @throws ArgumentError if it gives the same model twice, which would know the other folds.
 * @example
 * const { mean, spread } = await crossValidate(buildModel, { x, y }, { folds: 10, epochs: 20 })
 * console.log(`accuracy ${mean.accuracy} ± ${spread.accuracy}`)
 */
export async function crossValidate(
  buildModel: () => AnyModel | Promise<AnyModel>,
  { x, y }: { readonly x: ArrayData; readonly y: ArrayData },
  { folds = 5, seed = 0, onFold, ...fit }: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const seen = new Set<AnyModel>()
  const scores: Logs[] = []
  const splits =
    typeof folds === 'number' ? kFold(await sampleCount(x), { folds, shuffle: true, seed }) : folds
  for await (const { train, test } of splits) {
    const model = await buildModel()
    if (seen.has(model)) {
      throw new ArgumentError({
        where: 'crossValidate',
        expected: 'a new model from each call of buildModel',
        received: `'${model.name}' again, which has learned from another fold`,
      })
    }
    seen.add(model)
    await model.fit(await takeRows(x, train), await takeRows(y, train), { ...fit, verbose: 0 })
    const logs = await model.evaluate(await takeRows(x, test), await takeRows(y, test), { verbose: 0 })
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

const sampleCount = async (x: ArrayData): Promise<number> =>
  (await toHostArray('crossValidate: x', x)).shape[0] ?? 0

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / Math.max(1, values.length - 1))
}
