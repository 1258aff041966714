import { complete } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { golden } from '../testing/golden-models.ts'
import { fitLinear, type Matrix, predictLinear } from './fit-linear.ts'
import { minimize } from './lbfgs.ts'

const x: Matrix = { rows: golden.x.length, columns: 4, values: Float64Array.from(golden.x.flat()) }

test.each(golden.linear)(
  "$loss with λ = $l2 predicts as scikit-learn's model does",
  ({ loss, l2, predictions }) => {
    const targets = Float64Array.from(golden.targets[loss])
    const weights = complete(fitLinear(x, targets, loss, 3, l2))
    const found = predictLinear(weights, x)
    expect(found.length).toBe(predictions.length)
    // The search ends at gradients of 1e-6.
    predictions.forEach((expected, k) => {
      expectClose(found[k] ?? [], expected, { scaled: 2e-5 })
    })
  },
)

test("L-BFGS finds the minimum of Rosenbrock's valley", () => {
  const point = Float64Array.of(-1.2, 1)
  const rosenbrock = ([a = 0, b = 0]: Float64Array, gradient: Float64Array): number => {
    gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a)
    gradient[1] = 200 * (b - a * a)
    return 100 * (b - a * a) ** 2 + (1 - a) ** 2
  }
  const search = minimize(rosenbrock, point, { steps: 200, tolerance: 1e-9 })
  while (!search.next().done);
  expectClose(point, [1, 1], { scaled: 1e-8 })
})
