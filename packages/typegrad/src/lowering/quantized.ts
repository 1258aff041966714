import type { Node } from '../graph/node.ts'
import type { QuantizedParams } from '../graph/quantized.ts'
import { type GraphBuilder, int } from './builder.ts'
import type { LoweringRule } from './context.ts'

/** Operators of ONNX Runtime's own beside ONNX's. */
export const contribDomain = 'com.microsoft'

/** (number − zero) · scale for each block, as operators of ONNX's own. */
export const lowerDequantize: LoweringRule<'dequantize'> = ({ node, inputs, builder }) => {
  const { params, shape } = node
  const { bits, blockSize, columns } = params
  const [packed, scales, zeros] = inputs as readonly [string, string, string?]
  const [rows, blocks] = (node.inputs[1] as Node).shape as readonly [number, number]
  const numbers = unpacked(builder, packed, bits, [rows, blocks, blockSize])
  const zero =
    zeros === undefined
      ? builder.scalar('float32', 2 ** (bits - 1))
      : zeroPoints(builder, zeros, node.inputs[2] as Node, params)
  const scaled = builder.emit('Mul', [
    builder.emit('Sub', [numbers, zero]),
    builder.reshape(scales, [rows, blocks, 1]),
  ])
  const filled = builder.reshape(scaled, [rows, blocks * blockSize])
  if (blocks * blockSize === columns) return filled
  const [from, to, axis] = [0, columns, 1].map((value) => builder.int64s([value])) as [string, string, string]
  return builder.reshape(builder.emit('Slice', [filled, from, to, axis]), shape)
}

/** Bytes as floats, of which each holds one number or two: the lower half first. */
function unpacked(builder: GraphBuilder, bytes: string, bits: 4 | 8, shape: readonly number[]): string {
  const floats = builder.cast(bytes, 'float32')
  if (bits === 8) return builder.reshape(floats, shape)
  const upper = builder.emit('Floor', [builder.emit('Mul', [floats, builder.scalar('float32', 1 / 16)])])
  const lower = builder.emit('Sub', [floats, builder.emit('Mul', [upper, builder.scalar('float32', 16)])])
  const pairs = [...shape.slice(0, -1), (shape.at(-1) as number) / 2, 1]
  const both = builder.emit('Concat', [builder.reshape(lower, pairs), builder.reshape(upper, pairs)], {
    axis: int(pairs.length - 1),
  })
  return builder.reshape(both, shape)
}

/** (rows, blocks, 1) */
function zeroPoints(builder: GraphBuilder, zeros: string, { shape }: Node, params: QuantizedParams): string {
  const { bits, blockSize, columns } = params
  const [rows, bytes] = shape as readonly [number, number]
  const blocks = Math.ceil(columns / blockSize)
  const held = (bytes * 8) / bits
  const numbers = unpacked(builder, zeros, bits, [rows, held])
  const [from, to, axis] = [0, blocks, 1].map((value) => builder.int64s([value])) as [string, string, string]
  const wanted = held === blocks ? numbers : builder.emit('Slice', [numbers, from, to, axis])
  return builder.reshape(wanted, [rows, blocks, 1])
}

/**
 * ONNX Runtime's product with a matrix of few bits, which reads it as it is kept. It is fast where the matrix is a constant of
 * the model; where it is an input the runtime makes floats of it at each call.
 */
export const lowerQuantizedProduct: LoweringRule<'quantizedProduct'> = ({ node, inputs, builder }) => {
  const { bits, blockSize, columns, activations } = node.params
  const rows = node.shape.at(-1) as number
  const [x, packed, scales, zeros] = inputs as readonly [string, string, string, string?]
  const flat = [x, packed, builder.reshape(scales, [-1])]
  if (zeros !== undefined) flat.push(builder.reshape(zeros, [-1]))
  return builder.emitOf(contribDomain, 'MatMulNBits', flat, {
    K: int(columns),
    N: int(rows),
    bits: int(bits),
    block_size: int(blockSize),
    accuracy_level: int(activations === 'int8' ? 4 : 1),
  })
}
