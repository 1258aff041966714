import { sizeOf } from '../base/shape.ts'
import type { Work } from '../base/work.ts'
import { makeNode, type Node, topologicalOrderWork } from '../graph/node.ts'
import { rewriteWork } from './rewrite.ts'

/**
 * A product with a matrix of few bits reads it as it is kept, x · dequantize(…)ᵀ in one operation, and rows that are looked up
 * in one are made floats alone: the whole matrix is never there as floats.
 */
export function* quantizedProductsWork(outputs: readonly Node[]): Work<Node[]> {
  let isQuantized = false
  for (const { kind } of yield* topologicalOrderWork(outputs)) {
    isQuantized ||= kind === 'dequantize'
    yield
  }
  if (!isQuantized) return [...outputs]
  return yield* rewriteWork(outputs, (node) => {
    if (node.kind === 'matmul') return productOf(node) ?? node
    return node.kind === 'gather' ? (rowsOf(node) ?? node) : node
  })
}

function productOf({ inputs }: Node): Node | undefined {
  const [x, weight] = inputs as readonly [Node, Node]
  const matrix = weight.kind === 'transpose' && weight.shape.length === 2 ? weight.inputs[0] : undefined
  if (matrix?.kind !== 'dequantize') return undefined
  return makeNode('quantizedProduct', [x, ...matrix.inputs], matrix.params)
}

function rowsOf({ inputs, params, shape }: Node & { readonly kind: 'gather' }): Node | undefined {
  const [matrix, indices] = inputs as readonly [Node, Node]
  if (matrix.kind !== 'dequantize' || params.axis !== 0) return undefined
  const flat = makeNode('reshape', [indices], { shape: [sizeOf(indices.shape)] })
  const rows = matrix.inputs.map((part) => makeNode('gather', [part, flat], params))
  return makeNode('reshape', [makeNode('dequantize', rows, matrix.params)], { shape })
}
