import { describe, expect, it } from 'vitest'
import { UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { type Constraint, getConstraint, maxNorm, minMaxNorm, nonNeg, unitNorm } from './index.ts'

/** Columns of norm 5, 0.5 and 0. */
const weight = tensor([
  [3, 0.3, 0],
  [-4, 0.4, 0],
])

describe('constraints', () => {
  it.each<[string, Constraint, number[]]>([
    ['maxNorm', maxNorm(), [1.2, 0.3, 0, -1.6, 0.4, 0]],
    [
      'maxNorm of rows',
      maxNorm({ maxValue: 1.5, axis: 1 }),
      [1.4925558, 0.1492556, 0, -1.4925558, 0.1492556, 0],
    ],
    ['unitNorm', unitNorm(), [0.6, 0.6, 0, -0.8, 0.8, 0]],
    ['unitNorm of all', unitNorm({ axis: [0, 1] }), [3, 0.3, 0, -4, 0.4, 0].map((v) => v / Math.sqrt(25.25))],
    ['minMaxNorm', minMaxNorm({ minValue: 1, maxValue: 2 }), [1.2, 0.6, 0, -1.6, 0.8, 0]],
    [
      'minMaxNorm, half of the way',
      minMaxNorm({ minValue: 1, maxValue: 2, rate: 0.5 }),
      [2.1, 0.45, 0, -2.8, 0.6, 0],
    ],
    ['nonNeg', nonNeg(), [3, 0.3, 0, 0, 0.4, 0]],
  ])('%s', async (_, constraint, expected) => {
    for (const twin of [constraint, getConstraint(serialize(constraint))]) {
      expectClose(await twin.apply(weight).data(), expected, { scaled: 1e-6 })
    }
  })

  it('are known by name', () => {
    expect(getConstraint('max_norm').getConfig()).toEqual({ maxValue: 2, axis: 0 })
    expect(() => getConstraint('maxnrm')).toThrow(UnknownNameError)
    expect(() => getConstraint('maxnrm')).toThrow("Did you mean 'maxNorm'?")
  })
})
