import { isFloating } from '../../base/dtype.ts'
import { type FileType, fileTypes } from '../../onnx/file.ts'
import { apply } from '../../ops/apply.ts'
import * as ops from '../../ops/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { isNarrowInteger, rangeOf } from '../elements.ts'
import type { NodeCall, Operator, Operators } from '../node-call.ts'
import { convolution, withBias } from './convolutions.ts'

/*
 * Numbers that a node quantises stay floats that are whole: their products are exact up to 2²⁴, and gradients pass straight
 * through the rounding (Bengio et al., 2013, https://arxiv.org/abs/1308.3432), so that a network is trained around them.
 */

const float = (x: Tensor): Tensor => (isFloating(x.dtype) ? x : ops.cast(x, 'float32'))

/** A scale or zero point for x: one number, one for each slice along `axis`, or one for each block of `blockSize` there. */
function spread(call: NodeCall, values: Tensor, x: Tensor): Tensor {
  if (values.size === 1) return ops.reshape(values, [])
  const axis = call.axis(x, call.int('axis', 1))
  const blockSize = call.int('block_size', 0)
  if (values.rank === 1 && blockSize === 0)
    return ops.reshape(
      values,
      x.shape.map((_, i) => (i === axis ? values.size : 1)),
    )
  return ops.stridedSlice(ops.repeat(values, blockSize, axis), axis, 0, x.shape[axis] as number)
}

const dequantized = (call: NodeCall, x: Tensor, scale: Tensor, zero: Tensor | undefined): Tensor => {
  const numbers = float(x)
  const centred = zero === undefined ? numbers : ops.sub(numbers, spread(call, float(zero), x))
  return ops.mul(centred, spread(call, scale, x))
}

const dequantizeLinear: Operator = (call) =>
  dequantized(call, call.input(0), float(call.input(1)), call.optional(2))

/** x rounded and kept in a range of whole numbers; its gradient is that of keeping in the range. */
function rounded(x: Tensor, [smallest, largest]: readonly [number, number], zero: Tensor | number): Tensor {
  const moved = ops.clip(ops.add(x, zero), { min: smallest, max: largest })
  const value = ops.clip(ops.add(ops.round(x), zero), { min: smallest, max: largest })
  // What is added has no gradient and no part in the value: (value − moved) as a constant.
  return ops.add(moved, ops.stopGradient(ops.sub(value, moved)))
}

function quantized(
  call: NodeCall,
  x: Tensor,
  scale: Tensor,
  zero: Tensor | undefined,
  type: FileType,
): Tensor {
  if (!isNarrowInteger(type) && type !== 'uint8') call.refuse(`to ${type}`)
  const range = rangeOf(type as 'uint8')
  const made = rounded(
    ops.div(float(x), spread(call, scale, x)),
    range,
    zero === undefined ? 0 : spread(call, float(zero), x),
  )
  call.around.setType(made, type)
  return made
}

const typeBy = (code: number): FileType | undefined => (fileTypes as Readonly<Record<number, FileType>>)[code]

const quantizeLinear: Operator = (call) => {
  const zero = call.optional(2)
  const asked = call.has('output_dtype') ? typeBy(call.int('output_dtype', 2)) : undefined
  const type = zero === undefined ? (asked ?? 'uint8') : call.around.typeOf(zero)
  return quantized(call, call.input(0), float(call.input(1)), zero, type)
}

/** uint8 with a scale and a zero point by the smallest and largest element, 0 among them. */
const dynamicQuantizeLinear: Operator = (call) => {
  const x = call.input(0)
  const [low, high] = [ops.minimum(ops.min(x), 0), ops.maximum(ops.max(x), 0)]
  const scale = ops.stopGradient(ops.div(ops.sub(high, low), 255))
  const zero = ops.stopGradient(ops.clip(ops.round(ops.div(ops.neg(low), scale)), { min: 0, max: 255 }))
  const made = rounded(ops.div(x, scale), [0, 255], zero)
  call.around.setType(made, 'uint8')
  call.around.setType(zero, 'uint8')
  return [made, scale, zero]
}

const minus = (x: Tensor, zero: Tensor | undefined): Tensor =>
  zero === undefined ? float(x) : ops.sub(float(x), float(zero))

/** The zero point of a matrix may be one for each column, of the left one for each row. */
const rowwise = (zero: Tensor | undefined): Tensor | undefined =>
  zero === undefined || zero.rank === 0
    ? zero
    : zero.rank === 1 && zero.size > 1
      ? ops.expandDims(zero, -1)
      : zero

/** Products of whole numbers, as such: whole numbers again. */
const whole = (call: NodeCall, made: Tensor, inputs: readonly Tensor[]): Tensor => {
  if (inputs.some(({ dtype }) => isFloating(dtype))) {
    call.around.setType(made, 'int32')
    return made
  }
  return ops.cast(made, 'int32')
}

const matMulInteger: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)]
  const made = ops.matmul(minus(a, rowwise(call.optional(2))), minus(b, call.optional(3)))
  return whole(call, made, [a, b])
}

const convInteger: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)]
  const zero = call.optional(3)
  const perOutput =
    zero === undefined || zero.size === 1
      ? zero
      : ops.reshape(zero, [-1, ...kernel.shape.slice(1).map(() => 1)])
  return whole(call, convolution(call, minus(x, call.optional(2)), minus(kernel, perOutput)), [x, kernel])
}

/** a, its scale and zero point, b and its, those of the result. */
const qLinearMatMul: Operator = (call) => {
  const perRow = (t: Tensor): Tensor => rowwise(t) as Tensor
  const a = ops.mul(minus(call.input(0), perRow(call.input(2))), perRow(float(call.input(1))))
  const b = ops.mul(minus(call.input(3), call.input(5)), float(call.input(4)))
  return quantized(
    call,
    ops.matmul(a, b),
    float(call.input(6)),
    call.input(7),
    call.around.typeOf(call.input(7)),
  )
}

const qLinearConv: Operator = (call) => {
  const kernel = call.input(3)
  const perOutput = (t: Tensor): Tensor =>
    t.size === 1 ? ops.reshape(t, []) : ops.reshape(t, [-1, ...kernel.shape.slice(1).map(() => 1)])
  const x = ops.mul(minus(call.input(0), call.input(2)), float(call.input(1)))
  const w = ops.mul(minus(kernel, perOutput(call.input(5))), perOutput(float(call.input(4))))
  const bias = call.optional(8)
  const scale = ops.mul(float(call.input(1)), float(call.input(4)))
  const made = withBias(convolution(call, x, w), bias === undefined ? undefined : ops.mul(float(bias), scale))
  return quantized(call, made, float(call.input(6)), call.input(7), call.around.typeOf(call.input(7)))
}

/** ONNX Runtime's product with a matrix of 4 or 8 bits a number, which keeps these bits: see `ops.dequantize`. */
const matMulNBits: Operator = (call) => {
  const [bits, blockSize] = [call.int('bits', 4), call.int('block_size', 32)]
  const [rows, columns] = [call.int('N', 0), call.int('K', 0)]
  const blocks = Math.ceil(columns / blockSize)
  const zeros = call.optional(3)
  if (bits !== 4 && bits !== 8) call.refuse(`with ${bits} bits`)
  if (![16, 32, 64, 128, 256].includes(blockSize)) call.refuse(`with blocks of ${blockSize}`)
  if (call.optional(4) !== undefined) call.refuse('with an order of its columns (g_idx)')
  if (zeros !== undefined && zeros.dtype !== 'uint8') call.refuse(`with zero points of ${zeros.dtype}`)
  const matrix = ops.dequantize(
    {
      packed: call.input(1),
      scales: ops.reshape(float(call.input(2)), [rows, blocks]),
      ...(zeros === undefined ? {} : { zeros: ops.reshape(zeros, [rows, -1]) }),
    },
    {
      bits: bits as 4 | 8,
      blockSize: blockSize as 16 | 32 | 64 | 128 | 256,
      columns,
      activations: call.int('accuracy_level', 0) === 4 ? 'int8' : 'float32',
    },
  )
  const x = call.input(0)
  const made = apply('matmul', [ops.reshape(x, [-1, columns]), ops.transpose(matrix)], {})
  const shaped = ops.reshape(made, [...x.shape.slice(0, -1), rows])
  const bias = call.optional(5)
  return bias === undefined ? shaped : ops.add(shaped, bias)
}

/** DynamicQuantizeLinear, MatMulInteger and what follows them in one. */
const dynamicQuantizeMatMul: Operator = (call) => {
  const [made, scale, zero] = dynamicQuantizeLinear(call) as readonly [Tensor, Tensor, Tensor]
  const product = ops.matmul(minus(made, zero), minus(call.input(1), call.optional(3)))
  const scaled = ops.mul(product, ops.mul(scale, call.input(2)))
  const bias = call.optional(4)
  return bias === undefined ? scaled : ops.add(scaled, bias)
}

export const quantizedOperators: Operators = {
  ConvInteger: convInteger,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QuantizeLinear: quantizeLinear,
}

/** Those of ONNX Runtime's own domain. */
export const runtimeQuantized: Operators = {
  DynamicQuantizeMatMul: dynamicQuantizeMatMul,
  MatMulIntegerToFloat: (call) => {
    const scale = ops.mul(call.input(2), call.input(3))
    const made = ops.mul(
      ops.matmul(minus(call.input(0), call.optional(4)), minus(call.input(1), call.optional(5))),
      scale,
    )
    const bias = call.optional(6)
    return bias === undefined ? made : ops.add(made, bias)
  },
  MatMulNBits: matMulNBits,
}
