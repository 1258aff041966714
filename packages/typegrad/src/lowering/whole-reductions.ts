import { type Shape, sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { ReduceParams } from '../graph/primitives.ts'
import type { GraphBuilder } from './builder.ts'

/** (kept, reduced): the axes that are reduced moved behind the others. */
function asLines(builder: GraphBuilder, value: string, { shape }: Node, axes: readonly number[]): Lines {
  const all = [...shape.keys()]
  const kept = all.filter((axis) => !axes.includes(axis))
  const length = sizeOf(axes.map((axis) => shape[axis] as number))
  const lines = sizeOf(kept.map((axis) => shape[axis] as number))
  const moved = builder.transpose(value, [...kept, ...all.filter((axis) => axes.includes(axis))])
  return { value: builder.reshape(moved, [lines, length]), lines, length }
}

interface Lines {
  readonly value: string
  readonly lines: number
  readonly length: number
}

/**
 * The sum of int64: the runtime's goes by way of doubles and is another number beyond 2⁵³, its product of matrices does
 * not and is not.
 */
export function sumOfInt64(
  builder: GraphBuilder,
  value: string,
  from: Node,
  { axes }: ReduceParams,
  shape: Shape,
): string {
  const { value: rows, length } = asLines(builder, value, from, axes)
  const ones = builder.emit('Expand', [builder.scalar('int64', 1), builder.int64s([length, 1])])
  return builder.reshape(builder.emit('MatMul', [rows, ones]), shape)
}

/** The product of int64, whose halves are multiplied with each other until one is left; for the same reason. */
export function productOfInt64(
  builder: GraphBuilder,
  value: string,
  from: Node,
  { axes }: ReduceParams,
  shape: Shape,
): string {
  let { value: rows, length, lines } = asLines(builder, value, from, axes)
  const part = (start: number, stop: number): string =>
    builder.emit('Slice', [rows, ...[start, stop, 1].map((bound) => builder.int64s([bound]))])
  while (length > 1) {
    const half = Math.floor(length / 2)
    const products = builder.emit('Mul', [part(0, half), part(half, 2 * half)])
    rows =
      length % 2 === 0
        ? products
        : builder.emit('Concat', [products, part(length - 1, length)], { axis: { type: 'int', value: 1 } })
    length = Math.ceil(length / 2)
  }
  return lines === 0 || length === 0
    ? builder.emit('Expand', [builder.scalar('int64', 1), builder.int64s(shape)])
    : builder.reshape(rows, shape)
}
