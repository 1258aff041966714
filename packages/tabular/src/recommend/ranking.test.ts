import { expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { tastes } from '../testing/tastes.ts'
import type { RecommendModelName } from './models/table.ts'
import { recommend } from './recommend.ts'
import type { Recommendations } from './recommendations.ts'
import { Recommender } from './recommender.ts'

/** What users liked: films of one half each. */
const liked = tastes(40, 24, 16).filter(({ stars }) => stars > 3)
const columns = { user: 'user', item: 'film', time: 'when', k: 5 } as const
const numberOf = (id: unknown): number => Number(String(id).slice(1))
const halfOf = (film: unknown): number => Number(numberOf(film) >= 12)

/** The share of the first `k` films for users that are of their half. */
async function rightHalves(model: Recommender, k: number): Promise<number> {
  let right = 0
  for (let user = 0; user < 40; user++) {
    const { items } = await model.recommend(`u${user}`, k)
    right += items.filter(({ item }) => halfOf(item) === user % 2).length / items.length
  }
  return right / 40
}

/** What was saved is what is loaded. */
async function expectSame(
  model: Recommender,
  ask: (of: Recommender) => Promise<Recommendations>,
): Promise<void> {
  const again = Recommender.fromBytes(await model.toBytes())
  expect(await ask(again)).toEqual(await ask(model))
}

test.each<RecommendModelName>(['neighbours', 'BPR', ...(isWhole ? (['softmax'] as const) : [])])(
  '%s put what users of one taste took first, and popularity does not',
  async (name) => {
    const model = await recommend(liked, { ...columns, models: [name] })
    const { candidates, task, rows, scores } = model.report
    expect(task).toBe('ranking')
    expect(rows).toMatchObject({ watched: 40, test: 40 })
    expect(candidates.map((one) => one.name)).toEqual(['popularity', name])
    expect(candidates[1]?.weight).toBe(1)
    expect(scores.map(({ metric }) => metric)).toEqual(['NDCG@5', 'recall@5', 'MRR@5'])
    expect(scores[0]?.value).toBeGreaterThan(candidates[0]?.scores[0]?.value as number)
    expect(await rightHalves(model, 3)).toBeGreaterThan(0.9)
    const similar = await model.similar('f3', 4)
    expect(similar.items.filter(({ item }) => halfOf(item) === 0).length).toBeGreaterThanOrEqual(3)
    await expectSame(model, (of) => of.recommend('u7', 6))
    // Of so few items nearly all lists are looked at, with products that are rounded otherwise.
    const [near, all] = [
      await model.recommend('u7', 6, { search: 'approximate' }),
      await model.recommend('u7', 6),
    ]
    expect(near.items[0]?.item).toBe(all.items[0]?.item)
    expect(near.items[0]?.score).toBeCloseTo(all.items[0]?.score as number, 5)
    await expectSame(model, (of) => of.similar('f3', 4))
    // Someone new with a history: neighbours know what follows, factors leave out what is in it.
    const history = ['f14', 'f15', 'f16', 'none']
    const session = await model.recommend('someone', 6, { history })
    expect(session.basis).toBe(name === 'neighbours' ? 'model' : 'popularity')
    for (const { item } of session.items) expect(history).not.toContain(item)
    if (name === 'neighbours') for (const { item } of session.items) expect(halfOf(item)).toBe(1)
    const { scores: pair } = await model.score([
      { user: 'u2', film: 'f1' },
      { user: 'u3', film: 'f1' },
    ])
    expect(pair[0]).toBeGreaterThan(pair[1] as number)
  },
)

test('two towers know by features who never took anything, and what nobody took', async () => {
  const userFeatures = Array.from({ length: 42 }, (_, user) => ({
    user: `u${user}`,
    taste: user % 2 === 0 ? 'calm' : 'loud',
    age: 20 + (user % 17),
  }))
  const itemFeatures = Array.from({ length: 26 }, (_, film) => ({
    film: `f${film}`,
    kind: film === 24 || film < 12 ? 'drama' : 'action',
    year: 1990 + (film % 12),
  }))
  const model = await recommend(liked, { ...columns, userFeatures, itemFeatures, models: ['two towers'] })
  expect(model.report).toMatchObject({ user: { count: 42 }, item: { count: 26 } })
  expect(await rightHalves(model, 3)).toBeGreaterThan(0.9)
  // u40 and u41 are in the table of features alone.
  for (const user of [40, 41]) {
    const { basis, items } = await model.recommend(`u${user}`, 3)
    expect(basis).toBe('features')
    expect(items.filter(({ item }) => halfOf(item) === user % 2).length).toBeGreaterThanOrEqual(2)
  }
  const features = { taste: 'loud', age: 30 }
  const stranger = await model.recommend('stranger', 3, { features })
  expect(stranger.basis).toBe('features')
  expect(stranger.items.filter(({ item }) => halfOf(item) === 1).length).toBeGreaterThanOrEqual(2)
  await expectSame(model, (of) => of.recommend('stranger', 3, { features }))
  expect((await model.recommend('stranger', 3)).basis).toBe('popularity')
  // f24, which is a drama, was taken by no user.
  const fresh = await model.similar('f24', 6)
  expect(fresh.basis).toBe('features')
  expect(fresh.items.filter(({ item }) => numberOf(item) < 12).length).toBeGreaterThanOrEqual(4)
  await expect(model.recommend('stranger', 3, { features: { age: 30 } })).rejects.toThrow(/without 'taste'/)
  const twice = [...userFeatures, ...userFeatures.slice(0, 1)]
  await expect(recommend(liked, { ...columns, userFeatures: twice })).rejects.toThrow(
    /"u0" in the rows 0 and 42/,
  )
  await expect(recommend(liked, { ...columns, itemFeatures: [{ kind: 'x' }] })).rejects.toThrow(
    /itemFeatures: expected one of the columns kind, received 'film'/,
  )
})

// Compiling and training it takes five seconds.
test.skipIf(!isWhole)('SASRec learns what comes next, and a session needs no user', async () => {
  // Users go around a ring of twelve places: all are equally popular, and the next one says it all.
  const walks = Array.from({ length: 48 }, (_, user) =>
    Array.from({ length: 7 }, (__, step) => ({ user, film: `f${(user * 5 + step) % 12}`, when: step })),
  ).flat()
  const model = await recommend(walks, { ...columns, models: ['SASRec'] })
  expect(model.report.scores[0]?.value).toBeGreaterThan(0.9)
  const popular = model.report.candidates.find(({ name }) => name === 'popularity')
  expect(popular?.scores[0]?.value).toBeLessThan(0.8)
  const { items } = await model.recommend(0, 1)
  expect(items[0]?.item).toBe('f7')
  const session = { history: ['f9', 'f10', 'none', 'f11'] }
  const next = await model.recommend('someone', 2, session)
  expect(next).toMatchObject({ basis: 'model', items: [{ item: 'f0' }, {}] })
  await expectSame(model, (of) => of.recommend('someone', 2, session))
  await expectSame(model, (of) => of.recommend(5, 4))
})

test('features where none were learned from are refused', async () => {
  const model = await recommend(liked, { ...columns, models: [] })
  await expect(model.recommend('x', 3, { features: { age: 3 } })).rejects.toThrow(/without userFeatures/)
})
