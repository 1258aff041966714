import { expect } from 'vitest'

export interface Tolerance {
  /** Allowed distance as a share of the largest expected magnitude, at least 1. Default 1e-5. */
  readonly scaled?: number
  /** Allowed distance as a share of each element's own magnitude, in place of `scaled`. */
  readonly relative?: number
}

/**
 * Asserts that numbers agree within a tolerance; NaN and the infinities must be the same.
 *
 * The default, 1e-5 of the largest magnitude, is some eighty units in the last place of float32: room for
 * another order of summation and another library's exp, and for nothing else.
 */
export function expectClose(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number>,
  { scaled = 1e-5, relative }: Tolerance = {},
  what = 'values',
): void {
  expect(actual.length, `${what}: number of elements`).toBe(expected.length)
  const largest = Array.from(expected).reduce(
    (m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m),
    1,
  )
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [Number(actual[i]), expected[i] as number]
    if (Object.is(a, e) || a === e) continue
    const allowed = relative === undefined ? scaled * largest : relative * Math.abs(e)
    if (!(Math.abs(a - e) <= allowed)) {
      expect.fail(
        `${what}[${i}]: expected ${e}, received ${a} (off by ${Math.abs(a - e)}, allowed ${allowed})`,
      )
    }
  }
}
