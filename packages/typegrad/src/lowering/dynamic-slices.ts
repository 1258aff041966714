import { type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { GraphBuilder } from './builder.ts'
import type { LoweringRule } from './context.ts'

/**
 * Where a block of `sizes` begins in `shape`, as int64: negative starts count from the end, and no start is so late that
 * the block would not fit. Only the first `count` axes are told.
 */
function beginning(
  builder: GraphBuilder,
  { node, name }: { readonly node: Node; readonly name: string },
  shape: Shape,
  sizes: Shape,
  count = shape.length,
): string {
  const given = node.dtype === 'int64' ? name : builder.cast(name, 'int64')
  const zero = builder.int64s([0])
  const starts =
    count === shape.length ? given : builder.emit('Slice', [given, zero, builder.int64s([count])])
  const fromEnd = builder.emit('Add', [starts, builder.int64s(shape.slice(0, count))])
  const counted = builder.emit('Where', [builder.emit('Less', [starts, zero]), fromEnd, starts])
  const room = sizes.slice(0, count).map((size, i) => (shape[i] as number) - size)
  return builder.emit('Min', [builder.emit('Max', [counted, zero]), builder.int64s(room)])
}

/** x, starts → ONNX's Slice, whose bounds may be computed. */
export const lowerDynamicSlice: LoweringRule<'dynamicSlice'> = ({ node, inputs, builder }) => {
  const [x, starts] = node.inputs as readonly [Node, Node]
  const [value, name] = inputs as readonly [string, string]
  const { sizes } = node.params
  const from = beginning(builder, { node: starts, name }, x.shape, sizes)
  const sliced = builder.emit('Slice', [value, from, builder.emit('Add', [from, builder.int64s(sizes)])])
  return builder.declare(sliced, node.dtype, sizes)
}

/**
 * x, update, starts → ScatterND, which copies x unless it writes over it, and then rows: what the last axes that the
 * update fills whole have in common. Each row has its index along the axes before these.
 *
 * indices[i₀, …, iₖ₋₁] = (start₀ + i₀, …, startₖ₋₁ + iₖ₋₁): the starts, and for each axis along which the update has more
 * than one element a table of counts in that axis's column, as they broadcast against each other.
 */
export const lowerDynamicUpdateSlice: LoweringRule<'dynamicUpdateSlice'> = ({ node, inputs, builder }) => {
  const [x, update, starts] = node.inputs as readonly [Node, Node, Node]
  const [value, written, name] = inputs as readonly [string, string, string]
  // No passes have been here: they leave nothing that is written whole, or not at all.
  if (sameShape(x.shape, update.shape)) return written
  if (sizeOf(update.shape) === 0) return value
  const columns = 1 + update.shape.findLastIndex((size, i) => size !== x.shape[i])
  const from = beginning(builder, { node: starts, name }, x.shape, update.shape, columns)
  const rows = update.shape.slice(0, columns)
  let indices = builder.reshape(from, [...rows.map(() => 1), columns])
  rows.forEach((size, axis) => {
    if (size > 1) indices = builder.emit('Add', [indices, counts(builder, axis, rows)])
  })
  return builder.emit('ScatterND', [value, indices, written])
}

/** 0, 1, … along an axis of `rows`, in the axis's column of a last one of as many columns: (1, …, size, …, 1, columns). */
function counts(builder: GraphBuilder, axis: number, rows: Shape): string {
  const size = rows[axis] as number
  const table = new BigInt64Array(size * rows.length)
  for (let i = 0; i < size; i++) table[i * rows.length + axis] = BigInt(i)
  return builder.constant('int64', [...rows.map((_, i) => (i === axis ? size : 1)), rows.length], table)
}
