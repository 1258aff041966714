import { ArgumentError, DataError } from '../base/errors.ts'
import { boolean, checked, checkOptions, number, optionsOf } from '../base/options.ts'
import { shuffledOrder } from '../random/host.ts'

/** Positions of samples to learn from and of samples to be judged on. */
export interface Fold {
  readonly train: Uint32Array
  readonly test: Uint32Array
}

export interface FoldOptions {
  /** Number of folds. Default 5. */
  readonly folds?: number
  /** Whether samples are taken in random order. Default false: as they stand. */
  readonly shuffle?: boolean
  /** Makes the random order a function of this number. Default 0. */
  readonly seed?: number
}

const foldChecks = optionsOf<FoldOptions>()({ folds: number, shuffle: boolean, seed: number })
const countChecks = optionsOf<Pick<FoldOptions, 'folds'>>()({ folds: number })

/** Classes or groups, one for each sample. */
export type SampleLabels = ArrayLike<number | bigint | string>

/**
 * Folds of equal size (the first ones hold the remainder): every sample is in one test set.
 *
 * @throws ArgumentError for fewer than 2 folds or more than there are samples.
 * @example
 * for await (const { train, test } of kFold(100, { folds: 5, shuffle: true })) …
 */
export async function* kFold(samples: number, options: FoldOptions = {}): AsyncGenerator<Fold> {
  checkOptions('kFold', options, foldChecks)
  const folds = checkedFolds('kFold', samples, options)
  const order = await orderOf(samples, options)
  let start = 0
  for (let fold = 0; fold < folds; fold++) {
    const size = Math.floor(samples / folds) + (fold < samples % folds ? 1 : 0)
    yield foldOf(samples, order.subarray(start, start + size))
    start += size
  }
}

/**
 * Folds with the classes in the proportions that they have in all samples.
 *
 * @throws DataError for a class with fewer samples than folds, naming it.
 */
export async function* stratifiedKFold(
  labels: SampleLabels,
  options: FoldOptions = {},
): AsyncGenerator<Fold> {
  checkOptions('stratifiedKFold', options, foldChecks)
  const folds = checkedFolds('stratifiedKFold', labels.length, options)
  const classes = byLabel(labels)
  for (const [label, members] of classes) {
    if (members.length >= folds) continue
    throw new DataError({
      where: 'stratifiedKFold',
      expected: `at least ${folds} samples of each class, one a fold`,
      received: `${members.length} of class ${String(label)}`,
      fix: 'Use fewer folds.',
    })
  }
  const assigned = new Uint32Array(labels.length)
  const counts = dealt(labels, folds)
  let number = 0
  for (const members of classes.values()) {
    // The class's samples in their order (or a random one) go to the folds that were dealt to it, in turn.
    const order = await orderOf(members.length, options, number)
    let next = 0
    for (let fold = 0; fold < folds; fold++) {
      for (let i = 0; i < (counts[fold]?.[number] as number); i++, next++) {
        assigned[members[order[next] as number] as number] = fold
      }
    }
    number += 1
  }
  for (let fold = 0; fold < folds; fold++) yield foldOf(labels.length, positions(assigned, fold))
}

/**
 * Folds that keep each group whole: no group is in both sets. Groups go to the smallest fold so far, the
 * largest group first.
 *
 * @throws ArgumentError for fewer groups than folds.
 */
export async function* groupKFold(
  groups: SampleLabels,
  options: Pick<FoldOptions, 'folds'> = {},
): AsyncGenerator<Fold> {
  const { folds = 5 } = checked('groupKFold', options, countChecks)
  const members = byLabel(groups)
  checkedFolds('groupKFold', members.size, { folds }, 'groups')
  const sizes = new Array<number>(folds).fill(0)
  const assigned = new Uint32Array(groups.length)
  // Of equal groups the one that sorts last comes first, as in scikit-learn.
  const sorted = [...members].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? 1 : -1))
  for (const [, samples] of sorted) {
    const smallest = sizes.indexOf(Math.min(...sizes))
    sizes[smallest] = (sizes[smallest] as number) + samples.length
    for (const sample of samples) assigned[sample] = smallest
  }
  for (let fold = 0; fold < folds; fold++) yield foldOf(groups.length, positions(assigned, fold))
}

/**
 * Folds in the order of time: each is judged on what comes after all that it learned from.
 *
 * @throws ArgumentError for as many folds as samples.
 */
export async function* timeSeriesSplit(
  samples: number,
  options: Pick<FoldOptions, 'folds'> = {},
): AsyncGenerator<Fold> {
  const { folds = 5 } = checked('timeSeriesSplit', options, countChecks)
  checkedFolds('timeSeriesSplit', samples - 1, { folds })
  const size = Math.floor(samples / (folds + 1))
  const order = await orderOf(samples, {})
  for (let fold = 0; fold < folds; fold++) {
    const start = samples - (folds - fold) * size
    yield { train: order.slice(0, start), test: order.slice(start, start + size) }
  }
}

function checkedFolds(
  where: string,
  available: number,
  { folds = 5 }: FoldOptions,
  what = 'samples',
): number {
  if (Number.isInteger(folds) && folds >= 2 && folds <= available) return folds
  throw new ArgumentError({
    where,
    expected: `from 2 to ${available} folds, for ${available} ${what}`,
    received: String(folds),
  })
}

const orderOf = async (
  samples: number,
  { shuffle = false, seed = 0 }: FoldOptions,
  key = 0,
): Promise<Uint32Array> =>
  shuffle ? shuffledOrder(samples, seed, key) : Uint32Array.from({ length: samples }, (_, i) => i)

/** The test set and all others, both in the order of the data. */
export function foldOf(samples: number, test: Uint32Array): Fold {
  const inTest = new Set(test)
  const train = Uint32Array.from({ length: samples }, (_, i) => i).filter((i) => !inTest.has(i))
  return { train, test: test.slice().sort() }
}

function positions(assigned: Uint32Array, fold: number): Uint32Array {
  const found: number[] = []
  assigned.forEach((f, i) => {
    if (f === fold) found.push(i)
  })
  return Uint32Array.from(found)
}

/** Positions of each label's samples, the labels in the order in which they first occur. */
export function byLabel(labels: SampleLabels): Map<number | bigint | string, number[]> {
  const members = new Map<number | bigint | string, number[]>()
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number | bigint | string
    const list = members.get(label)
    if (list === undefined) members.set(label, [i])
    else list.push(i)
  }
  return members
}

/**
 * How many samples of each class a fold gets: the sorted labels are dealt like cards, so that folds differ by
 * one at most in each class and in all (scikit-learn's way).
 */
function dealt(labels: SampleLabels, folds: number): number[][] {
  const classes = [...byLabel(labels)]
  const counts = Array.from({ length: folds }, () => classes.map(() => 0))
  let card = 0
  classes.forEach(([, members], number) => {
    for (let i = 0; i < members.length; i++, card++) {
      const row = counts[card % folds] as number[]
      row[number] = (row[number] as number) + 1
    }
  })
  return counts
}
