import type { DType } from '../../base/dtype.ts'
import type { FileType } from '../../onnx/file.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { isNarrowInteger, narrowIntegers, rangeOf } from '../elements.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'

/*
 * No primitive sees the bits of a number: they are computed, in int64. Bit k of x is ⌊x / 2ᵏ⌋ mod 2, in two's complement for
 * negative x too, and a number is Σ bit k · 2ᵏ, where the highest bit of a signed type counts −2ᵏ.
 */

interface Width {
  readonly bits: number
  readonly isSigned: boolean
}

const widths: { readonly [D in DType]?: Width } = {
  int32: { bits: 32, isSigned: true },
  int64: { bits: 64, isSigned: true },
  uint8: { bits: 8, isSigned: false },
  uint32: { bits: 32, isSigned: false },
}

/** Of the type that the file has, which tensors here may hold in a wider one. */
function widthOf(call: NodeCall, x: Tensor): Width {
  const type = call.around.typeOf(x)
  if (isNarrowInteger(type)) return narrowIntegers[type]
  return widths[x.dtype] ?? call.refuse(`of ${x.dtype}`)
}

/** The lowest bits of whole numbers as a narrow integer has them, as in C. */
export function wrappedTo(call: NodeCall, x: Tensor, type: FileType): Tensor {
  if (!isNarrowInteger(type)) return x
  const [smallest, largest] = rangeOf(type)
  const wrapped = ops.add(ops.mod(ops.sub(x, smallest), largest - smallest + 1), smallest)
  call.around.setType(wrapped, type)
  return wrapped
}

const long = (x: Tensor): Tensor => ops.cast(x, 'int64')

/** 2⁰ … 2ⁿ⁻¹; the 64th is −2⁶³, which is the same in int64. */
const powers = (count: number): Tensor =>
  constant(
    Array.from({ length: count }, (_, k) => (k === 63 ? -(2 ** 63) : 2 ** k)),
    [count],
    'int64',
  )

/** (…) → (…, bits) of 0 and 1. */
function bitsOf(x: Tensor, { bits }: Width): Tensor {
  const low = Math.min(bits, 63)
  const whole = ops.expandDims(long(x), -1)
  const each = ops.mod(ops.floorDiv(whole, powers(low)), 2)
  return bits === 64 ? ops.concat([each, ops.cast(ops.less(whole, 0), 'int64')], each.rank - 1) : each
}

function fromBits(bits: Tensor, { bits: count, isSigned }: Width): Tensor {
  const values = Array.from({ length: count }, (_, k) => (isSigned && k === count - 1 ? -(2 ** k) : 2 ** k))
  return ops.sum(ops.mul(bits, constant(values, [count], 'int64')), -1)
}

/** An operator on each pair of bits. */
const bitwise =
  (of: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) => {
    const [a, b] = [call.input(0), call.input(1)]
    const width = widthOf(call, a)
    const made = ops.cast(fromBits(of(bitsOf(a, width), bitsOf(b, width)), width), a.dtype)
    call.around.setType(made, call.around.typeOf(a))
    return made
  }

/** −1 − x of a signed number, and the largest − x of another. */
const bitwiseNot: Operator = (call) => {
  const x = call.input(0)
  const { bits, isSigned } = widthOf(call, x)
  const made = ops.cast(ops.sub(isSigned ? -1 : 2 ** bits - 1, long(x)), x.dtype)
  call.around.setType(made, call.around.typeOf(x))
  return made
}

/** A product with a power of 2, of which the lowest bits count, or a quotient that is rounded down; where all bits are gone, what the sign leaves. */
const shift: Operator = (call) => {
  const [a, b] = [call.input(0), long(call.input(1))]
  const { bits, isSigned } = widthOf(call, a)
  const power = apply('gather', [powers(bits), ops.clip(b, { min: 0, max: bits - 1 })], { axis: 0 })
  const isRight = call.string('direction', 'LEFT') === 'RIGHT'
  const shifted = isRight ? ops.floorDiv(long(a), power) : ops.mul(long(a), power)
  const rest = isRight ? ops.where(ops.less(a, 0), call.like(-1, b), call.like(0, b)) : call.like(0, b)
  const isWithin = ops.logicalAnd(ops.greaterEqual(b, 0), ops.less(b, bits))
  const inside = apply('select', [isWithin, shifted, rest], {})
  const type = call.around.typeOf(a)
  if (isNarrowInteger(type)) return wrappedTo(call, ops.cast(inside, a.dtype), type)
  if (bits === 64) {
    const made = ops.cast(inside, a.dtype)
    call.around.setType(made, type)
    return made
  }
  const low = isSigned ? -(2 ** (bits - 1)) : 0
  return ops.cast(ops.add(ops.mod(ops.sub(inside, low), 2 ** bits), low), a.dtype)
}

export const bitOperators: Operators = {
  BitShift: shift,
  BitwiseAnd: bitwise((a, b) => ops.mul(a, b)),
  BitwiseNot: bitwiseNot,
  BitwiseOr: bitwise((a, b) => ops.maximum(a, b)),
  BitwiseXor: bitwise((a, b) => ops.mod(ops.add(a, b), 2)),
}
