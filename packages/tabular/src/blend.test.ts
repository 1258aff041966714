import { cleaning, type FittedRecipe, type Frame, recipe } from '@typegrad/data'
import { expect, test } from 'vitest'
import { Blend } from './blend.ts'
import type { FittedCandidate } from './candidates/candidate.ts'

test('each recipe prepares rows once, and weights are shared by the models of a member', async () => {
  const fit = (x: readonly number[]): Promise<FittedRecipe> =>
    recipe([cleaning.standardize('x')]).fit(x.map((one) => ({ x: one })))
  const seen: [string, Frame][] = []
  const model = (name: string, own?: FittedRecipe): FittedCandidate => ({
    kind: 'linear',
    ...(own !== undefined && { recipe: own }),
    predictFeatures: async (features) => {
      seen.push([name, features])
      return [features.numbers('x', 'test')]
    },
    toSaved: () => ({}),
    toOnnx: async () => '',
  })
  // Mean 1 and deviation 1; mean 4 and deviation 2.
  const [once, again, other] = await Promise.all([fit([0, 2]), fit([0, 2]), fit([2, 6])])
  const blend = new Blend([
    { weight: 0.6, models: [model('a', once), model('b', other)] },
    { weight: 0.3, models: [model('c', again)] },
    { weight: 0.1, models: [model('d')] },
  ])
  const { frame } = await recipe([]).fitTransform([{ x: 3 }, { x: -1 }])
  const [found = new Float64Array(0)] = await blend.predict(frame, [])
  // 0.3 (x − 1) + 0.3 (x − 4) / 2 + 0.3 (x − 1) + 0.1 x.
  expect(found[0]).toBeCloseTo(0.3 * 2 + 0.3 * -0.5 + 0.3 * 2 + 0.1 * 3, 12)
  expect(found[1]).toBeCloseTo(0.3 * -2 + 0.3 * -2.5 + 0.3 * -2 + 0.1 * -1, 12)
  const of = Object.fromEntries(seen)
  expect(of.a).toBe(of.c)
  expect(new Set(Object.values(of)).size).toBe(3)
  expect(of.d).toBe(frame)
})
