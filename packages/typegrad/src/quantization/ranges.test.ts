import { expect, test } from 'vitest'
import { readGolden } from '../testing/golden.ts'
import { type CalibrationMethod, rangeFinder, rounded, scaleOf } from './ranges.ts'

/** Of tools/golden/make_calibration.py. */
const { cases, scales } = readGolden<{
  readonly cases: readonly {
    readonly kind: string
    readonly batches: readonly (readonly number[])[]
    readonly ranges: readonly {
      readonly method: CalibrationMethod
      readonly bins: number
      readonly percentile: number
      readonly low: number
      readonly high: number
    }[]
  }[]
  readonly scales: readonly {
    readonly low: number
    readonly high: number
    readonly isSymmetric: boolean
    readonly scale: number
    readonly zero: number
  }[]
}>('calibration.json')

test.each(cases)('ranges of batches of $kind values are those of ONNX Runtime', ({ batches, ranges }) => {
  for (const { low, high, ...options } of ranges) {
    const finder = rangeFinder(options)
    for (const batch of batches) finder.add(Float32Array.from(batch))
    const found = finder.range()
    // Edges of bins, which are float32 there.
    expect(found.low).toBeCloseTo(low, 5)
    expect(found.high).toBeCloseTo(high, 5)
  }
  const all = batches.flat()
  const whole = rangeFinder({ method: 'minMax', bins: 1, percentile: 100 })
  for (const batch of batches) whole.add(Float32Array.from(batch))
  expect(whole.range()).toEqual({
    low: Math.fround(Math.min(...all)),
    high: Math.fround(Math.max(...all)),
  })
})

test.each(scales)('from $low to $high, symmetric $isSymmetric', ({ isSymmetric, scale, zero, ...range }) => {
  const found = scaleOf(range, isSymmetric)
  expect(found.scale).toBeCloseTo(scale, 8)
  expect(found.zero).toBe(zero)
})

test('half is rounded to even', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 1.2].map(rounded).map((x) => x + 0)).toEqual([0, 2, 2, 0, -2, 1])
})
