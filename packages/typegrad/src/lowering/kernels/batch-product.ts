import { type Shape, sameShape, stridesOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import type { Triangle } from '../../kernel/product.ts'
import type { LoweringContext } from '../context.ts'

type Context = LoweringContext<Primitive>

/** Matrices as they lie in memory: floats from one element to the next along each axis of a node. */
interface Layout {
  readonly name: string
  readonly strides: readonly number[]
}

/** A node's value, or what it is a transpose of: a product reads that as it lies. */
function layoutOf({ builder, nameOf }: Context, node: Node): Layout {
  const name = nameOf(node)
  const before = builder.beforeTranspose(name)
  if (before === undefined || before.permutation.length !== node.shape.length)
    return { name, strides: stridesOf(node.shape) }
  return { name: before.value, strides: transposedStrides(node.shape, before.permutation) }
}

/** Strides, along the axes of a transpose of this shape, of what is transposed. */
function transposedStrides(shape: Shape, permutation: readonly number[]): number[] {
  const before: number[] = []
  permutation.forEach((axis, i) => {
    before[axis] = shape[i] as number
  })
  const own = stridesOf(before)
  return permutation.map((axis) => own[axis] as number)
}

/** Products of a batch's matrices, of which both factors have as many; undefined where the engine has no kernel for them. */
export function lowerBatchProduct(context: LoweringContext<'matmul'>): string | undefined {
  const { shape } = context.node
  return emitBatchProduct(context, context.node, { shape, strides: stridesOf(shape) })
}

/**
 * A transpose of such products, which are written where it has them: heads of attention beside each other again. That
 * saves a tenth of such a product of (4, 6, 256, 256) and (4, 6, 256, 64), 1.3 ms on 2 cores.
 */
export function lowerTransposedBatchProduct(context: LoweringContext<'transpose'>): string | undefined {
  const { node, uses } = context
  const [product] = node.inputs as readonly [Node]
  if (product.kind !== 'matmul' || uses(product) !== 1) return undefined
  const { permutation } = node.params
  const own = stridesOf(node.shape)
  const strides = product.shape.map((_, axis) => own[permutation.indexOf(axis)] as number)
  return emitBatchProduct(context, product, { shape: node.shape, strides })
}

/** @param result the shape of the memory that is written, and how the product's axes lie in it. */
function emitBatchProduct(
  context: Context,
  node: Node,
  result: { readonly shape: Shape; readonly strides: readonly number[] },
): string | undefined {
  const { builder, kernelSupport, triangles } = context
  const rank = node.shape.length
  if (node.dtype !== 'float32' || (rank !== 3 && rank !== 4)) return undefined
  const [left, right] = node.inputs as readonly [Node, Node]
  const leading = left.shape.slice(0, -2)
  if (leading.length !== rank - 2 || !sameShape(leading, right.shape.slice(0, -2))) return undefined
  const sizes = [rank === 4 ? (leading[0] as number) : 1, leading.at(-1) as number] as const
  const matrices = sizes[0] * sizes[1]
  const batchOf = (strides: readonly number[]) =>
    [rank === 4 ? (strides[0] as number) : 0, strides[rank - 3] as number] as const
  // c = a · b, or its transpose = the transpose of b · that of a, whichever is written by rows.
  const isSwapped = result.strides[rank - 1] !== 1
  const [row, column] = isSwapped ? [rank - 1, rank - 2] : [rank - 2, rank - 1]
  if (result.strides[column] !== 1) return undefined
  const [first, second] = isSwapped ? [right, left] : [left, right]
  const [a, b] = [layoutOf(context, first), layoutOf(context, second)]
  const [rows, columns] = [node.shape[row] as number, node.shape[column] as number]
  const inner = left.shape[rank - 1] as number
  if (matrices < 2) return undefined
  // Of a the axis that is not summed has the product's place, of b likewise.
  const ofA = { row: a.strides[row] as number, inner: a.strides[column] as number }
  const ofB = { inner: b.strides[row] as number, column: b.strides[column] as number }
  const isTransposed = ofB.column !== 1
  if (isTransposed && ofB.inner !== 1) return undefined
  const plan = kernelSupport.supports('product', { matrices, rows, inner, columns, isTransposed })
  if (plan === false) return undefined
  const { tile, packTasks, parts } = plan
  const [panels] = builder.emitKernel(
    {
      kind: 'packPanels',
      tile,
      inner,
      columns,
      isTransposed,
      tasks: packTasks,
      batch: {
        sizes,
        strides: { batch: batchOf(b.strides), row: isTransposed ? ofB.column : ofB.inner },
      },
    },
    [b.name],
  ) as [string]
  const triangle = triangleOf()
  const [c] = builder.emitKernel(
    {
      kind: 'product',
      tile,
      shape: result.shape,
      rows,
      inner,
      columns,
      isTransposed: false,
      hasBias: false,
      hasRelu: false,
      parts,
      batch: {
        sizes,
        a: { batch: batchOf(a.strides), ...ofA },
        c: { batch: batchOf(result.strides), row: result.strides[row] as number },
        ...(triangle !== undefined && { triangle }),
      },
    },
    [a.name, panels],
  )
  return c

  function triangleOf(): Triangle | undefined {
    const zeros = triangles.zeros.get(first)
    if (zeros !== undefined && rows === inner)
      return isSwapped ? (zeros === 'lower' ? 'upper' : 'lower') : zeros
    return !isSwapped && triangles.readBelow.has(node) ? 'result' : undefined
  }
}
