import { typedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, checked, number, optionsOf } from '../base/options.ts'
import { sizeOf } from '../base/shape.ts'
import { shuffledOrder } from '../random/host.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { type ArrayData, gatherRows, toHostArray } from './host-array.ts'
import { byLabel, foldOf, type SampleLabels } from './splits.ts'

/** The samples at these positions, in this order. */
export async function takeRows(data: ArrayData, positions: Uint32Array): Promise<Tensor> {
  const source = await toHostArray('takeRows', data)
  const shape = [positions.length, ...source.shape.slice(1)]
  const taken = typedArray(source.dtype, sizeOf(shape))
  gatherRows(source, positions, 0, positions.length, taken)
  return fromData(taken, shape, source.dtype)
}

export interface TrainTestSplitOptions {
  /** The share that is held back. Default 0.25. */
  readonly testSize?: number
  /** Whether samples are taken in random order. Default true. */
  readonly shuffle?: boolean
  /** Makes the random order a function of this number. Default 0. */
  readonly seed?: number
  /** Classes, one for each sample, that both parts are to have in the same proportions. Default none. */
  readonly stratify?: SampleLabels
}

const splitChecks = optionsOf<TrainTestSplitOptions>()({
  testSize: number,
  shuffle: boolean,
  seed: number,
  stratify: anything,
})

/** The same samples of every array, in two parts. */
export interface TrainTestSplit {
  readonly train: Tensor[]
  readonly test: Tensor[]
}

/**
 * Holds samples back for a judgement that training has not seen.
 *
 * @param arrays of one length: inputs, labels, weights.
 * @throws ArgumentError for a share that leaves one side empty, or arrays of different lengths.
 * @example
 * const { train: [x, y], test: [xTest, yTest] } = await trainTestSplit([images, labels], { testSize: 0.2, seed: 1 })
 */
export async function trainTestSplit(
  arrays: readonly ArrayData[],
  options: TrainTestSplitOptions = {},
): Promise<TrainTestSplit> {
  const {
    testSize = 0.25,
    shuffle = true,
    seed = 0,
    stratify,
  } = checked('trainTestSplit', options, splitChecks)
  const hosts = await Promise.all(arrays.map((array, i) => toHostArray(`trainTestSplit: array ${i}`, array)))
  const lengths = hosts.map(({ shape }) => shape[0] ?? 0)
  const samples = lengths[0] ?? 0
  if (samples === 0 || lengths.some((length) => length !== samples)) {
    throw new ArgumentError({
      where: 'trainTestSplit',
      expected: 'arrays with the same number of samples, at least one',
      received: lengths.join(' and ') || 'none',
    })
  }
  const held = Math.ceil(samples * testSize)
  if (!(testSize > 0 && testSize < 1) || held >= samples) {
    throw new ArgumentError({
      where: 'trainTestSplit: testSize',
      expected: `a share between 0 and 1 that leaves samples on both sides of ${samples}`,
      received: String(testSize),
    })
  }
  const groups = stratify === undefined ? [allOf(samples)] : strata(stratify, samples)
  const test = await heldBack(groups, held / samples, held, shuffle ? seed : undefined)
  const fold = foldOf(samples, test)
  const take = (positions: Uint32Array) => Promise.all(arrays.map((array) => takeRows(array, positions)))
  return { train: await take(fold.train), test: await take(fold.test) }
}

const allOf = (samples: number): number[] => Array.from({ length: samples }, (_, i) => i)

function strata(labels: SampleLabels, samples: number): number[][] {
  const groups = [...byLabel(labels).values()]
  if (labels.length === samples && groups.every((members) => members.length > 1)) return groups
  throw new ArgumentError({
    where: 'trainTestSplit: stratify',
    expected: `a class for each of the ${samples} samples, and at least two samples of each class`,
    received: labels.length === samples ? 'a class with one sample' : `${labels.length} classes`,
  })
}

/**
 * The last samples of each group (or random ones), as many as its share. What rounding down leaves goes to the
 * groups that lost most by it.
 */
async function heldBack(
  groups: readonly (readonly number[])[],
  share: number,
  total: number,
  seed: number | undefined,
): Promise<Uint32Array> {
  const counts = groups.map((members) => Math.floor(members.length * share))
  const left = total - counts.reduce((a, b) => a + b, 0)
  const lost = groups.map((members, i) => [members.length * share - (counts[i] as number), i] as const)
  for (const [, i] of lost.sort(([a, i], [b, j]) => b - a || i - j).slice(0, left))
    counts[i] = (counts[i] as number) + 1
  const held: number[] = []
  for (const [i, members] of groups.entries()) {
    const order = seed === undefined ? undefined : await shuffledOrder(members.length, seed, i)
    const first = members.length - (counts[i] as number)
    for (let k = first; k < members.length; k++) held.push(members[order?.[k] ?? k] as number)
  }
  return Uint32Array.from(held)
}
