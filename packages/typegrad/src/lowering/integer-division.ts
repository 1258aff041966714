import type { DType } from '../base/dtype.ts'
import type { Node } from '../graph/node.ts'
import { binary } from './binary.ts'
import { int } from './builder.ts'
import type { LoweringContext, LoweringRule } from './context.ts'

const isUnsigned = (dtype: DType): boolean => dtype === 'uint8' || dtype === 'uint32'

/** Whether a divisor is a constant that needs no care. */
const isSafe = (divisor: Node): boolean =>
  divisor.kind === 'constant' &&
  Array.from<number | bigint>(divisor.params.data).every(
    (value) => Number(value) !== 0 && Number(value) !== -1,
  )

/**
 * Division of integers. Divisions by 0, and of the smallest number by −1, end the process on x86: the former gives 0, as
 * in NumPy, as does its remainder; the latter wraps to the smallest number again.
 */
export const integerDivision =
  <P extends 'div' | 'mod'>(kind: P): LoweringRule<P> =>
  (context) => {
    const { node, inputs, builder } = context
    const [a, b] = inputs as readonly [string, string]
    const op = kind === 'div' ? 'Div' : 'Mod'
    if (isSafe(node.inputs[1] as Node)) return binary<P>(op)(context)
    if (isUnsigned(node.dtype)) {
      const signed = [a, b].map((name) => builder.cast(name, 'int64')) as [string, string]
      return builder.cast(divide(signed, 'int64'), node.dtype)
    }
    return divide([a, b], node.dtype)

    function divide([x, y]: readonly [string, string], dtype: DType): string {
      const [zero, one] = [builder.scalar(dtype, 0), builder.scalar(dtype, 1)]
      const isZero = builder.emit('Equal', [y, zero])
      const isMinusOne = builder.emit('Equal', [y, builder.scalar(dtype, -1)])
      const divisor = builder.emit('Where', [builder.emit('Or', [isZero, isMinusOne]), one, y])
      const result = builder.emit(op, [x, divisor])
      // What remains of a division by 1 is 0 already.
      if (kind === 'mod') return result
      const negated = builder.emit('Where', [isMinusOne, builder.emit('Neg', [x]), result])
      return builder.emit('Where', [isZero, zero, negated])
    }
  }

/**
 * The remainder with the divisor's sign, as Python's and NumPy's: ONNX's Mod of floats is C's fmod, which is exact and has
 * the dividend's sign. The remainder of a division by ±∞ is the dividend, or ±∞ where the signs differ.
 */
export function floatModulo({ node, inputs, builder }: LoweringContext<'mod'>): string {
  const isHalf = node.dtype === 'float16'
  const dtype = isHalf ? 'float32' : node.dtype
  const [a, b] = (isHalf ? inputs.map((name) => builder.cast(name, 'float32')) : inputs) as [string, string]
  const zero = builder.scalar(dtype, 0)
  const rest = builder.emit('Mod', [a, b], { fmod: int(1) })
  const isNegative = (name: string): string => builder.emit('Less', [name, zero])
  const differs = builder.emit('Xor', [isNegative(rest), isNegative(b)])
  const moved = builder.emit('Where', [differs, builder.emit('Add', [rest, b]), rest])
  // 0 / b has the sign of b, also of an infinite one.
  const signedZero = builder.emit('Div', [zero, b])
  const result = builder.emit('Where', [builder.emit('Equal', [rest, zero]), signedZero, moved])
  return isHalf ? builder.cast(result, 'float16') : result
}
