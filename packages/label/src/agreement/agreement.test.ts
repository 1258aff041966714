import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kCenterGreedy } from '../active/k-center.ts'
import { uncertainty } from '../active/uncertainty.ts'
import type { LabelEvent } from '../annotations/event.ts'
import type { Box, Span } from '../annotations/task.ts'
import { boxF1, intersectionOverUnion } from './boxes.ts'
import { cohenKappa, fleissKappa, type KappaWeights } from './kappa.ts'
import { type AlphaLevel, krippendorffAlpha } from './krippendorff.ts'
import { spanF1 } from './spans.ts'
import { agreementOf } from './summary.ts'
import { characterDifference } from './transcripts.ts'

interface Golden {
  readonly cohen: readonly { a: string[]; b: string[]; kappa: Record<KappaWeights, number> }[]
  readonly fleiss: readonly { samples: string[][]; kappa: number }[]
  readonly alpha: readonly { samples: number[][]; alpha: Record<AlphaLevel, number> }[]
  readonly boxes: readonly {
    found: Box[]
    expected: Box[]
    overlap: number[][]
    matched: number
    f1: number
  }[]
  readonly spans: readonly { tokens: string[]; expected: string[]; found: string[]; scores: number[] }[]
  readonly unsure: readonly ({ p: number[] } & Record<keyof typeof uncertainty, number>)[]
  readonly centers: { vectors: number[][]; known: number[][]; chosen: number[] }
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/agreement.json', import.meta.url), 'utf8'),
) as Golden

test('Cohen’s kappa is scikit-learn’s, with and without weights', () => {
  for (const { a, b, kappa } of golden.cohen)
    for (const [weights, expected] of Object.entries(kappa) as [KappaWeights, number][])
      expect(cohenKappa(a, b, { weights, categories: ['a', 'b', 'c', 'd'] })).toBeCloseTo(expected, 10)
  expect(cohenKappa(['a', 'a'], ['a', 'a'])).toBeNaN()
  expect(() => cohenKappa(['a'], [])).toThrow(/two lists of labels of the same samples, received 1 and 0/)
})

test('Fleiss’ kappa is statsmodels’', () => {
  for (const { samples, kappa } of golden.fleiss) expect(fleissKappa(samples)).toBeCloseTo(kappa, 10)
  expect(() => fleissKappa([['a', 'b'], ['a']])).toThrow(/the same number of labels.*with 2 and with 1/)
})

test('Krippendorff’s alpha is that of the package krippendorff, at all levels and with labels missing', () => {
  for (const { samples, alpha } of golden.alpha)
    for (const [level, expected] of Object.entries(alpha) as [AlphaLevel, number][])
      expect(krippendorffAlpha(samples, { level })).toBeCloseTo(expected, 10)
  expect(() => krippendorffAlpha([['a']])).toThrow(/a sample with two labels/)
  expect(() => krippendorffAlpha([['a', 'b']], { level: 'ratio' })).toThrow(/numbers.*received 'a'/)
})

test('boxes overlap as pycocotools says, and as many pairs are made as SciPy finds', () => {
  for (const { found, expected, overlap, matched, f1 } of golden.boxes) {
    for (const [i, a] of found.entries())
      for (const [j, b] of expected.entries())
        expect(intersectionOverUnion(a, b)).toBeCloseTo(overlap[i]?.[j] as number, 10)
    expect(boxF1(found, expected, 0.3)).toMatchObject({ matched, f1: expect.closeTo(f1, 10) })
  }
  expect(boxF1([], []).f1).toBe(1)
})

/** Spans of words: the places of tags. */
function spansOf(tags: readonly string[]): readonly Span[] {
  const spans: { class: string; start: number; end: number }[] = []
  for (const [i, tag] of tags.entries()) {
    const last = spans.at(-1)
    if (tag.startsWith('B-')) spans.push({ class: tag.slice(2), start: i, end: i + 1 })
    else if (tag.startsWith('I-') && last !== undefined) last.end = i + 1
  }
  return spans
}

test('spans count as seqeval counts them', () => {
  for (const { expected, found, scores } of golden.spans) {
    const { precision, recall, f1 } = spanF1(spansOf(found), spansOf(expected))
    for (const [i, score] of [precision, recall, f1].entries())
      expect(score).toBeCloseTo(scores[i] as number, 10)
  }
})

test('uncertainty is what NumPy and SciPy make of it, and centres are those of distances by scikit-learn', () => {
  for (const { p, ...expected } of golden.unsure)
    for (const [measure, value] of Object.entries(expected) as [keyof typeof uncertainty, number][])
      expect(uncertainty[measure](p)).toBeCloseTo(value, 10)
  const { vectors, known, chosen } = golden.centers
  expect(kCenterGreedy(vectors, chosen.length, known)).toEqual(chosen)
  expect(kCenterGreedy([[0], [1], [10], [11]], 9)).toEqual([0, 3, 1, 2])
  expect(() => kCenterGreedy([[0], [1, 2]], 1)).toThrow(/one length, 1, received one of 2/)
})

test('texts differ by what has to be changed', () => {
  // Levenshtein's distance of kitten and sitting is 3.
  expect(characterDifference('kitten', 'sitting')).toBeCloseTo(3 / 7)
  expect(characterDifference('', '')).toBe(0)
  // Two ways to write é, and a letter beyond 16 bits.
  expect(characterDifference('caf\u00e9', 'cafe\u0301')).toBe(0)
  expect(characterDifference('𝄞', 'a')).toBe(1)
})

test('people are compared on what both have labelled', () => {
  const said = (person: string, sample: string, value: string): LabelEvent<'class'> => ({
    ...{ event: 'label', person, sample, value, of: 'x', at: '2026-11-29' },
  })
  const samples = [
    [said('Ada', '0', 'a'), said('Bo', '0', 'a')],
    [said('Ada', '1', 'b'), said('Bo', '1', 'a')],
    [said('Ada', '2', 'b'), said('Bo', '2', 'b')],
    [said('Ada', '3', 'b')],
  ]
  const { pairs, samples: count, alpha, fleissKappa: fleiss } = agreementOf('class', ['a', 'b'], samples)
  // O = 1/3 apart, E = (1·1 + 2·2)/9 = 5/9.
  expect(pairs).toEqual([{ people: ['Ada', 'Bo'], samples: 3, same: 2, kappa: expect.closeTo(0.4, 10) }])
  expect(count).toBe(3)
  // Three of each: Dₒ = 2/6, Dₑ = 18/30.
  expect(alpha).toBeCloseTo(1 - (5 * 2) / 18, 10)
  // P̄ = 2/3, P̄ₑ = 1/2.
  expect(fleiss).toBeCloseTo(1 / 3, 10)
})
