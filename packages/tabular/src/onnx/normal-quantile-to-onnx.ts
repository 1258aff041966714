import type { OnnxBuilder } from './onnx-builder.ts'

/** Coefficients by rising powers. */
interface Fraction {
  readonly above: readonly number[]
  readonly below: readonly number[]
}

/** Of (p − ½)², for shares between 0.075 and 0.925. */
const middle: Fraction = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
}

/** Of √(−log p), for smaller ones. */
const tail: Fraction = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
}

/**
 * The normal number below which a share of all lie, from shares between 1e-11 and 1 − 1e-11, which ONNX has no operator for: to 16
 * digits, by the fractions of Wichura ("Algorithm AS 241: the percentage points of the normal distribution", 1988).
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
  const near = mul(centred, fraction(middle, add(builder.op('Neg', [mul(centred, centred)]), 0.180625)))
  const rest = builder.op('Min', [shares, add(builder.op('Neg', [shares]), 1)])
  const root = builder.op('Sqrt', [builder.op('Neg', [builder.op('Log', [rest])])])
  const far = mul(builder.op('Sign', [centred]), fraction(tail, add(root, -1.6)))
  const isNear = builder.op('LessOrEqual', [builder.op('Abs', [centred]), builder.number(0.425)])
  return builder.op('Where', [isNear, near, far])
}
