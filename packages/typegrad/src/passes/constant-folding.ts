import type { DType } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { makeNode, type Node } from '../graph/node.ts'
import type { RewriteRule } from './rewrite.ts'

/** Float32 arithmetic in JavaScript: computed in float64 and rounded once, which is exact for one operation. */
const unary: Partial<Record<Node['kind'], (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
}

const binary: Partial<Record<Node['kind'], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
}

const arrays: Partial<Record<DType, (values: readonly number[]) => Float32Array | Float64Array>> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
}

export type Constant = Node & { kind: 'constant' }

/** The number that a constant of one element holds; undefined for any other node. */
export const scalarValue = (node: Node | undefined): number | undefined =>
  node?.kind === 'constant' && node.params.data.length === 1 ? Number(node.params.data[0]) : undefined

/** A constant of one value under a shape. */
export function constantLike(value: number, dtype: DType, shape: readonly number[] = []): Node | undefined {
  const make = arrays[dtype]
  if (make === undefined || sizeOf(shape) !== 1) return undefined
  return makeNode('constant', [], { data: make([value]), dtype, shape })
}

/**
 * Operations on constants of one element become constants. Products of learning rates, batch sizes and
 * halves in the gradients would otherwise be nodes of their own in every step.
 */
export const constantFolding: RewriteRule = (node) => {
  const values = node.inputs.map(scalarValue)
  if (values.length === 0 || values.some((value) => value === undefined) || sizeOf(node.shape) !== 1)
    return node
  const [a, b] = values as number[]
  const one = unary[node.kind]
  const two = binary[node.kind]
  const value =
    one !== undefined && a !== undefined
      ? one(a)
      : two !== undefined && a !== undefined && b !== undefined
        ? two(a, b)
        : node.kind === 'reshape' || node.kind === 'broadcast' || node.kind === 'transpose'
          ? a
          : undefined
  if (value === undefined) return node
  return constantLike(value, node.dtype, node.shape) ?? node
}
