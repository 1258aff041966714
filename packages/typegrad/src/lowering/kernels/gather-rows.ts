import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import { boundsOf } from '../../passes/bounds-of.ts'
import type { LoweringContext } from '../context.ts'

/**
 * Rows at indices that are known to lie within the table, as places in an image are that were clipped to it; undefined where
 * they are not, since the runtime's operator says which index is wrong.
 */
export function gatherWithin({
  node,
  inputs,
  builder,
  isExact,
  kernelSupport,
}: LoweringContext<'gather'>): string | undefined {
  const [table, indices] = node.inputs as readonly [Node, Node]
  const [size = 0, ...rest] = table.shape
  if (!isExact || node.params.axis !== 0 || sizeOf(node.shape) === 0) return undefined
  const [least, largest] = boundsOf(indices)
  if (least < 0 || largest >= size) return undefined
  // The row of a table of all numbers is its index.
  if (table.kind === 'iota')
    return node.dtype === indices.dtype ? inputs[1] : builder.cast(inputs[1] as string, node.dtype)
  const indexDType = indices.dtype
  if (node.dtype !== 'float32' || (indexDType !== 'int32' && indexDType !== 'int64')) return undefined
  const request = {
    shape: node.shape,
    size,
    rows: sizeOf(indices.shape),
    columns: sizeOf(rest),
    indexDType,
  } as const
  if (!kernelSupport.supports('gatherRows', request)) return undefined
  return builder.emitKernel({ kind: 'gatherRows', ...request }, inputs)[0]
}
