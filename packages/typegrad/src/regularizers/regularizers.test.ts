import { describe, expect, it } from 'vitest'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { grad, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { getRegularizer, l1, l1l2, l2, orthogonalRegularizer } from './index.ts'

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
    expect(() => getRegularizer('l3')).toThrow(
      'regularizer: expected one of l1, l1l2, l2, orthogonalRegularizer, received "l3".',
    )
    expect(() => l1({ l1: -1 })).toThrow(ArgumentError)
  })

  // Keras 3.15.1 on jax; a vector of zeros has no direction, and a single one no other.
  it.each([
    [
      'rows',
      0.109646089,
      0.0141421333,
      [0.0287168287, -0.0613495968, 0.0313274525, 0.00344127417, 0.0253942236, 0.0188676715],
    ],
    [
      'columns',
      0.245123014,
      0.0424264073,
      [-0.008672002, -0.022981033, -0.0128578655, 0.00216799974, -0.00919241644, 0.00642893277],
    ],
  ] as const)('orthogonal %s', async (mode, penalty, withZeros, gradient) => {
    const made = orthogonalRegularizer({ factor: 0.3, mode })
    const w = tensor([
      [1, 2, 3],
      [4, -5, 6],
    ])
    for (const regularizer of [made, getRegularizer(serialize(made))]) {
      expectClose([await regularizer.penalty(w).item()], [penalty])
      expectClose(await grad((x: Tensor) => regularizer.penalty(x))(w).data(), gradient, { scaled: 1e-6 })
    }
    expectClose(
      [
        await made
          .penalty(
            tensor([
              [1, 2],
              [0, 0],
              [3, -1],
            ]),
          )
          .item(),
      ],
      [withZeros],
    )
    expect(
      await orthogonalRegularizer()
        .penalty(tensor([[1, 2]]))
        .item(),
    ).toBe(0)
  })

  it('orthogonal is for matrices', () => {
    expect(() => orthogonalRegularizer().penalty(tensor([1, 2]))).toThrow(ShapeError)
    expect(() => orthogonalRegularizer({ factor: -1 })).toThrow(ArgumentError)
    expect(() => orthogonalRegularizer({ mode: 'row' as 'rows' })).toThrow("expected 'rows' or 'columns'")
  })
})
