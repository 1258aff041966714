import { boolean, checked, number, optionsOf } from '../base/options.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, normalizeAxis, promote, toFloating } from './apply.ts'
import { add, div, maximum, minimum, mul, sub } from './arithmetic.ts'
import { where } from './comparison.ts'
import { abs, erf, exp, expm1, log1p, neg, relu, sigmoid, tanh, withGradient } from './elementwise.ts'

const float = (x: TensorLike): Tensor => toFloating(asTensor(x))

/** eˣ / Σ eˣ along an axis (default the last). */
export function softmax(x: TensorLike, axis = -1): Tensor {
  const t = float(x)
  return apply('softmax', [t], { axis: normalizeAxis('softmax', axis, t.shape) })
}

/** log softmax, without the underflow of a softmax first. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  const t = float(x)
  return apply('logSoftmax', [t], { axis: normalizeAxis('logSoftmax', axis, t.shape) })
}

/** min(max(x, 0), 6), whose slope at both kinks is 0. */
export const relu6 = (x: TensorLike): Tensor => minimum(6, relu(float(x)))

const leakyReluChecks = optionsOf<{ readonly negativeSlope?: number }>()({ negativeSlope: number })

/** x where positive, `negativeSlope`·x elsewhere. */
export function leakyRelu(
  x: TensorLike,
  options: {
    /** The slope below 0. Default 0.2. */
    readonly negativeSlope?: number
  } = {},
): Tensor {
  const { negativeSlope = 0.2 } = checked('leakyRelu', options, leakyReluChecks)
  const t = float(x)
  return where(apply('less', promote(0, t), {}), t, mul(t, negativeSlope))
}

const eluChecks = optionsOf<{ readonly alpha?: number }>()({ alpha: number })

/** x where positive, α(eˣ − 1) elsewhere (Clevert et al. 2015, https://arxiv.org/abs/1511.07289). */
export function elu(
  x: TensorLike,
  options: {
    /** What the function approaches far below 0, negated. Default 1. */
    readonly alpha?: number
  } = {},
): Tensor {
  const { alpha = 1 } = checked('elu', options, eluChecks)
  const t = float(x)
  // The branch that is not taken must not overflow, or its gradient would be 0·∞.
  const negative = mul(expm1(minimum(t, 0)), alpha)
  return where(apply('less', promote(0, t), {}), t, negative)
}

/** Self-normalizing ELU with its fixed scale and α (Klambauer et al. 2017, https://arxiv.org/abs/1706.02515). */
export const selu = (x: TensorLike): Tensor => mul(elu(x, { alpha: 1.6732632423543772 }), 1.0507009873554805)

const geluChecks = optionsOf<{ readonly approximate?: boolean }>()({ approximate: boolean })

/**
 * x·Φ(x) with the normal distribution's Φ, or its tanh approximation
 * (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415).
 */
export function gelu(
  x: TensorLike,
  options: {
    /** Whether Φ is approximated by tanh. Default false. */
    readonly approximate?: boolean
  } = {},
): Tensor {
  const { approximate = false } = checked('gelu', options, geluChecks)
  const t = float(x)
  if (!approximate) return mul(mul(t, 0.5), add(erf(mul(t, Math.SQRT1_2)), 1))
  const cubic = mul(t, add(mul(mul(t, t), 0.044715), 1))
  return mul(mul(t, 0.5), add(tanh(mul(cubic, Math.sqrt(2 / Math.PI))), 1))
}

/** log(1 + eˣ), as max(x, 0) + log(1 + e^−|x|), which never overflows. */
export function softplus(x: TensorLike): Tensor {
  const t = float(x)
  const value = add(maximum(t, 0), log1p(exp(neg(abs(t)))))
  return withGradient(value, [t], (g) => [mul(g, sigmoid(t))])
}

/** x / (1 + |x|). */
export function softsign(x: TensorLike): Tensor {
  const t = float(x)
  return div(t, add(abs(t), 1))
}

/** x·sigmoid(x), also called swish (Ramachandran et al. 2017, https://arxiv.org/abs/1710.05941). */
export function silu(x: TensorLike): Tensor {
  const t = float(x)
  return mul(t, sigmoid(t))
}

/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: TensorLike): Tensor => mul(relu6(add(float(x), 3)), 1 / 6)

/** x·hardSigmoid(x). */
export function hardSilu(x: TensorLike): Tensor {
  const t = float(x)
  return mul(t, hardSigmoid(t))
}

/** x·tanh(softplus(x)) (Misra 2019, https://arxiv.org/abs/1908.08681). */
export function mish(x: TensorLike): Tensor {
  const t = float(x)
  return mul(t, tanh(softplus(t)))
}

/** x − tanh(x). */
export function tanhShrink(x: TensorLike): Tensor {
  const t = float(x)
  return sub(t, tanh(t))
}
