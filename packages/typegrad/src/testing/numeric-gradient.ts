import { compile, grad, ops, type Tensor, tensor } from '../index.ts'
import { expectClose } from './closeness.ts'

/** The same numbers in every run, spread evenly over [min, max) and in no order. */
export function numbers(count: number, min = -1.5, max = 1.5, seed = 1): number[] {
  // Multiples of the golden ratio, modulo 1, keep their distance: no two are nearly equal.
  return Array.from({ length: count }, (_, i) => min + (max - min) * (((i + seed) * 0.6180339887498949) % 1))
}

/** A float64 tensor of such numbers. */
export const spread = (shape: readonly number[], min?: number, max?: number, seed?: number): Tensor =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      min,
      max,
      seed,
    ),
    { shape, dtype: 'float64' },
  )

export interface NumericGradientOptions {
  /**
   * Half the distance of the differences. Default 1e-4: in float64 their error is then some 1e-8, from
   * curvature, and 1e-12 from rounding.
   */
  readonly step?: number
  /** Allowed difference as a share of the largest gradient, at least 1. Default 1e-6. */
  readonly tolerance?: number
  /** 2 checks the gradient of the gradient too. Default 2. */
  readonly order?: 1 | 2
}

type Scalar = (inputs: readonly Tensor[]) => Tensor<[]>

/**
 * Asserts that a function's gradients with respect to all of its inputs equal central differences, and that
 * the gradients of these gradients do.
 */
export async function checkGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { step = 1e-4, tolerance = 1e-6, order = 2 }: NumericGradientOptions = {},
): Promise<void> {
  // A weight for each element of the output, so that no errors cancel in the sum.
  const value: Scalar = (xs) => {
    const y = fn(...xs)
    return ops.sum(ops.mul(y, spread(y.shape, 0.5, 1.5, 7)))
  }
  await compare(value, inputs, step, tolerance, 'gradient')
  if (order === 1) return
  const slope: Scalar = (xs) =>
    grad(value)(xs)
      .map((g, i) => ops.sum(ops.mul(g, spread(g.shape, 0.5, 1.5, 11 + i))))
      .reduce((a, b) => a.add(b))
  await compare(slope, inputs, step, tolerance, 'gradient of the gradient')
}

async function compare(fn: Scalar, inputs: readonly Tensor[], step: number, tolerance: number, what: string) {
  const run = compile(fn)
  const gradients = await compile(grad(fn))(inputs)
  for (const [k, input] of inputs.entries()) {
    const data = (await input.data()) as Float64Array
    const differences: number[] = []
    for (let i = 0; i < data.length; i++) {
      const at = async (x: number) => {
        const moved = tensor(data.with(i, x), { shape: input.shape })
        return (await run(inputs.map((other, j) => (j === k ? moved : other)))).item()
      }
      const x = data[i] as number
      differences.push(((await at(x + step)) - (await at(x - step))) / (2 * step))
    }
    const analytic = (await (gradients[k] as Tensor).data()) as Float64Array
    expectClose(analytic, differences, { scaled: tolerance }, `${what} of input ${k}`)
  }
}
