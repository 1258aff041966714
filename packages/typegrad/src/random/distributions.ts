import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import {
  checked,
  count,
  dtypeName,
  finite,
  integer,
  needed,
  notNegative,
  number,
  optionsOf,
  share,
} from '../base/options.ts'
import type { Mutable, Shape } from '../base/shape.ts'
import { apply, cast } from '../ops/apply.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { less, where } from '../ops/comparison.ts'
import { cos, log, neg, sqrt } from '../ops/elementwise.ts'
import { argsort } from '../ops/indexing.ts'
import { argMax } from '../ops/reduce.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import { currentGenerator } from './generator.ts'

export interface RandomOptions<D extends DType = DType> {
  /** Makes this draw independent of the others. Default none: each draw differs. */
  readonly seed?: number | undefined
  /** Dtype of the values. Default `'float32'`. */
  readonly dtype?: D
}

const randomChecks = optionsOf<RandomOptions>()({ seed: number, dtype: dtypeName })

interface RangeOptions<D extends DType = DType> extends RandomOptions<D> {
  /** The least value. Default 0. */
  readonly min?: number
  /** The bound above, itself not drawn. Default 1. */
  readonly max?: number
}

const rangeChecks = optionsOf<RangeOptions>()({ min: finite, max: finite, ...randomChecks })

/** Uniform on [0, 1) in steps of 2⁻²⁴, the finest that float32 has everywhere in it. */
function unit(shape: Shape, seed: number | undefined): Tensor {
  const { key, site } = currentGenerator().draw(seed)
  const bits = apply('randomBits', [key], { shape, site })
  // The highest 24 bits: division by 2⁸, exact in float64 and then in float32.
  const scaled = cast(apply('div', [bits, constant([256], [], 'uint32')], {}), 'float32')
  return mul(scaled, 2 ** -24)
}

/**
 * Uniform on [min, max).
 *
 * @example
 * random.uniform([100, 1])
 * random.uniform([3], { min: -1, max: 1, seed: 7 })
 */
export function uniform<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: RangeOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { min = 0, max = 1, seed, dtype } = checked('uniform', options, rangeChecks)
  const standard = unit(shape, seed)
  const scaled = min === 0 && max === 1 ? standard : add(mul(standard, max - min), min)
  return cast(scaled, dtype ?? 'float32') as Tensor<Mutable<S>, D>
}

export interface NormalOptions<D extends DType = DType> extends RandomOptions<D> {
  /** Mean of the distribution. Default 0. */
  readonly mean?: number
  /** Standard deviation. Default 1. */
  readonly stddev?: number
}

const normalChecks = optionsOf<NormalOptions>()({ mean: finite, stddev: notNegative, ...randomChecks })

const scaled = (x: Tensor, mean: number, stddev: number, dtype: DType): Tensor => {
  const spread = stddev === 1 ? x : mul(x, stddev)
  return cast(mean === 0 ? spread : add(spread, mean), dtype)
}

/** The normal distribution, by Box and Muller (1958). */
export function normal<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: NormalOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { mean = 0, stddev = 1, seed, dtype } = checked('normal', options, normalChecks)
  const [radius, angle] = [
    unit(shape, seed),
    unit(shape, seed === undefined ? undefined : seed + 0x1000_0000),
  ]
  // 1 − u lies in (0, 1], whose logarithm is finite.
  const distance = sqrt(mul(log(sub(constant([1], [], 'float32'), radius)), -2))
  return scaled(mul(distance, cos(mul(angle, 2 * Math.PI))), mean, stddev, dtype ?? 'float32') as Tensor<
    Mutable<S>,
    D
  >
}

/** The normal distribution without what lies more than two standard deviations from the mean. */
export function truncatedNormal<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: NormalOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { mean = 0, stddev = 1, seed, dtype } = checked('truncatedNormal', options, normalChecks)
  // Φ(2) − Φ(−2) = erf(√2): uniform within that share of the distribution, then its inverse.
  const share = 0.9544997361036416
  const u = mul(sub(mul(unit(shape, seed), 2), 1), share)
  return scaled(mul(inverseErf(u), Math.SQRT2), mean, stddev, dtype ?? 'float32') as Tensor<Mutable<S>, D>
}

/**
 * The inverse of the error function in single precision: two polynomials in w = −log(1 − x²)
 * (M. Giles, Approximating the erfinv function, GPU Computing Gems, 2010).
 */
export function inverseErf(x: Tensor): Tensor {
  const polynomial = (t: Tensor, coefficients: readonly number[]): Tensor =>
    coefficients
      .slice(1)
      .reduce<Tensor>((p, c) => add(mul(p, t), c), constant([coefficients[0] as number], [], 'float32'))
  const w = neg(log(sub(constant([1], [], 'float32'), mul(x, x))))
  const central = polynomial(
    sub(w, 2.5),
    [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3,
      -4.17768164e-3, 2.46640727e-1, 1.50140941,
    ],
  )
  const tail = polynomial(
    sub(sqrt(w), 3),
    [
      -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3,
      9.43887047e-3, 1.00167406, 2.83297682,
    ],
  )
  return mul(where(less(w, 5), central, tail), x)
}

interface BernoulliOptions<D extends DType = DType> extends RandomOptions<D> {
  /** How likely a 1 is. Default 0.5. */
  readonly probability?: number
}

const bernoulliChecks = optionsOf<BernoulliOptions>()({ probability: share, ...randomChecks })

/** 1 with the given probability, 0 otherwise. */
export function bernoulli<const S extends Shape, D extends DType = 'float32'>(
  shape: S,
  options: BernoulliOptions<D> = {},
): Tensor<Mutable<S>, D> {
  const { probability = 0.5, seed, dtype } = checked('bernoulli', options, bernoulliChecks)
  return cast(less(unit(shape, seed), probability), dtype ?? 'float32') as Tensor<Mutable<S>, D>
}

interface IntegersOptions<D extends DType = DType> extends RandomOptions<D> {
  /** The least value. Default 0. */
  readonly min?: number
  /** The bound above, itself not drawn. */
  readonly max: number
}

const integersChecks = optionsOf<IntegersOptions>()({ min: integer, ...randomChecks, max: needed(integer) })

/** Whole numbers from `min` up to and without `max`, all alike. */
export function integers<const S extends Shape, D extends DType = 'int32'>(
  shape: S,
  options: IntegersOptions<D>,
): Tensor<Mutable<S>, D> {
  const { min = 0, max, seed, dtype } = checked('integers', options, integersChecks)
  if (!(max > min))
    throw new ArgumentError({ where: 'integers', expected: `max above min (${min})`, received: String(max) })
  const offset = cast(apply('floor', [mul(unit(shape, seed), max - min)], {}), 'int32')
  return cast(min === 0 ? offset : add(offset, min), dtype ?? 'int32') as Tensor<Mutable<S>, D>
}

const seedChecks = optionsOf<Pick<RandomOptions, 'seed'>>()({ seed: number })

interface CategoricalOptions extends Pick<RandomOptions, 'seed'> {
  /** Draws of each row, along a last axis of this length. Default: one, without such an axis. */
  readonly samples?: number
}

const categoricalChecks = optionsOf<CategoricalOptions>()({ samples: count, ...seedChecks })

/** The numbers 0 … n − 1 in random order. */
export const permutation = (
  n: number,
  options: Pick<RandomOptions, 'seed'> = {},
): Tensor<[number], 'int32'> =>
  argsort(unit([n], checked('permutation', options, seedChecks).seed)) as Tensor<[number], 'int32'>

/**
 * Positions (int32) along the last axis, drawn with the probabilities whose logarithms, up to a constant, are given.
 *
 * @param options `samples`: independent draws of each row, along a last axis of this length, as Keras's `num_samples`
 * and PyTorch's `multinomial` with replacement. Default: one draw without such an axis.
 * @example
 * random.categorical(logits)                  // (batch, classes) → (batch): an action of each state
 * random.categorical(logits, { samples: 5 })  // (batch, classes) → (batch, 5)
 */
export function categorical(logits: Tensor, options: CategoricalOptions = {}): Tensor<Shape, 'int32'> {
  const { samples, seed } = checked('categorical', options, categoricalChecks)
  const rows: Tensor = samples === undefined ? logits : logits.expandDims(-2)
  const shape = samples === undefined ? logits.shape : rows.shape.with(-2, samples)
  // Gumbel's trick: the largest of logits plus Gumbel noise falls where its probability says.
  const u = unit(shape, seed)
  const noise = neg(log(neg(log(add(mul(u, 1 - 2 ** -23), 2 ** -24)))))
  return argMax(add(rows, noise), -1)
}
