import { sizeOf } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

const select = (condition: Tensor, a: Tensor, b: Tensor): Tensor => apply('select', [condition, a, b], {})
const positive = (x: Tensor): Tensor => ops.greater(x, 0)

/** α(eˣ − 1) below 0 and γ · that everywhere: ELU (γ = 1) and SELU. */
const elu = (x: Tensor, alpha: number, gamma = 1): Tensor =>
  ops.mul(select(ops.less(x, 0), ops.mul(ops.expm1(ops.minimum(x, 0)), alpha), x), gamma)

/** The axes of versions before 13: those from `axis` on are one. */
function overRest(call: NodeCall, of: (x: Tensor) => Tensor): Tensor {
  const x = call.input(0)
  const axis = call.boundary(x, call.int('axis', 1))
  const flat = ops.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))])
  return ops.reshape(of(flat), x.shape)
}

const alongAxis =
  (of: (x: Tensor, axis: number) => Tensor): Operator =>
  (call) => {
    if (call.opset < 13) return overRest(call, (x) => of(x, 1))
    const x = call.input(0)
    return of(x, call.axis(x, call.int('axis', -1)))
  }

/** 1 at the first largest element along the axis, 0 elsewhere. */
function hardmax(x: Tensor, axis: number): Tensor {
  if (x.size === 0) return x
  const at = ops.expandDims(ops.argMax(x, axis), axis)
  const length = x.shape[axis] as number
  const places = ops.reshape(
    apply('iota', [], { length, dtype: 'int32' }),
    x.shape.map((_, i) => (i === axis ? length : 1)),
  )
  return ops.cast(ops.equal(at, places), x.dtype)
}

const prelu: Operator = (call) => {
  const [x, slope] = [call.input(0), call.input(1)]
  // A slope for each channel of (N, C, …) is written (C, 1, …), or (C) in old files.
  const isPerChannel = slope.rank === 1 && x.rank > 2 && slope.shape[0] === x.shape[1] && call.opset < 9
  const wide = isPerChannel ? ops.reshape(slope, [-1, ...x.shape.slice(2).map(() => 1)]) : slope
  return select(ops.less(x, 0), ops.mul(x, wide), x)
}

/** x · Φ(x), or its approximation by tanh (Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415). */
const gelu: Operator = (call) =>
  ops.gelu(call.input(0), { approximate: call.string('approximate', 'none') === 'tanh' })

const swish = (call: NodeCall): Tensor =>
  ops.mul(call.input(0), ops.sigmoid(ops.mul(call.input(0), call.float('alpha', 1))))

const shrink: Operator = (call) => {
  const x = call.input(0)
  const [lambda, bias] = [call.float('lambd', 0.5), call.float('bias', 0)]
  const outer = ops.where(ops.greater(x, lambda), ops.sub(x, bias), 0)
  return select(ops.less(x, -lambda), ops.add(x, bias), outer)
}

export const activations: Operators = {
  Celu: (call) => {
    const alpha = call.float('alpha', 1)
    const x = call.input(0)
    return select(positive(x), x, ops.mul(ops.expm1(ops.div(ops.minimum(x, 0), alpha)), alpha))
  },
  Elu: (call) => elu(call.input(0), call.float('alpha', 1)),
  Gelu: gelu,
  HardSigmoid: (call) =>
    ops.clip(ops.add(ops.mul(call.input(0), call.float('alpha', 0.2)), call.float('beta', 0.5)), {
      min: 0,
      max: 1,
    }),
  HardSwish: (call) =>
    ops.mul(call.input(0), ops.clip(ops.add(ops.mul(call.input(0), 1 / 6), 0.5), { min: 0, max: 1 })),
  Hardmax: alongAxis(hardmax),
  LeakyRelu: (call) => {
    const x = call.input(0)
    return select(ops.less(x, 0), ops.mul(x, call.float('alpha', 0.01)), x)
  },
  LogSoftmax: alongAxis((x, axis) => apply('logSoftmax', [x], { axis })),
  Mish: (call) => ops.mish(call.input(0)),
  PRelu: prelu,
  Relu: (call) => apply('relu', [call.input(0)], {}),
  Selu: (call) =>
    elu(call.input(0), call.float('alpha', 1.6732632423543772), call.float('gamma', 1.0507009873554805)),
  Shrink: shrink,
  Softmax: alongAxis((x, axis) => apply('softmax', [x], { axis })),
  Softplus: (call) => ops.softplus(call.input(0)),
  Softsign: (call) => ops.softsign(call.input(0)),
  /** Shazeer, 2020, https://arxiv.org/abs/2002.05202. */
  SwiGLU: (call) => ops.mul(swish(call), call.input(1)),
  Swish: swish,
  ThresholdedRelu: (call) => {
    const x = call.input(0)
    return ops.where(ops.greater(x, call.float('alpha', 1)), x, 0)
  },
}
