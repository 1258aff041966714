import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { type Check, checked, dtypeName, number, optionsOf, positive } from '../base/options.ts'
import { formatShape, type Mutable, type Shape, sizeOf } from '../base/shape.ts'
import { cast } from '../ops/apply.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { greater, less, logicalAnd, where } from '../ops/comparison.ts'
import { exp, log, neg, sigmoid, sqrt, square } from '../ops/elementwise.ts'
import { takeAlongAxis } from '../ops/indexing.ts'
import { argMax } from '../ops/reduce.ts'
import { expandDims, reshape } from '../ops/shape.ts'
import { asTensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { normal, type RandomOptions, uniform } from './distributions.ts'

/** Tries at each number; of each some 95 in 100 are accepted at least, so that none is left in fewer than 10⁻¹³ cases. */
const tries = 10

const parameter: Check<number | Tensor> = {
  expected: 'a number above 0, or a tensor of such',
  accepts: (value) => value instanceof Tensor || positive.accepts(value),
}

interface GammaOptions<D extends DType = DType> extends RandomOptions<D> {
  /** The distribution's shape, above 0. Default 1: the exponential distribution. */
  readonly alpha?: number | Tensor
}

interface BetaOptions<D extends DType = DType> extends RandomOptions<D> {
  /** How much lies towards 1, above 0. Default 1. */
  readonly alpha?: number | Tensor
  /** How much lies towards 0, above 0. Default 1. */
  readonly beta?: number | Tensor
}

const randomChecks = { seed: number, dtype: dtypeName }
const gammaChecks = optionsOf<GammaOptions>()({ alpha: parameter, ...randomChecks })
const betaChecks = optionsOf<BetaOptions>()({ alpha: parameter, beta: parameter, ...randomChecks })

/**
 * Logarithms of gamma variates: a small shape makes variates that float32 has no number for, but for their logarithms.
 * Marsaglia and Tsang, A Simple Method for Generating Gamma Variables (2000): with d = α − 1/3, c = 1/√(9d), x normal and u
 * uniform, v = (1 + cx)³ gives d·v where v > 0 and log u < x²/2 + d − dv + d·log v; a shape below 1 by that of α + 1, times
 * U^(1/α).
 */
function logGamma(shape: Shape, alpha: number | Tensor, seed: number | undefined): Tensor {
  const size = sizeOf(shape)
  const a = cast(asTensor(alpha), 'float32')
  const draw = (k: number): number | undefined => (seed === undefined ? undefined : seed + k * 0x0200_0000)
  const isSmall = less(a, 1)
  const d = sub(where(isSmall, add(a, 1), a), 1 / 3)
  const x = normal([tries, size], { seed: draw(0) })
  const u = uniform([tries, size], { seed: draw(1) })
  const root = add(mul(x, div(1, sqrt(mul(d, 9)))), 1)
  const v = pow(root, 3)
  const isPositive = greater(root, 0)
  const logV = log(where(isPositive, v, 1))
  // 1 − u lies in (0, 1], whose logarithm is finite.
  const limit = add(mul(square(x), 0.5), mul(d, add(sub(1, v), logV)))
  const accepted = logicalAnd(isPositive, less(log(sub(1, u)), limit))
  const first = argMax(cast(accepted, 'int32'), 0)
  const chosen = takeAlongAxis(logV, expandDims(first, 0), 0)
  const boost = div(log(sub(1, uniform([1, size], { seed: draw(2) }))), a)
  return reshape(add(add(chosen, log(d)), where(isSmall, boost, 0)), shape)
}

function checkScalar(where: string, alpha: number | Tensor): void {
  if (!(alpha instanceof Tensor) || alpha.size === 1) return
  throw new ArgumentError({ where, expected: 'one number', received: `a tensor ${formatShape(alpha.shape)}` })
}

const scalarOf = (alpha: number | Tensor): number | Tensor =>
  alpha instanceof Tensor ? reshape(alpha, []) : alpha

/**
 * The gamma distribution of a shape α and scale 1.
 *
 * @throws ArgumentError for a shape that is not above 0.
 * @example
 * random.gamma([3], { alpha: 2 })
 */
export function gamma<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: GammaOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { alpha = 1, seed, dtype } = checked('gamma', options, gammaChecks)
  checkScalar('gamma: alpha', alpha)
  return cast(exp(logGamma(shape, scalarOf(alpha), seed)), dtype ?? 'float32') as Tensor<Mutable<S>, D>
}

/**
 * The beta distribution: numbers from 0 to 1, at the ends for small α and β, about the middle for large ones.
 *
 * @throws ArgumentError for parameters that are not above 0.
 * @example
 * random.beta([32], { alpha: 0.2, beta: 0.2 }) // the weights of mixup
 */
export function beta<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: BetaOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { alpha = 1, beta = 1, seed, dtype } = checked('beta', options, betaChecks)
  checkScalar('beta: alpha', alpha)
  checkScalar('beta: beta', beta)
  const [first, second] = [
    logGamma(shape, scalarOf(alpha), seed),
    logGamma(shape, scalarOf(beta), seed === undefined ? undefined : seed + 0x0800_0000),
  ]
  // X / (X + Y) of gamma variates, by their logarithms.
  return cast(sigmoid(neg(sub(second, first))), dtype ?? 'float32') as Tensor<Mutable<S>, D>
}
