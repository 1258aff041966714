import { expect, test } from 'vitest'
import { bestPlaces, measures } from './ranking.ts'

test('of a place only its best passage counts', () => {
  const passages = ['a', 'b', 'a', 'c'].map((place) => ({ place }))
  expect(bestPlaces(passages, [0.1, 0.5, 0.9, 0.2]).map(({ passage }) => passage)).toEqual([2, 1, 3])
  expect(bestPlaces(passages, [0.1, 0.5, 0.9, 0.2], 1)).toEqual([{ passage: 2, score: 0.9 }])
})

test('recall and mean reciprocal rank', () => {
  const { recall, meanReciprocalRank } = measures([1, 2, 6, Number.POSITIVE_INFINITY], 5)
  expect(recall).toBe(0.5)
  expect(meanReciprocalRank).toBeCloseTo((1 + 1 / 2 + 1 / 6 + 0) / 4, 12)
})
