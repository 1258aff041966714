import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import type { ProductPlan } from '../../kernel/support.ts'
import type { LoweringContext } from '../context.ts'
import { biasedProduct, type Matrix, matrixOf } from './biased.ts'

type Context = LoweringContext<Primitive>

interface Product {
  readonly plan: ProductPlan
  readonly rows: number
  readonly inner: number
  readonly columns: number
  /** The matrices as they are read, and whether that is by columns. */
  readonly a: Matrix
  readonly b: Matrix
}

/** Something · a matrix, if the engine has kernels for it. */
function productOf(context: Context, node: Node): Product | undefined {
  if (node.kind !== 'matmul' || node.dtype !== 'float32') return undefined
  const [a, b] = node.inputs as readonly [Node, Node]
  if (b.shape.length !== 2 || a.shape.length < 2) return undefined
  const [inner, columns] = b.shape as [number, number]
  const rows = sizeOf(node.shape) / columns
  const { kernelSupport, nameOf } = context
  const read = (of: Node): Matrix => matrixOf(context, of)
  // What a transpose is made of is read in its place where the engine can.
  for (const matrix of [read(b), { name: nameOf(b), isTransposed: false }]) {
    const { isTransposed } = matrix
    const plan = kernelSupport.supports('product', { matrices: 1, rows, inner, columns, isTransposed })
    if (plan !== false) return { plan, rows, inner, columns, a: read(a), b: matrix }
  }
  return undefined
}

/**
 * A product by kernels: one that packs the second matrix, one that multiplies. Undefined where the engine has none for it.
 */
export function lowerProduct(context: LoweringContext<'matmul'>): string | undefined {
  const product = productOf(context, context.node as Node)
  return product && emitProduct(context, context.node.shape, product)
}

/** `product + bias`, whose kernel adds the bias by itself; undefined where a sum is something else. */
export function lowerBiasedProduct(context: LoweringContext<'add'>): string | undefined {
  const found = biasedProduct(context, context.node as Node, (matmul) => productOf(context, matmul))
  return found && emitProduct(context, context.node.shape, found.product, { bias: found.bias })
}

/** `relu(product)` or `relu(product + bias)`; undefined where it is something else. */
export function lowerReluOfProduct(context: LoweringContext<'relu'>): string | undefined {
  const [x] = context.node.inputs as readonly [Node]
  if (context.uses(x) !== 1) return undefined
  const product = productOf(context, x)
  const found =
    product === undefined
      ? biasedProduct(context, x, (matmul) => productOf(context, matmul))
      : { product, bias: undefined }
  return found && emitProduct(context, x.shape, found.product, { bias: found.bias, hasRelu: true })
}

function emitProduct(
  { builder }: Context,
  shape: Node['shape'],
  { plan: { tile, packTasks, parts }, rows, inner, columns, a, b }: Product,
  { bias, hasRelu = false }: { readonly bias?: string | undefined; readonly hasRelu?: boolean } = {},
): string {
  const [panels] = builder.emitKernel(
    { kind: 'packPanels', tile, inner, columns, isTransposed: b.isTransposed, tasks: packTasks },
    [b.name],
  ) as [string]
  const kernel = {
    kind: 'product',
    tile,
    shape,
    rows,
    inner,
    columns,
    isTransposed: a.isTransposed,
    hasBias: bias !== undefined,
    hasRelu,
    parts,
  } as const
  const operands = bias === undefined ? [a.name, panels] : [a.name, panels, bias]
  return builder.emitKernel(kernel, operands)[0] as string
}
