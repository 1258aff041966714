import type { DType } from '../../base/dtype.ts'
import { dtypeName, number, optionsOf, orNull } from '../../base/options.ts'
import { cast as castTo } from '../../ops/apply.ts'
import * as arithmetic from '../../ops/arithmetic.ts'
import * as comparison from '../../ops/comparison.ts'
import * as elementwise from '../../ops/elementwise.ts'
import { matmul, outer } from '../../ops/linear-algebra.ts'
import { onesLike, type TensorLike, zerosLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { binary, type Call, computed, named, type Operand, operand, row, tensorOf, unary } from './row.ts'

const { add, div, mul, sub } = arithmetic

const like = (fill: (x: Tensor) => Tensor) =>
  row({
    checks: optionsOf<{ dtype?: DType | null }>()({ dtype: orNull(dtypeName) }),
    defaults: { dtype: null },
    compute: ({ dtype }: { dtype?: DType | null }, x: TensorLike) => {
      const filled = fill(tensorOf(x))
      return dtype == null ? filled : castTo(filled, dtype)
    },
  })

const isInfinite = (x: Tensor) => comparison.equal(elementwise.abs(x), Number.POSITIVE_INFINITY)

/** x divided by y, 0 where y is 0; its gradient as well. */
function divideNoNan(a: TensorLike, b: TensorLike): Tensor {
  const isZero = comparison.equal(b, 0)
  return comparison.where(isZero, 0, div(a, comparison.where(isZero, 1, b)))
}

/** Operations that compute each element by itself, and products. */
export const elementwiseRows = {
  Absolute: unary('abs', elementwise.abs),
  Arccos: unary('acos', elementwise.acos),
  Arcsin: unary('asin', elementwise.asin),
  Arctan: unary('atan', elementwise.atan),
  Ceil: unary('ceil', elementwise.ceil),
  ConvertToTensor: like((x) => x),
  Copy: computed((x) => x),
  Cos: unary('cos', elementwise.cos),
  Cosh: unary('cosh', elementwise.cosh),
  Deg2rad: computed((x) => mul(x, Math.PI / 180)),
  Exp: unary('exp', elementwise.exp),
  Exp2: computed((x) => elementwise.exp(mul(x, Math.LN2))),
  Expm1: unary('expm1', elementwise.expm1),
  Floor: unary('floor', elementwise.floor),
  Isfinite: computed((x) =>
    elementwise.logicalNot(comparison.logicalOr(isInfinite(x), elementwise.isNaN(x))),
  ),
  Isinf: computed(isInfinite),
  Isnan: unary('isNaN', elementwise.isNaN),
  Log: unary('log', elementwise.log),
  Log10: computed((x) => mul(elementwise.log(x), Math.LOG10E)),
  Log1p: unary('log1p', elementwise.log1p),
  Log2: computed((x) => mul(elementwise.log(x), Math.LOG2E)),
  LogicalNot: unary('logicalNot', elementwise.logicalNot),
  Negative: unary('neg', elementwise.neg),
  OnesLike: like(onesLike),
  Rad2deg: computed((x) => mul(x, 180 / Math.PI)),
  Reciprocal: unary('reciprocal', elementwise.reciprocal),
  Round: row({
    checks: optionsOf<{ decimals?: number }>()({ decimals: number }),
    defaults: { decimals: 0 },
    compute: ({ decimals = 0 }: { decimals?: number }, x: TensorLike) => {
      if (decimals === 0) return elementwise.round(x)
      const unit = 10 ** decimals
      return div(elementwise.round(mul(tensorOf(x), unit)), unit)
    },
    calls: named('round', (x: Operand): Call => ({ args: [operand(x)] })),
  }),
  Sign: unary('sign', elementwise.sign),
  Sin: unary('sin', elementwise.sin),
  Sinh: unary('sinh', elementwise.sinh),
  Sqrt: unary('sqrt', elementwise.sqrt),
  Square: unary('square', elementwise.square),
  Tan: unary('tan', elementwise.tan),
  Tanh: unary('tanh', elementwise.tanh),
  Trunc: computed((x) => mul(elementwise.sign(x), elementwise.floor(elementwise.abs(x)))),
  ZerosLike: like(zerosLike),
  Rsqrt: unary('rsqrt', elementwise.rsqrt, 'ops.math'),
  Erf: unary('erf', elementwise.erf, 'ops.math'),
  StopGradient: row({
    module: 'ops.core',
    takes: ['variable'],
    compute: (_: object, x: TensorLike) => elementwise.stopGradient(tensorOf(x)),
    calls: named('stopGradient', (x: Operand): Call => ({ args: [operand(x)] })),
  }),
  Cast: row({
    module: 'ops.core',
    checks: optionsOf<{ dtype: DType }>()({ dtype: { ...dtypeName, needed: true } }),
    compute: ({ dtype }: { dtype: DType }, x: TensorLike) => castTo(tensorOf(x), dtype),
    calls: named('cast', (x: Operand, dtype: DType): Call => ({ args: [operand(x)], options: { dtype } })),
  }),

  Add: binary('add', add),
  Subtract: binary('sub', sub),
  Multiply: binary('mul', mul),
  TrueDivide: binary('div', div),
  Divide: row({ takes: ['x1', 'x2'], compute: (_: object, a: TensorLike, b: TensorLike) => div(a, b) }),
  DivideNoNan: row({
    takes: ['x1', 'x2'],
    compute: (_: object, a: TensorLike, b: TensorLike) => divideNoNan(a, b),
  }),
  FloorDivide: binary('floorDiv', arithmetic.floorDiv),
  Mod: binary('mod', arithmetic.mod),
  Power: binary('pow', arithmetic.pow),
  Maximum: binary('maximum', arithmetic.maximum),
  Minimum: binary('minimum', arithmetic.minimum),
  Equal: binary('equal', comparison.equal),
  NotEqual: binary('notEqual', comparison.notEqual),
  Greater: binary('greater', comparison.greater),
  GreaterEqual: binary('greaterEqual', comparison.greaterEqual),
  Less: binary('less', comparison.less),
  LessEqual: binary('lessEqual', comparison.lessEqual),
  LogicalAnd: binary('logicalAnd', comparison.logicalAnd),
  LogicalOr: binary('logicalOr', comparison.logicalOr),
  LogicalXor: binary('logicalXor', comparison.logicalXor),
  Matmul: binary('matmul', matmul),
  Outer: binary('outer', outer),
  Where: row({
    takes: ['condition', 'x1', 'x2'],
    compute: (_: object, condition: TensorLike, a: TensorLike, b: TensorLike) =>
      comparison.where(condition, a, b),
    calls: named(
      'where',
      (condition: Operand, a: Operand, b: Operand): Call => ({
        args: [operand(condition), operand(a), operand(b)],
      }),
    ),
  }),
  Clip: row({
    checks: optionsOf<{ xMin: number | null; xMax: number | null }>()({
      xMin: { ...orNull(number), needed: true },
      xMax: { ...orNull(number), needed: true },
    }),
    compute: ({ xMin, xMax }: { xMin: number | null; xMax: number | null }, x: TensorLike) =>
      comparison.clip(x, {
        ...(xMin === null ? {} : { min: xMin }),
        ...(xMax === null ? {} : { max: xMax }),
      }),
    calls: named(
      'clip',
      (x: Operand, { min, max }: { readonly min?: number; readonly max?: number }): Call => ({
        args: [operand(x)],
        options: { xMin: min ?? null, xMax: max ?? null },
      }),
    ),
  }),
}
