import { sizeOf } from '../base/shape.ts'
import { type GraphBuilder, int } from './builder.ts'
import type { LoweringRule } from './context.ts'

/**
 * A hash of 32 bits with little bias: every input bit flips every output bit with a probability near ½.
 * Constants: "lowbias32" of C. Wellons' hash prospector, https://nullprogram.com/blog/2018/07/31/.
 */
function mix(builder: GraphBuilder, value: string): string {
  const fold = (x: string, bits: number): string => {
    const shifted = builder.emit('BitShift', [x, builder.scalar('uint32', bits)], {
      direction: { type: 'string', value: 'RIGHT' },
    })
    return builder.emit('BitwiseXor', [x, shifted])
  }
  const times = (x: string, factor: number): string =>
    builder.emit('Mul', [x, builder.scalar('uint32', factor)])
  return fold(times(fold(times(fold(value, 16), 0x7feb352d), 15), 0x846ca68b), 16)
}

const goldenRatio = 0x9e3779b9

/**
 * A counter-based generator: bits = hash(row + column) with hashes of the key, the row and the column, where
 * rows and columns are positions in the last axis and in all others. Three small vectors are hashed twice;
 * each element costs one addition and one hash, and no element needs another.
 */
export const lowerRandomBits: LoweringRule<'randomBits'> = ({ node, inputs, builder, isExact }) => {
  const { shape, site } = node.params
  const columns = shape.at(-1) ?? 1
  const rows = columns === 0 ? 0 : sizeOf(shape) / columns
  const part = (i: number): string =>
    builder.emit('Gather', [inputs[0] as string, builder.int64(i)], { axis: { type: 'int', value: 0 } })
  const plus = (a: string, b: string): string => builder.emit('Add', [a, b])
  const seeded = mix(builder, plus(part(0), builder.scalar('uint32', goldenRatio)))
  const stepped = mix(
    builder,
    plus(builder.emit('BitwiseXor', [seeded, part(1)]), builder.scalar('uint32', goldenRatio)),
  )
  const key = mix(builder, plus(stepped, builder.scalar('uint32', Math.imul(site + 1, goldenRatio) >>> 0)))

  const positions = (count: number, salt: number): string => {
    const range = builder.emit('Range', [builder.int64(0), builder.int64(count), builder.int64(1)])
    const spaced = builder.emit('Mul', [builder.cast(range, 'uint32'), builder.scalar('uint32', goldenRatio)])
    return mix(builder, plus(spaced, mix(builder, plus(key, builder.scalar('uint32', salt)))))
  }
  const row = positions(rows, 0x51ab)
  const column = positions(columns, 0xc01d)
  const sums =
    isExact && columns > 0 && columns <= fewColumns
      ? sumsOfFew(builder, row, column, columns)
      : plus(builder.reshape(row, [rows, 1]), column)
  return builder.reshape(mix(builder, sums), shape)
}

/**
 * Up to so many columns their sums with the rows are put beside each other. ONNX Runtime broadcasts row by row: for 524,288
 * rows and 3 columns that addition takes five times what all of the hash does, and where the last axis is 1 every operator
 * with a number does the same.
 */
const fewColumns = 8

/** row (rows) + column (columns) → (rows · columns) */
function sumsOfFew(builder: GraphBuilder, row: string, column: string, columns: number): string {
  if (columns === 1) return builder.emit('Add', [row, column])
  const each = Array.from({ length: columns }, (_, i) => {
    const own = builder.emit('Gather', [column, builder.int64s([i])])
    return builder.emit('Unsqueeze', [builder.emit('Add', [row, own]), builder.int64s([1])])
  })
  return builder.reshape(builder.emit('Concat', each, { axis: int(1) }), [-1])
}
