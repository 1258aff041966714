/**
 * `importing/operators/`: what each operator of ONNX becomes in typegrad's operations, a file a family. They know operations
 * and tensors, and of files the node that is at work (`node-call.ts`).
 *
 * https://onnx.ai/onnx/operators/ says what each computes, by version.
 */
import { isFloating } from '../../base/dtype.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

type Unary = Parameters<typeof apply>[0] & ('neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'relu')

/** Operators that are a primitive each. */
const one =
  (kind: Unary): Operator =>
  (call) =>
    apply(kind, [call.input(0)], {})

const fn =
  (of: (x: Tensor) => Tensor): Operator =>
  (call) =>
    of(call.input(0))

/** Both operands have one dtype in ONNX. */
const two =
  (
    kind:
      | 'add'
      | 'sub'
      | 'mul'
      | 'div'
      | 'max'
      | 'min'
      | 'equal'
      | 'less'
      | 'lessEqual'
      | 'and'
      | 'or'
      | 'xor',
  ): Operator =>
  (call) =>
    apply(kind, aligned(call), {})

const swapped =
  (kind: 'less' | 'lessEqual'): Operator =>
  (call) =>
    apply(kind, aligned(call).toReversed(), {})

/** Before version 7 the second operand began at `axis` of the first. */
function aligned(call: NodeCall): readonly [Tensor, Tensor] {
  const [a, b] = [call.input(0), call.input(1)]
  if (call.opset >= 7 || call.int('broadcast', 0) === 0) return [a, b]
  const axis = call.has('axis') ? call.axis(a, call.int('axis', 0)) : a.rank - b.rank
  const after = a.rank - axis - b.rank
  return [a, ops.reshape(b, [...b.shape, ...new Array<number>(Math.max(after, 0)).fill(1)])]
}

/** An operator of any number of operands, two at a time. */
const folded =
  (kind: 'add' | 'max' | 'min'): Operator =>
  (call) =>
    call.all.reduce((a, b) => apply(kind, [a, b], {}))

/** The exponent may have another dtype than the base, whose the result has. */
const pow: Operator = (call) => {
  const [x, y] = aligned(call)
  if (x.dtype === y.dtype)
    return isFloating(x.dtype) ? apply('pow', [x, y], {}) : ops.cast(ops.pow(x, y), x.dtype)
  if (isFloating(x.dtype)) return apply('pow', [x, ops.cast(y, x.dtype)], {})
  return ops.cast(apply('pow', [ops.cast(x, 'float64'), ops.cast(y, 'float64')], {}), x.dtype)
}

const mod: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)]
  if (call.int('fmod', 0) === 0) return apply('mod', [a, b], {})
  // The remainder of C has the dividend's sign.
  const rest = apply('mod', [apply('abs', [a], {}), apply('abs', [b], {})], {})
  return apply('mul', [rest, apply('sign', [a], {})], {})
}

const isInf: Operator = (call) => {
  const x = call.input(0)
  const [isPositive, isNegative] = [
    call.int('detect_positive', 1) === 1,
    call.int('detect_negative', 1) === 1,
  ]
  const infinity = (sign: number): Tensor => ops.equal(x, call.like(sign * Number.POSITIVE_INFINITY, x))
  if (isPositive && isNegative) return ops.logicalOr(infinity(1), infinity(-1))
  if (isPositive) return infinity(1)
  return isNegative ? infinity(-1) : apply('less', [x, x], {})
}

const clip: Operator = (call) => {
  const x = call.input(0)
  const bound = (name: string, i: number): Tensor | undefined =>
    call.has(name) ? call.like(call.float(name, 0), x) : call.optional(i)
  const [low, high] = [bound('min', 1), bound('max', 2)]
  const raised = low === undefined ? x : apply('max', [x, low], {})
  return high === undefined ? raised : apply('min', [raised, high], {})
}

/** Odd: of |x|, log(|x| + √(x² + 1)) in a form that keeps the digits of small x; the slope at 0 is 1. */
function asinh(x: Tensor): Tensor {
  const isNegative = ops.less(x, 0)
  const size = apply('select', [isNegative, ops.neg(x), x], {})
  const square = ops.square(size)
  const value = ops.log1p(ops.add(size, ops.div(square, ops.add(ops.sqrt(ops.add(square, 1)), 1))))
  return apply('select', [isNegative, ops.neg(value), value], {})
}
const acosh = (x: Tensor): Tensor => ops.log(ops.add(x, ops.sqrt(ops.sub(ops.square(x), 1))))
const atanh = (x: Tensor): Tensor => ops.mul(ops.sub(ops.log1p(x), ops.log1p(ops.neg(x))), 0.5)

export const elementwise: Operators = {
  Abs: one('abs'),
  Acos: fn(ops.acos),
  Acosh: fn(acosh),
  Add: two('add'),
  And: two('and'),
  Asin: fn(ops.asin),
  Asinh: fn(asinh),
  Atan: fn(ops.atan),
  Atanh: fn(atanh),
  Ceil: one('ceil'),
  Clip: clip,
  Cos: fn(ops.cos),
  Cosh: fn(ops.cosh),
  Div: two('div'),
  Equal: two('equal'),
  Erf: fn(ops.erf),
  Exp: fn(ops.exp),
  Floor: one('floor'),
  Greater: swapped('less'),
  GreaterOrEqual: swapped('lessEqual'),
  IsInf: isInf,
  IsNaN: (call) => apply('isNaN', [call.input(0)], {}),
  Less: two('less'),
  LessOrEqual: two('lessEqual'),
  Log: fn(ops.log),
  Max: folded('max'),
  Mean: (call) => {
    const sum = call.all.reduce((a, b) => apply('add', [a, b], {}))
    return apply('div', [sum, call.like(call.all.length, sum)], {})
  },
  Min: folded('min'),
  Mod: mod,
  Mul: two('mul'),
  Neg: one('neg'),
  Not: (call) => apply('not', [call.input(0)], {}),
  Or: two('or'),
  Pow: pow,
  Reciprocal: fn(ops.reciprocal),
  Round: one('round'),
  Sigmoid: fn(ops.sigmoid),
  Sign: one('sign'),
  Sin: fn(ops.sin),
  Sinh: fn(ops.sinh),
  Sqrt: fn(ops.sqrt),
  Sub: two('sub'),
  Sum: folded('add'),
  Tan: fn(ops.tan),
  Tanh: fn(ops.tanh),
  Where: (call) => apply('select', [call.input(0), call.input(1), call.input(2)], {}),
  Xor: two('xor'),
}
