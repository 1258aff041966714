import { expect, test } from 'vitest'
import { type BeamRules, BeamSearch } from './beam-search.ts'

const rules: BeamRules = {
  beams: 2,
  lengthPenalty: 0,
  earlyStopping: 'never',
  stopIds: new Set([0]),
  processors: [],
  tokens: 3,
}
/** A language of which each next word depends on the last one alone: rows are probabilities. */
const language = [
  [1, 0, 0],
  [0.05, 0.55, 0.4],
  [0.9, 0.05, 0.05],
]
const scoresAfter = (id: number) => Float32Array.from(language[id] as number[], Math.log)

function search(options: Partial<BeamRules>) {
  const one = new BeamSearch([1], { ...rules, ...options })
  let ids: readonly number[] = [1, 1]
  while (!one.isDone) ({ ids } = one.step(ids.map(scoresAfter)))
  return one.answers
}

test('the most likely answer is found where the most likely first word leads elsewhere', () => {
  // Greedily: 1, 1, 1. All answers by hand: (2, 0) 0.36, (1, 2, 0) 0.198, (1, 1, 1) 0.166, …
  const [best, second] = search({})
  expect(best?.ids).toEqual([2, 0])
  expect(Math.exp(best?.score ?? 0)).toBeCloseTo(0.36, 6)
  expect(best?.logProbs.map(Math.exp)[1]).toBeCloseTo(0.9, 6)
  expect(second?.ids).toEqual([1, 2, 0])
})

test('a penalty of lengths prefers the longer answer', () => {
  // log 0.36 / 2² = −0.255, log 0.198 / 3² = −0.180
  expect(search({ lengthPenalty: 2 })[0]?.ids).toEqual([1, 2, 0])
})

test('early stopping ends with as many answers as beams', () => {
  const one = new BeamSearch([1], { ...rules, earlyStopping: true, tokens: 50 })
  let ids: readonly number[] = [1, 1]
  let steps = 0
  while (!one.isDone) {
    ;({ ids } = one.step(ids.map(scoresAfter)))
    steps++
  }
  expect(one.answers.length).toBe(2)
  expect(steps).toBeLessThan(10)
})

test('processors see each beam', () => {
  const histories: string[] = []
  search({ processors: [{ process: (_, history) => histories.push(history.join()) }], tokens: 2 })
  expect(histories).toEqual(['1', '1', '1,1', '1,2'])
})
