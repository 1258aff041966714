import { type Fraction, normalFractions } from '@typegrad/data'
import type { OnnxBuilder } from './onnx-builder.ts'

/**
 * The normal number below which a share of all lie, from shares between 1e-11 and 1 − 1e-11, which ONNX has no operator for: by the
 * fractions that `@typegrad/data` computes them by.
 */
export function normalQuantiles(builder: OnnxBuilder, shares: string): string {
  const add = (a: string, b: number): string => builder.op('Add', [a, builder.number(b)])
  const mul = (a: string, b: string): string => builder.op('Mul', [a, b])
  const polynomial = (coefficients: readonly number[], x: string): string => {
    const [highest = 0, next = 0, ...others] = coefficients.toReversed()
    const begun = add(mul(x, builder.number(highest)), next)
    return others.reduce((sum, coefficient) => add(mul(sum, x), coefficient), begun)
  }
  const fraction = ({ above, below }: Fraction, x: string): string =>
    builder.op('Div', [polynomial(above, x), polynomial(below, x)])

  const centred = add(shares, -0.5)
  const near = mul(
    centred,
    fraction(normalFractions.middle, add(builder.op('Neg', [mul(centred, centred)]), 0.180625)),
  )
  const rest = builder.op('Min', [shares, add(builder.op('Neg', [shares]), 1)])
  const root = builder.op('Sqrt', [builder.op('Neg', [builder.op('Log', [rest])])])
  const far = mul(builder.op('Sign', [centred]), fraction(normalFractions.tail, add(root, -1.6)))
  const isNear = builder.op('LessOrEqual', [builder.op('Abs', [centred]), builder.number(0.425)])
  return builder.op('Where', [isNear, near, far])
}
