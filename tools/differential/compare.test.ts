import { describe, expect, it } from 'vitest'
import { arrayJson } from './arrays.ts'
import { difference, isExtreme } from './compare.ts'

const close = { relative: 1e-6, absolute: 1e-9 }
const floats = (...values: number[]) => arrayJson('float64', [values.length], values)

describe('difference', () => {
  it('finds none between equal answers, NaN and infinities among them', () => {
    const answer = { a: [floats(1, Number.NaN, Number.POSITIVE_INFINITY)], b: 2, c: null }
    expect(difference(answer, structuredClone(answer), close)).toBeUndefined()
  })

  it('names the element that is farthest off', () => {
    expect(difference({ a: floats(1, 2, 3) }, { a: floats(1, 2.5, 5) }, close)).toBe(
      'a: element 2 of [3]: expected 3, received 5',
    )
  })

  it.each([
    ['a number for NaN', floats(Number.NaN), floats(0)],
    ['another infinity', floats(Number.POSITIVE_INFINITY), floats(Number.NEGATIVE_INFINITY)],
    ['a large number for an infinity', floats(Number.POSITIVE_INFINITY), floats(1e300)],
    ['another shape', arrayJson('float32', [2, 1], [1, 2]), arrayJson('float32', [2], [1, 2])],
    ['more items', [1], [1, 2]],
    ['other keys', { a: 1 }, { b: 1 }],
  ])('finds %s', (_, expected, actual) => {
    expect(difference(expected, actual, close)).toBeDefined()
  })

  it('allows what the tolerance allows, measured by the number and a tenth of the largest', () => {
    const [there, within, beyond] = [floats(1, 1000), floats(1 + 1.0e-4, 1000), floats(1 + 1.1e-4, 1000)]
    expect(difference(there, within, { relative: 1e-6, absolute: 0 })).toBeUndefined()
    expect(difference(there, beyond, { relative: 1e-6, absolute: 0 })).toBeDefined()
  })
})

describe('isExtreme', () => {
  it.each([
    [{ a: [floats(1)] }, false],
    [{ a: [floats(Number.NaN)] }, true],
    [floats(1e9), true],
    [[Number.POSITIVE_INFINITY], true],
  ])('%j: %s', (answer, expected) => {
    expect(isExtreme(answer)).toBe(expected)
  })
})
