import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { LoweringRule } from '../context.ts'
import { copySlice } from './copy-slice.ts'

/**
 * Axes that stay neighbours count as one. Where three of them turn around, (a, b, c) → (c, b, a), as a kernel's do on
 * their way from Keras's layout to ONNX's, the runtime goes element by element (18 ms for 3 × 3 × 512 × 512). In two
 * steps it is rows that change places, (b, a, c), and the transpose of a matrix, (c, b·a).
 */
export const lowerTranspose: LoweringRule<'transpose'> = ({ node, inputs, builder, kernelSupport }) => {
  const [x] = node.inputs as readonly [Node]
  const [value] = inputs as readonly [string]
  const { permutation } = node.params
  const blocks = blocksOf(permutation.filter((axis) => x.shape[axis] !== 1))
  const turnsAround =
    blocks.length === 3 && blocks.every((block, i) => i === 0 || block < (blocks[i - 1] as number))
  const isMade = builder.untransposed(value) !== undefined
  if (!turnsAround || isMade) return builder.transpose(value, permutation)
  // The three parts of x, first to last.
  const [third, second, first] = blocks as [number, number, number]
  const a = sizeOf(x.shape.slice(first, second))
  const b = sizeOf(x.shape.slice(second, third))
  const c = sizeOf(x.shape.slice(third))
  if (!kernelSupport.supports('copy', { operator: 'transpose', shape: [b, a, c] }))
    return builder.transpose(value, permutation)
  const rows = copySlice(
    builder,
    { dtype: x.dtype, shape: [a, b, c] },
    builder.reshape(value, [a, b, c]),
    { starts: [0, 0, 0], steps: [1, 1, 1] },
    [a, b, c],
    [1, 0, 2],
  )
  if (rows === undefined) return builder.transpose(value, permutation)
  return builder.reshape(builder.transpose(builder.reshape(rows, [a * b, c]), [1, 0]), node.shape)
}

/** The first axis of each run of neighbours, in the order in which a permutation has them. */
const blocksOf = (permutation: readonly number[]): number[] =>
  permutation.filter((axis, i) => i === 0 || axis !== (permutation[i - 1] as number) + 1)
