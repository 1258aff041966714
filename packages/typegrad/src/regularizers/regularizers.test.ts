import { describe, expect, it } from 'vitest'
import { ArgumentError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { grad, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { getRegularizer, l1, l1l2, l2 } from './index.ts'

const weight = tensor([
  [1, -2],
  [0, 4],
])

describe('regularizers', () => {
  it.each([
    ['l1', l1(), 0.07, [0.01, -0.01, 0, 0.01]],
    ['l2', l2(), 0.21, [0.02, -0.04, 0, 0.08]],
    ['l1l2', l1l2({ l1: 0.1, l2: 0.01 }), 0.91, [0.12, -0.14, 0, 0.18]],
    ['none', l1l2(), 0, [0, 0, 0, 0]],
  ])('%s', async (_, regularizer, penalty, gradient) => {
    for (const twin of [regularizer, getRegularizer(serialize(regularizer))]) {
      expectClose([await twin.penalty(weight).item()], [penalty])
      const slope = grad((w: Tensor) => twin.penalty(w))(weight)
      expectClose(await slope.data(), gradient)
    }
  })

  it('are known by name, and refuse factors that make no sense', () => {
    expect(getRegularizer('l1_l2').className).toBe('L1L2')
    expect(getRegularizer('L2').getConfig()).toEqual({ l2: 0.01 })
    expect(() => getRegularizer('l3')).toThrow('regularizer: expected one of l1, l1l2, l2, received "l3".')
    expect(() => l1({ l1: -1 })).toThrow(ArgumentError)
  })
})
