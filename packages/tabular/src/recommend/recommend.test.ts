import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { describe, expect, test, vi } from 'vitest'
import { modelBytes } from '../saving/model-bytes.ts'
import { tastes } from '../testing/tastes.ts'
import { recommend } from './recommend.ts'
import type { RecommendOptions } from './recommend-options.ts'
import { Recommender } from './recommender.ts'

const rows = tastes()
const columns = { user: 'user', item: 'film' } as const
const rated = { ...columns, rating: 'stars', time: 'when' } as const

test('ratings are predicted, films recommended, and the model is kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recommend-'))
  try {
    const model = await recommend(rows, rated)
    const { report } = model
    expect(report).toMatchObject({
      task: 'ratings',
      split: 'last',
      user: { count: 60 },
      item: { count: 30 },
      rows: { total: 720, training: 600, watched: 60, test: 60 },
    })
    const errors = Object.fromEntries(
      report.candidates.map(({ name, scores: [score] }) => [name, score?.value]),
    )
    // Half of the taste is none of a film's or a user's alone; the noise is 0.33 at least.
    expect(errors['item means']).toBeGreaterThan(1)
    expect(report.scores[0]).toMatchObject({ metric: 'RMSE' })
    expect(report.scores[0]?.value).toBeLessThan(0.6)
    expect(report.candidates.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1)
    expect(`${model}`).toMatch(/^ratings: 60 of 'user', 30 of 'film', 720 interactions/)

    const { items, basis } = await model.recommend('u0', 4)
    expect(basis).toBe('model')
    const seen = new Set(rows.filter(({ user }) => user === 'u0').map(({ film }) => film))
    const placeOf = (film: unknown): number => Number(String(film).slice(1))
    expect(items).toHaveLength(4)
    for (const { item, score } of items) {
      expect(seen).not.toContain(item)
      expect(placeOf(item)).toBeLessThan(15)
      expect(score).toBeGreaterThan(3)
    }
    expect((await model.recommend('u0', 30, { includeSeen: true })).items).toHaveLength(30)
    expect((await model.recommend('u0', 100)).items).toHaveLength(18)
    const similar = await model.similar('f3', 5)
    expect(similar.basis).toBe('model')
    for (const { item } of similar.items) expect(placeOf(item)).toBeLessThan(15)

    const pairs = [
      { user: 'u0', film: 'f2' },
      { user: 'u1', film: 'f2' },
      { user: 'stranger', film: 'f2' },
      { user: 'u1', film: 'new' },
    ]
    const { scores, unseen } = await model.score(pairs)
    expect((scores[0] as number) - (scores[1] as number)).toBeGreaterThan(1)
    expect(scores[2]).toBeGreaterThan(scores[1] as number)
    expect(scores[2]).toBeLessThan(scores[0] as number)
    expect(unseen).toEqual({ users: ['stranger'], items: ['new'] })
    // What nobody knows anything of has what is popular, and it is said.
    const stranger = await model.recommend('stranger', 3)
    expect(stranger.basis).toBe('popularity')
    expect(stranger.items).toHaveLength(3)
    expect((await model.similar('new', 3)).basis).toBe('popularity')

    const path = join(folder, 'films.model')
    await model.save(path)
    const again = await Recommender.load(path)
    expect(again.report).toEqual(report)
    expect((await again.score(pairs)).scores).toEqual(scores)
    expect(await again.recommend('u0', 4)).toEqual({ items, basis })
    expect(await again.similar('f3', 5)).toEqual(similar)
    const bytes = readFileSync(path)
    bytes[100] = (bytes[100] as number) ^ 1
    writeFileSync(path, bytes)
    await expect(Recommender.load(path)).rejects.toThrow(FormatError)
    writeFileSync(path, modelBytes({ name: 'typegrad-table-model', what: '', version: 1 }, {}))
    await expect(Recommender.load(path)).rejects.toThrow(/a recommender, as Recommender.save keeps it/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('what is left out of the table is said, and so is what there was no time for', async () => {
  const [first] = rows
  const table = [...rows, { ...first, when: -1 }, { ...first, user: null }, { ...first, stars: null }]
  const { report } = await recommend(table, { ...rated, budget: 1e-9 })
  expect(report.notes.slice(0, 2)).toEqual([
    '2 rows without a user, an item or a rating were left out.',
    '1 rows repeat a user and an item: of each pair the latest was kept.',
  ])
  expect(report.notes.join(' ')).toContain('was over before these were trained: neighbours, factors')
  expect(report.candidates.map(({ name }) => name)).toEqual(['item means', 'biases'])
  expect(report.rows.total).toBe(720)
})

describe('evaluate', () => {
  test('of ratings: errors of pairs that the model knows, and what was left out', async () => {
    const model = await recommend(rows, { ...rated, models: [] })
    const later = rows.slice(0, 100)
    const { scores } = await model.score(later)
    const errors = later.map(({ stars }, row) => stars - (scores[row] as number))
    const found = await model.evaluate([
      ...later,
      { user: 'stranger', film: 'f1', stars: 3 },
      { user: 'u1', film: 'f1', stars: null },
    ])
    expect(found).toMatchObject({ rows: 100, unseen: 1, incomplete: 1, repeated: 0 })
    expect(found.scores.map(({ metric }) => metric)).toEqual(['RMSE', 'MAE'])
    const rmse = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / 100)
    expect(found.scores[0]?.value).toBeCloseTo(rmse, 12)
    expect(found.scores[1]?.value).toBeCloseTo(
      errors.reduce((sum, error) => sum + Math.abs(error), 0) / 100,
      12,
    )
    await expect(model.evaluate([{ user: 'u1', film: 'f1' }])).rejects.toThrow(
      /one of the columns user, film/,
    )
    await expect(model.evaluate([{ user: 'x', film: 'f1', stars: 2 }])).rejects.toThrow(
      /that the model knows.*1 of a user or an item that it has never seen/,
    )
  })

  test('of rankings: lists hold what was taken since, and not what was taken before', async () => {
    const model = await recommend(rows, { ...columns, time: 'when', models: ['neighbours'] })
    // The first of each list is taken next by every second user, the last of 18 by the others.
    const next = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { items } = await model.recommend(`u${i}`, 18)
        return { user: `u${i}`, film: items[i % 2 === 0 ? 0 : 17]?.item }
      }),
    )
    const found = await model.evaluate([...next, ...rows.slice(0, 5)])
    expect(found).toMatchObject({ rows: 60, users: 60, repeated: 5, unseen: 0 })
    // A hit at the first place counts 1 in each measure; one behind the tenth 0.
    expect(found.scores.map(({ metric, value }) => [metric, value])).toEqual([
      ['NDCG@10', 0.5],
      ['recall@10', 0.5],
      ['MRR@10', 0.5],
    ])
    expect(found.coverage).toBeGreaterThan(0.5)
  })
})

test('what is judged on changes nothing of what is learned', async () => {
  const last = new Set(rows.filter(({ when }) => when >= 11_000))
  // What users rated last, another way round.
  const other = rows.map((row) => (last.has(row) ? { ...row, stars: 6 - row.stars } : row))
  const given = { ...rated, models: ['neighbours', 'factors'] } as const
  const [one, two] = [await recommend(rows, given), await recommend(other, given)]
  const chosen = ({ report }: Recommender) =>
    report.candidates.map(({ name, watched, weight }) => [name, watched, weight])
  expect(last.size).toBe(one.report.rows.test)
  expect(chosen(two)).toEqual(chosen(one))
  expect(two.report.scores[0]?.value).not.toBe(one.report.scores[0]?.value)
})

test('features that someone new is known by have names', async () => {
  const people = Array.from({ length: 60 }, (_, i) => ({
    user: `u${i}`,
    taste: i % 2 === 0 ? 'calm' : 'loud',
  }))
  const given = { ...columns, userFeatures: people, budget: 1e-9 }
  expect((await recommend(rows, given)).userFeatures).toEqual([])
  const towers = await recommend(rows, { ...given, budget: 60, models: ['two towers'] })
  const isTaken = towers.report.candidates.some(({ name, weight }) => name === 'two towers' && weight > 0)
  expect(towers.userFeatures).toEqual(isTaken ? ['taste'] : [])
})

/** Trains on what is taken and stops when a progress message says so. */
async function stoppedAt(message: RegExp, models: NonNullable<RecommendOptions['models']>) {
  const stop = new AbortController()
  const model = await recommend(rows, {
    ...columns,
    time: 'when',
    models,
    stop: stop.signal,
    onProgress: (said) => {
      if (message.test(said)) stop.abort()
    },
  })
  return { model, names: model.report.candidates.map(({ name }) => name), notes: model.report.notes }
}

describe('stopped, it keeps the best so far:', () => {
  test('within the first pass of a model, what there was before it', async () => {
    const { names, notes, model } = await stoppedAt(/^SASRec: 600/, ['neighbours', 'SASRec'])
    expect(names).toEqual(['popularity', 'neighbours'])
    expect(notes).toContain('Training was stopped before these were trained: SASRec.')
    expect((await model.recommend('u0', 3)).items).toHaveLength(3)
  })

  test('while the chosen one is fitted to all rows, the one that was chosen', async () => {
    const { notes, model, names } = await stoppedAt(/^BPR: all 720/, ['BPR'])
    expect(names).toEqual(['popularity', 'BPR'])
    expect(notes).toContain(
      'Training was stopped before these were fitted anew to all rows, and they know the training rows alone: BPR.',
    )
    // What users took last is known to it all the same, and not recommended.
    const taken = new Set(rows.filter(({ user }) => user === 'u0').map(({ film }) => film))
    for (const { item } of (await model.recommend('u0', 18)).items) expect(taken).not.toContain(item)
  })
})

test('the budget bounds what is fitted anew to all rows', async () => {
  // A clock that leaps over the budget when the chosen one is about to be fitted anew.
  let leap = 0
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + leap)
  try {
    const { report } = await recommend(rows, {
      ...rated,
      models: ['factors'],
      budget: 1000,
      onProgress: (said) => {
        if (said.startsWith('factors: all')) leap = 1e7
      },
    })
    expect(report.notes).toContain(
      'The budget of 1000 s was over before these were fitted anew to all rows, and they know the training rows alone: factors.',
    )
    expect(report.candidates.find(({ name }) => name === 'factors')?.weight).toBeGreaterThan(0)
  } finally {
    clock.mockRestore()
  }
})

describe('what cannot be recommended from is refused before anything is trained:', () => {
  const without = (name: keyof (typeof rows)[number]) => rows.map((row) => ({ ...row, [name]: null }))
  const lettered = rows.map((row) => ({ ...row, letter: 'a' }))
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a column that there is not',
      () => recommend(rows, { ...columns, item: 'films' }),
      /Did you mean 'film'/,
    ],
    ['one column for two', () => recommend(rows, { user: 'user', item: 'user' }), /'user' for user and item/],
    ['no users', () => recommend(without('user'), columns), /10 interactions.*received 0/],
    [
      'one user',
      () =>
        recommend(
          rows.map((row) => ({ ...row, user: 'u' })),
          columns,
        ),
      /several users.*of 1 in 'user'/,
    ],
    ['few rows', () => recommend(rows.slice(0, 6), columns), /received 6/],
    [
      'ratings that are all the same',
      () =>
        recommend(
          rows.map((row) => ({ ...row, stars: 5 })),
          rated,
        ),
      /ratings that differ, received 5 in all 720/,
    ],
    [
      'ratings that are texts',
      () => recommend(lettered, { ...columns, rating: 'letter' }),
      /numbers, received text/,
    ],
    ['missing times', () => recommend([{ ...rows[0], when: null }, ...rows], rated), /row 0.*a missing cell/],
    [
      'times that are texts',
      () => recommend(lettered, { ...columns, time: 'letter' }),
      /a date or a number in each/,
    ],
    [
      'times that are all the same',
      () =>
        recommend(
          rows.map((row) => ({ ...row, when: 3 })),
          { ...rated, split: 'date' },
        ),
      /moments that divide the rows/,
    ],
    [
      'users of two interactions',
      () => recommend(tastes(20, 30, 2), rated),
      /users with three interactions or more.*split: 'random'/,
    ],
    ['a split by no time', () => recommend(rows, { ...columns, split: 'date' }), /a column of times/],
    [
      'ratings without a column',
      () => recommend(rows, { ...columns, task: 'ratings' }),
      /a column of ratings/,
    ],
    [
      'an option that there is not',
      () => recommend(rows, { ...columns, ratings: 'stars' } as RecommendOptions),
      /Did you mean rating/,
    ],
    [
      'a signal that has ended',
      () => recommend(rows, { ...columns, signal: AbortSignal.abort() }),
      /aborted/,
    ],
  ])('%s', async (_, training, message) => {
    await expect(training()).rejects.toThrow(message)
  })

  test('lists of no length', async () => {
    const model = await recommend(rows, { ...rated, models: [] })
    await expect(model.recommend('u0', 0)).rejects.toThrow(/a whole number from 1 on, received 0/)
    await expect(model.score([{ user: 'u0' }])).rejects.toThrow(/one of the columns user/)
    await expect(model.score([{ user: null, film: 'f1' }])).rejects.toThrow(/row 0.*a missing cell/)
  })
})
