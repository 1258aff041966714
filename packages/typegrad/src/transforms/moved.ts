import { type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf, stridesOf } from '../base/shape.ts'
import { makeNode, type Node, type NodeOf, topologicalOrder } from '../graph/node.ts'
import type { PrimitiveParams } from '../graph/primitives.ts'

/** Elements that are moved here at most: a millisecond's work. A program takes that to be made, and to be run less. */
const maxElements = 1 << 18

type Movement = NodeOf<'data' | 'reshape' | 'slice' | 'concat'>
const kinds: ReadonlySet<string> = new Set<Movement['kind']>(['data', 'reshape', 'slice', 'concat'])
const isMovement = (node: Node): node is Node & Movement => kinds.has(node.kind)

/** Elements that this process can read. */
const hostOf = (node: Node): TypedArray | null => (node.kind === 'data' ? node.params.source.host : null)

/**
 * Whether a node only puts elements that are known in other places: a row of a matrix, many small tensors as one. Each
 * row and each number of tensors would be a program of its own, which takes a millisecond to be made.
 */
export function isMoved(node: Node): boolean {
  if (node.kind === 'data' || !isSmall(node)) return false
  let elements = 0
  const seen = new Set<Node>()
  // Ends at the first operation that computes: graphs are large, and few only move.
  const stack: Node[] = [node]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    if (!isMovement(at) || (at.kind === 'data' && hostOf(at) === null)) return false
    if (at.kind === 'slice' || at.kind === 'concat') elements += sizeOf(at.shape)
    if (elements > maxElements) return false
    stack.push(...at.inputs)
  }
  return true
}

/** Whether so few elements are moved here. */
export const isSmall = ({ shape }: Node): boolean => sizeOf(shape) <= maxElements

/** The leaf of such a node: memory of its own. To be called when no run writes what it reads. */
export function movedLeaf(node: Node): Node {
  const values = new Map<Node, TypedArray>()
  const order = topologicalOrder([node])
  for (const at of order) values.set(at, elementsOf(at as Node & Movement, values))
  const { dtype, shape } = node
  const value = values.get(node) as TypedArray
  const isShared = order.some((at) => hostOf(at) === value)
  return makeNode('data', [], { source: { host: isShared ? value.slice() : value, dtype, shape } })
}

function elementsOf(node: Node & Movement, values: ReadonlyMap<Node, TypedArray>): TypedArray {
  const inputs = node.inputs.map((input) => values.get(input) as TypedArray)
  switch (node.kind) {
    case 'data':
      return node.params.source.host as TypedArray
    case 'reshape':
      return inputs[0] as TypedArray
    case 'slice':
      return sliced(inputs[0] as TypedArray, node.inputs[0] as Node, node)
    case 'concat':
      return joined(inputs, node)
  }
}

/** TypeScript has no signature of set() for a union of arrays; the two are of one dtype. */
const copy = (from: TypedArray, start: number, length: number, to: TypedArray, at: number): void =>
  (to as Float32Array).set((from as Float32Array).subarray(start, start + length), at)

function joined(inputs: readonly TypedArray[], node: Node & NodeOf<'concat'>): TypedArray {
  const { axis } = node.params
  const result = typedArray(node.dtype, sizeOf(node.shape))
  const before = sizeOf(node.shape.slice(0, axis))
  let at = 0
  for (let i = 0; i < before; i++)
    for (const [k, input] of inputs.entries()) {
      const length = sizeOf((node.inputs[k] as Node).shape.slice(axis))
      copy(input, i * length, length, result, at)
      at += length
    }
  return result
}

function sliced(
  from: TypedArray,
  { shape }: Node,
  node: Node & { readonly params: PrimitiveParams['slice'] },
) {
  const { starts, steps } = node.params
  const result = typedArray(node.dtype, sizeOf(node.shape))
  if (result.length === 0) return result
  if (shape.length === 0) return from
  const strides = stridesOf(shape)
  // Axes behind `last` are taken whole, so that rows of them lie together.
  let last = shape.length - 1
  while (last > 0 && node.shape[last] === shape[last] && steps[last] === 1) last--
  const together = steps[last] === 1 ? (node.shape[last] as number) : 1
  const length = together * (strides[last] as number)
  let to = 0
  const walk = (axis: number, start: number): void => {
    const count = axis === last ? (node.shape[axis] as number) / together : (node.shape[axis] as number)
    for (let i = 0; i < count; i++) {
      const at = start + ((starts[axis] as number) + i * (steps[axis] as number)) * (strides[axis] as number)
      if (axis < last) {
        walk(axis + 1, at)
        continue
      }
      copy(from, at, length, result, to)
      to += length
    }
  }
  walk(0, 0)
  return result
}
