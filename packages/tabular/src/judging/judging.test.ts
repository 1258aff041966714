import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { heightsAt, isotonicLine } from '../scores/isotonic.ts'
import { judged } from '../testing/golden-models.ts'
import { calibrationBins, curvesOf } from './curves.ts'

describe("isotonic regression is scikit-learn's:", () => {
  test.each(judged.isotonic)(
    '$x.length rows within $limits',
    ({ x, y, limits, thresholds, places, heights }) => {
      const line = isotonicLine(Float64Array.from(x), Float64Array.from(y), [
        limits[0] ?? Number.NEGATIVE_INFINITY,
        limits[1] ?? Number.POSITIVE_INFINITY,
      ])
      expect(line.x).toEqual(thresholds[0])
      expectClose(line.y, thresholds[1], { scaled: 1e-12 })
      expectClose(heightsAt(line, Float64Array.from(places)), heights, { scaled: 1e-12 })
    },
  )
})

test("curves are scikit-learn's", () => {
  const { truth, scores, roc, precisionRecall } = judged.curves
  const found = curvesOf(Float64Array.from(truth), Float64Array.from(scores))
  expectClose(found.roc.flat(), roc.flat(), { scaled: 1e-12 })
  // It begins with the lowest threshold, and ends with a point of no rows.
  expectClose(found.precisionRecall.toReversed().flat(), precisionRecall.slice(0, -1).flat(), {
    scaled: 1e-12,
  })
})

test('parts of a calibration have equally many rows, and means of both', () => {
  const predicted = Float64Array.from({ length: 40 }, (_, i) => ((i * 7) % 40) / 40)
  const bins = calibrationBins(
    predicted,
    predicted.map((value) => value * 2),
    4,
  )
  expect(bins.map(({ rows }) => rows)).toEqual([10, 10, 10, 10])
  for (const { predicted, observed } of bins) expect(observed).toBeCloseTo(2 * predicted)
  expect(bins[0]?.predicted).toBeCloseTo(0.1125)
})
