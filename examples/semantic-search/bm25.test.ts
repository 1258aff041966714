import { expect, test } from 'vitest'
import { BM25 } from './bm25.ts'

test('scores are those of the formula', () => {
  // N = 3, lengths 2, 3, 4, mean 3; "frost" stands in two texts, "garden" in one.
  const texts = ['frost wind', 'frost frost garden', 'cloud storm thunder rain']
  const [k1, b] = [1.2, 0.75]
  const idf = (containing: number) => Math.log(1 + (3 - containing + 0.5) / (containing + 0.5))
  const part = (count: number, length: number) =>
    (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / 3))
  const scores = new BM25(texts).scores('frost garden snow')
  expect(scores[0]).toBeCloseTo(idf(2) * part(1, 2), 12)
  expect(scores[1]).toBeCloseTo(idf(2) * part(2, 3) + idf(1) * part(1, 3), 12)
  expect(scores[2]).toBe(0)
})

test('forms of a word are one, words within names count, and words that say nothing do not', () => {
  const bm25 = new BM25(['Freezing layers', 'trainOnBatch', 'the saved classes'])
  const found = (question: string) => bm25.scores(question).map((score) => score > 0)
  expect(found('How do I freeze a layer?')).toEqual([true, false, false])
  expect(found('training')).toEqual([false, true, false])
  expect(found('batches')).toEqual([false, true, false])
  expect(found('save the class')).toEqual([false, false, true])
  expect(found('How do I?')).toEqual([false, false, false])
})
