import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import type { LoweringContext } from '../context.ts'

type Context = LoweringContext<Primitive>

/** A product as a kernel makes it, and the name of the row that is added to each of its rows. */
export interface Biased<P> {
  readonly product: P
  readonly bias: string
}

/**
 * What `node` is the sum of, if that is a product that no other node reads and one row for all of its rows.
 *
 * @param find the product as a kernel makes it; undefined where it is none.
 */
export function biasedProduct<P>(
  context: Context,
  node: Node,
  find: (matmul: Node) => P | undefined,
): Biased<P> | undefined {
  if (node.kind !== 'add') return undefined
  for (const [i, matmul] of node.inputs.entries()) {
    const bias = node.inputs[1 - i] as Node
    if (context.uses(matmul) !== 1 || !context.isMade(bias) || sizeOf(bias.shape) !== bias.shape.at(-1))
      continue
    if (matmul.shape.length !== node.shape.length || bias.shape.at(-1) !== node.shape.at(-1)) continue
    const product = find(matmul)
    if (product !== undefined) return { product, bias: context.nameOf(bias) }
  }
  return undefined
}

/** A matrix as it lies in memory: its name, and whether it is the transpose of what is meant. */
export interface Matrix {
  readonly name: string
  readonly isTransposed: boolean
}

/** A matrix, or what it is the transpose of. */
export function matrixOf({ builder, nameOf }: Context, node: Node): Matrix {
  const name = nameOf(node)
  const before = node.kind === 'transpose' && node.shape.length === 2 ? builder.untransposed(name) : undefined
  return { name: before ?? name, isTransposed: before !== undefined }
}
