import { describe, expect, test } from 'vitest'
import { readGolden } from '../testing/golden.ts'
import { type Fold, groupKFold, kFold, stratifiedKFold, timeSeriesSplit } from './splits.ts'

interface GoldenSplits {
  readonly labels: readonly number[]
  readonly groups: readonly number[]
  readonly cases: readonly {
    readonly splitter: 'kFold' | 'stratifiedKFold' | 'groupKFold' | 'timeSeriesSplit'
    readonly folds: number
    readonly tests: readonly (readonly number[])[]
    readonly trains: readonly (readonly number[])[]
  }[]
}

const { labels, groups, cases } = readGolden<GoldenSplits>('splits.json')

const splitters = {
  kFold: (folds: number) => kFold(labels.length, { folds }),
  stratifiedKFold: (folds: number) => stratifiedKFold(labels, { folds }),
  groupKFold: (folds: number) => groupKFold(groups, { folds }),
  timeSeriesSplit: (folds: number) => timeSeriesSplit(labels.length, { folds }),
}

test.each(cases.map((golden) => [golden.splitter, golden.folds, golden] as const))(
  "%s with %i folds is scikit-learn's",
  async (splitter, folds, { tests, trains }) => {
    const made = await collect(splitters[splitter](folds))
    expect(made.map(({ test: positions }) => Array.from(positions))).toEqual(tests)
    expect(made.map(({ train }) => Array.from(train))).toEqual(trains)
  },
)

async function collect(folds: AsyncGenerator<Fold>): Promise<Fold[]> {
  const all: Fold[] = []
  for await (const fold of folds) all.push(fold)
  return all
}

/** Every sample in one test set, and in all other training sets. */
function partition(folds: readonly Fold[], samples: number): void {
  const seen = folds.flatMap(({ test: positions }) => Array.from(positions)).sort((a, b) => a - b)
  expect(seen).toEqual(Array.from({ length: samples }, (_, i) => i))
  for (const { train, test: positions } of folds) expect(train.length + positions.length).toBe(samples)
}

describe('shuffled', () => {
  test('every sample is tested once, in an order that is a function of the seed', async () => {
    const make = (seed: number) => collect(kFold(50, { folds: 4, shuffle: true, seed }))
    const folds = await make(1)
    partition(folds, 50)
    expect(await make(1)).toEqual(folds)
    expect(await make(2)).not.toEqual(folds)
  })

  test('stratified folds keep the proportions', async () => {
    const many = Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? 'rare' : 'common'))
    const folds = await collect(stratifiedKFold(many, { folds: 3, shuffle: true, seed: 5 }))
    partition(folds, 90)
    for (const { test: positions } of folds) {
      expect(Array.from(positions).filter((i) => many[i] === 'rare').length).toBe(10)
    }
  })
})

describe('refused', () => {
  test.each<[string, () => AsyncGenerator<Fold>, RegExp]>([
    ['more folds than samples', () => kFold(3, { folds: 4 }), /from 2 to 3 folds, for 3 samples, received 4/],
    ['one fold', () => kFold(3, { folds: 1 }), /received 1/],
    ['a class that is too small', () => stratifiedKFold([0, 0, 1], { folds: 2 }), /1 of class 1/],
    ['fewer groups than folds', () => groupKFold([1, 1, 2], { folds: 3 }), /for 2 groups/],
  ])('%s', async (_, run, message) => {
    await expect(collect(run())).rejects.toThrow(message)
  })
})
