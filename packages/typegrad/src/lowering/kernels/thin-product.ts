import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import type { LoweringContext } from '../context.ts'
import { biasedProduct, type Matrix, matrixOf } from './biased.ts'

type Context = LoweringContext<Primitive>

/** A few rows · a matrix. */
interface ThinProduct {
  readonly a: string
  readonly b: Matrix
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly tasks: number
}

function thinProductOf(context: Context, node: Node): ThinProduct | undefined {
  if (node.kind !== 'matmul' || node.dtype !== 'float32') return undefined
  const [a, b] = node.inputs as readonly [Node, Node]
  if (b.shape.length !== 2 || a.shape.length < 2) return undefined
  const [inner, columns] = b.shape as [number, number]
  const rows = sizeOf(node.shape) / columns
  const read = matrixOf(context, b)
  const { isTransposed } = read
  const plan = context.kernelSupport.supports('thinProduct', { rows, inner, columns, isTransposed })
  return plan === false
    ? undefined
    : { a: context.nameOf(a), b: read, rows, inner, columns, tasks: plan.tasks }
}

/**
 * A product of few rows by a kernel that reads the matrix where it stands: one token of a text, a single sample. Undefined
 * where the engine has none for it.
 */
export function thinProduct(context: LoweringContext<'matmul'>): string | undefined {
  const product = thinProductOf(context, context.node as Node)
  return product && emit(context, context.node.shape, product)
}

/** `product + bias`, whose kernel adds the bias by itself; undefined where a sum is something else. */
export function biasedThinProduct(context: LoweringContext<'add'>): string | undefined {
  const found = biasedProduct(context, context.node as Node, (matmul) => thinProductOf(context, matmul))
  return found && emit(context, context.node.shape, found.product, found.bias)
}

function emit(
  { builder }: Context,
  shape: Node['shape'],
  { a, b, rows, inner, columns, tasks }: ThinProduct,
  bias?: string,
): string {
  const kernel = {
    kind: 'thinProduct',
    shape,
    rows,
    inner,
    columns,
    isTransposed: b.isTransposed,
    hasBias: bias !== undefined,
    tasks,
  } as const
  return builder.emitKernel(kernel, [a, b.name, ...(bias === undefined ? [] : [bias])])[0] as string
}
