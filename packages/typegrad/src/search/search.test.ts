import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownerMark } from '../formats/owner.node.ts'
import { ArgumentError, FormatError, type SearchOptions, StateError, search, space } from '../index.ts'
import { hyperbandBrackets } from './brackets.ts'
import { isBelowMedian } from './median-rule.ts'
import { fromUnit, sample, toUnit } from './space.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-search-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const plane = {
  x: space.float({ min: -5, max: 10 }),
  y: space.float({ min: 0, max: 15 }),
  kind: space.choice(['good', 'bad', 'worse']),
}
/** Branin's function, whose least value is 0.397887, and more of it for the wrong kinds. */
const branin = ({ x, y, kind }: { x: number; y: number; kind: 'good' | 'bad' | 'worse' }) =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10 +
  { good: 0, bad: 10, worse: 20 }[kind]

const tryBranin = (options: SearchOptions<typeof plane>) =>
  search(plane, (values, { report }) => void report(branin(values)), { epochs: 1, ...options })

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length

describe('strategies', () => {
  test('TPE beats random search on a known function, over many seeds', async () => {
    const best = async (strategy: 'tpe' | 'random') => {
      const scores: number[] = []
      for (let seed = 0; seed < 12; seed++) {
        const [first] = await tryBranin({ strategy, seed, trials: 60 })
        scores.push(first?.score as number)
      }
      return scores
    }
    const [tpe, random] = [await best('tpe'), await best('random')]
    expect(Math.min(...tpe)).toBeGreaterThan(0.397887 - 1e-6)
    expect(tpe.filter((score, i) => score < (random[i] as number)).length).toBeGreaterThanOrEqual(9)
    expect(mean(tpe)).toBeLessThan(0.8 * mean(random))
  })

  test('what is better may be more', async () => {
    const [first, ...others] = await search(
      { n: space.int({ min: 1, max: 1000, log: true }) },
      ({ n }, { report }) => void report(n === 7 ? Number.NaN : -Math.abs(n - 30)),
      { direction: 'max', trials: 40, epochs: 1 },
    )
    expect(first?.score).toBeGreaterThanOrEqual(-3)
    expect(others.every(({ score }) => score <= (first?.score as number) || Number.isNaN(score))).toBe(true)
  })

  test("hyperband's brackets are those of the paper's table", () => {
    // Table 1 of Li et al. 2018: R = 81, η = 3.
    const table = hyperbandBrackets(81, 3).map((rungs) => rungs.map(({ trials, epochs }) => [trials, epochs]))
    expect(table).toEqual([
      [
        [81, 1],
        [27, 3],
        [9, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [34, 3],
        [11, 9],
        [3, 27],
        [1, 81],
      ],
      [
        [15, 9],
        [5, 27],
        [1, 81],
      ],
      [
        [8, 27],
        [2, 81],
      ],
      [[5, 81]],
    ])
    expect(hyperbandBrackets(1, 3)).toEqual([[{ trials: 1, epochs: 1 }]])
  })

  test('hyperband gives epochs to those that are best so far', async () => {
    const epochsOf = new Map<number, number>()
    // A curve that falls towards x²: its order is the same at every epoch.
    const trials = await search(
      { x: space.float({ min: -1, max: 1 }) },
      ({ x }, { trial, done, epochs, report }) => {
        for (let epoch = done; epoch < epochs; epoch++) report(x ** 2 + 1 / (epoch + 1))
        epochsOf.set(trial, epochs)
      },
      { strategy: 'hyperband', epochs: 9, factor: 3 },
    )
    expect(hyperbandBrackets(9, 3).map(([first]) => first?.trials)).toEqual([9, 5, 3])
    expect(trials).toHaveLength(17)
    const firstBracket = trials.filter(({ id }) => id < 9)
    const byValue = [...firstBracket].sort((a, b) => a.values.x ** 2 - b.values.x ** 2)
    expect(byValue.map(({ id }) => epochsOf.get(id))).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1])
    expect(byValue.map(({ scores }) => scores.length)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1])
    expect(trials.filter(({ status }) => status === 'complete')).toHaveLength(1 + 1 + 3)
  })

  test('bad trials are stopped', async () => {
    const trained: number[] = []
    const trials = await search(
      { x: space.float({ min: 0, max: 1 }) },
      ({ x }, { report }) => {
        let epoch = 0
        do epoch += 1
        while (report(x) && epoch < 10)
        trained.push(epoch)
      },
      { strategy: 'random', trials: 30, epochs: 10 },
    )
    expect(trained.slice(0, 5)).toEqual([10, 10, 10, 10, 10])
    const stopped = trials.filter(({ status }) => status === 'stopped')
    expect(stopped.length).toBeGreaterThan(8)
    expect(stopped.every(({ scores }) => scores.length === 1)).toBe(true)
    expect(trials[0]?.status).toBe('complete')
    const five = [
      [5, 1],
      [4, 1],
      [3, 1],
      [2, 1],
      [1, 1],
    ]
    expect([3.5, 3, 2].map((cost) => isBelowMedian([cost], five))).toEqual([true, false, false])
    expect(isBelowMedian([9], five.slice(1))).toBe(false)
    expect(isBelowMedian([9, 0.5], five)).toBe(false)
  })
})

describe('a trial that fails', () => {
  const run = (
    fails: (x: number) => boolean,
    at?: string,
    strategy: 'random' | 'tpe' | 'hyperband' = 'random',
  ) =>
    search(
      { x: space.float({ min: 0, max: 1 }) },
      ({ x }, { done, epochs, report }) => {
        for (let epoch = done; epoch < epochs; epoch++) {
          if (fails(x)) throw new TypeError(`${x} is too much`)
          report(x)
        }
      },
      { trials: 12, epochs: 4, strategy, ...(at === undefined ? {} : { folder: at }) },
    )

  test.each(['random', 'tpe', 'hyperband'] as const)(
    'is one, and not the end of a search by %s',
    async (strategy) => {
      const trials = await run((x) => x > 0.5, join(folder, strategy), strategy)
      const failed = trials.filter(({ status }) => status === 'failed')
      expect(failed.length).toBeGreaterThan(0)
      expect(trials.length).toBeGreaterThan(failed.length)
      for (const { values, score, error } of failed) {
        expect(values.x).toBeGreaterThan(0.5)
        expect(score).toBeNaN()
        expect(error).toBe(`${values.x} is too much`)
      }
      // They are the last, and are kept as what they are.
      expect(trials.slice(-failed.length)).toEqual(failed)
      expect(await run((x) => x > 0.5, join(folder, strategy), strategy)).toEqual(trials)
    },
  )

  test('ends it if all have failed', async () => {
    await expect(run(() => true, folder)).rejects.toThrow(/^0\.\d+ is too much/)
    await expect(run(() => true, folder)).rejects.toThrow(/12 that failed; the first: 0\.\d+ is too much/)
  })
})

describe('a file of trials that is not as it was written', () => {
  interface File {
    trials: Record<string, unknown>[]
  }
  test.each<[string, (file: File) => unknown, RegExp]>([
    ['null', () => null, /search\.json: expected a JSON object/],
    ['without trials', ({ trials: _, ...rest }) => rest, /trials: expected a list, received undefined/],
    [
      'a trial that is null',
      (file) => ({ ...file, trials: [null] }),
      /trials\[0\]: expected an object of id/,
    ],
    [
      'without values',
      (file) => ({ ...file, trials: [{ ...file.trials[0], values: undefined }] }),
      /values: expected/,
    ],
    [
      'a score in a text',
      (file) => ({ ...file, trials: [{ ...file.trials[0], score: 'x' }] }),
      /score: expected a number/,
    ],
    [
      'a value outside of the space',
      (file) => ({ ...file, trials: [{ ...file.trials[0], values: { x: 999, y: 0, kind: 'good' } }] }),
      /from -5 to 10, received 999/,
    ],
    [
      'a trial twice',
      (file) => ({ ...file, trials: [file.trials[0], file.trials[0]] }),
      /trials\[1\]\.id: expected a whole number from 1 to 1/,
    ],
  ])('%s', async (_, change, message) => {
    await tryBranin({ folder, trials: 3 })
    const file = join(folder, 'search.json')
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as File)))
    await expect(tryBranin({ folder, trials: 3 })).rejects.toThrow(FormatError)
    await expect(tryBranin({ folder, trials: 3 })).rejects.toThrow(message)
  })
})

describe('a search that was killed', () => {
  for (const strategy of ['random', 'tpe', 'hyperband'] as const) {
    test(`by ${strategy} ends as one that was not`, async () => {
      const options = { strategy, trials: 16, epochs: 9, seed: 3 } as const
      const run = (at: string | undefined, killedAfter = Number.POSITIVE_INFINITY) => {
        let work = 0
        const kill = new AbortController()
        return search(
          plane,
          (values, { done, epochs, report }) => {
            for (let epoch = done; epoch < epochs; epoch++) {
              work += 1
              if (work > killedAfter) return kill.abort(new Error('killed'))
              if (!report(branin(values) + 9 - epoch)) return
            }
          },
          { ...options, signal: kill.signal, ...(at === undefined ? {} : { folder: at }) },
        )
      }
      const whole = await run(undefined)
      for (const killedAfter of [0, 5, 31, 60]) {
        const at = join(folder, `${killedAfter}`)
        await expect(run(at, killedAfter)).rejects.toThrow('killed')
        expect(await run(at)).toEqual(whole)
      }
      // And once more there is nothing to do.
      expect(await run(join(folder, '60'), 0)).toEqual(whole)
    })
  }

  test('one at a time works in a folder', async () => {
    const held: { go: () => void } = { go: () => {} }
    const waiting = new Promise<void>((resolve) => {
      held.go = resolve
    })
    let begun = () => {}
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const first = search(
      plane,
      async (values, { report }) => {
        begun()
        await waiting
        report(branin(values))
      },
      { epochs: 1, trials: 2, folder },
    )
    await hasBegun
    await expect(tryBranin({ folder, trials: 2 })).rejects.toThrow(StateError)
    await expect(tryBranin({ folder, trials: 2 })).rejects.toThrow(/no other search.*remove .*claim/s)
    held.go()
    expect(await first).toHaveLength(2)
    // What a process that is no more has left holds no other up.
    writeFileSync(
      join(folder, `search.typegrad-claim-${ownerMark().replace(/-\d+-\d+-\d+$/, '-4194303-1-1')}`),
      '',
    )
    expect(await tryBranin({ folder, trials: 3 })).toHaveLength(3)
    expect(readdirSync(folder)).toEqual(['search.json'])
  })

  test('goes on only with its own trials, and more of them', async () => {
    expect(await tryBranin({ folder, trials: 3 })).toHaveLength(3)
    const ids = (await tryBranin({ folder, trials: 5 })).map(({ id }) => id)
    expect([...ids].sort()).toEqual([0, 1, 2, 3, 4])
    await expect(tryBranin({ folder, trials: 5, seed: 1 })).rejects.toThrow(StateError)
    const file = join(folder, 'search.json')
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50))
    await expect(tryBranin({ folder, trials: 5 })).rejects.toThrow()
  })

  test('ends by a signal with its reason', async () => {
    const stop = new AbortController()
    const trials: number[] = []
    const searching = tryBranin({
      folder,
      signal: stop.signal,
      onTrial: ({ id }) => {
        trials.push(id)
        if (id === 2) stop.abort(new Error('enough'))
      },
    })
    await expect(searching).rejects.toThrow('enough')
    expect(trials).toEqual([0, 1, 2])
    expect(await tryBranin({ folder, trials: 4 })).toHaveLength(4)
  })
})

describe('spaces', () => {
  const ranges = [
    space.int({ min: 3, max: 7 }),
    space.int({ min: 1, max: 1024, log: true }),
    space.float({ min: -2, max: 3 }),
    space.float({ min: 1e-4, max: 1, log: true }),
  ]
  test('map to 0 … 1 and back, and stay within their ends', () => {
    for (const range of ranges) {
      for (const value of [range.min, range.max])
        expect(fromUnit(range, toUnit(range, value))).toBeCloseTo(value, 10)
      for (const unit of [0, 0.3, 1]) {
        const value = fromUnit(range, unit)
        expect(value >= range.min && value <= range.max).toBe(true)
        if (range.type === 'int') expect(Number.isInteger(value)).toBe(true)
        else expect(toUnit(range, value)).toBeCloseTo(unit, 10)
      }
    }
    expect(fromUnit(ranges[3] as (typeof ranges)[3], 0.5)).toBeCloseTo(0.01, 10)
  })

  test('each whole number and each choice has its share', () => {
    let i = 0
    const counts = new Map<unknown, number>()
    const die = { n: space.int({ min: 1, max: 4 }), b: space.boolean() }
    for (let k = 0; k < 400; k++) {
      const { n, b } = sample(die, () => (i++ * 0.6180339887) % 1)
      counts.set(n, (counts.get(n) ?? 0) + 1)
      counts.set(b, (counts.get(b) ?? 0) + 1)
    }
    for (const n of [1, 2, 3, 4]) expect(Math.abs((counts.get(n) ?? 0) - 100)).toBeLessThan(5)
    expect(Math.abs((counts.get(true) ?? 0) - 200)).toBeLessThan(5)
  })

  test('and numbers that make no sense are refused', async () => {
    expect(() => space.int({ min: 1.5, max: 2 })).toThrow(ArgumentError)
    expect(() => space.float({ min: 0, max: 1, log: true })).toThrow('above 0, for log')
    expect(() => space.choice([])).toThrow(ArgumentError)
    expect(() => space.choice([1, 1])).toThrow('none twice')
    await expect(search({}, () => {})).rejects.toThrow('expected a space of at least one parameter')
    await expect(tryBranin({ trials: 0 })).rejects.toThrow('tune: trials')
    await expect(tryBranin({ strategy: 'grid' as 'random' })).rejects.toThrow(
      "'random', 'tpe' or 'hyperband'",
    )
    await expect(search(plane, () => {})).rejects.toThrow('expected an objective after each epoch')
  })
})
