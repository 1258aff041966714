import { type Shape, stridesOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import { commonAxes, type View } from '../../kernel/axes.ts'
import type { Strides } from '../../kernel/elementwise.ts'
import type { GraphBuilder } from '../builder.ts'

/**
 * A slice as a kernel that copies rows, where the engine supports the copy.
 *
 * @param permutation where the slice's axes come to stand; default where they are.
 * @returns undefined where a kernel cannot: other dtypes, steps backwards, more than four axes.
 */
export function copySlice(
  builder: GraphBuilder,
  from: Pick<Node, 'dtype' | 'shape'>,
  value: string,
  { starts, steps }: { readonly starts: readonly number[]; readonly steps: readonly number[] },
  shape: Shape,
  permutation: readonly number[] = shape.map((_, axis) => axis),
): string | undefined {
  if (from.dtype !== 'float32') return undefined
  const own = stridesOf(from.shape)
  const view: View = {
    offset: starts.reduce((sum, start, axis) => sum + start * (own[axis] as number), 0),
    strides: permutation.map((axis) => (steps[axis] as number) * (own[axis] as number)),
  }
  const moved = permutation.map((axis) => shape[axis] as number)
  if (view.strides.some((stride) => stride < 0)) return undefined
  const lying = commonAxes(moved, [view])
  if (lying === undefined) return undefined
  return builder.emitKernel(
    {
      kind: 'elementwise',
      shape: moved,
      axes: lying.axes,
      values: [
        { kind: 'input', dtype: 'float32', offset: view.offset, strides: lying.strides[0] as Strides },
        { kind: 'op', op: 'copy', operands: [0] },
      ],
      outputs: [1],
    },
    [value],
  )[0]
}
