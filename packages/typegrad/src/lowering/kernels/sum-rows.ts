import { type Shape, sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { SumRowsPlan } from '../../kernel/support.ts'
import { type GraphBuilder, int } from '../builder.ts'
import type { LoweringContext } from '../context.ts'

/**
 * A sum over the first axes by a kernel, such as that of a bias's gradient or of a batch's statistics. Undefined where
 * another sum is meant, or one that the engine has no kernel for.
 */
export function sumRows({
  node,
  inputs,
  builder,
  kernelSupport,
}: LoweringContext<'reduceSum'>): string | undefined {
  const [x] = node.inputs as readonly [Node]
  const { axes, keepDims } = node.params
  const sorted = [...axes].sort((a, b) => a - b)
  if (x.dtype !== 'float32' || sorted.length === 0 || sorted.some((axis, i) => axis !== i)) return undefined
  const isTotal = axes.length === x.shape.length
  const elements = sizeOf(x.shape)
  const columns = isTotal ? undefined : sizeOf(x.shape.slice(axes.length))
  const plan = kernelSupport.supports('sumRows', { elements, columns, isOfSquares: false })
  if (plan === false) return undefined
  const sums = emitSums(builder, plan, inputs[0] as string, false)
  const shape = keepDims ? [...axes.map(() => 1), ...x.shape.slice(axes.length)] : node.shape
  if (isTotal) return totalOf(builder, sums, node.shape)
  if (plan.parts === 1) return builder.reshape(sums, shape)
  return builder.reshape(builder.emit('ReduceSum', [sums, builder.int64s([0])], { keepdims: int(0) }), shape)
}

const emitSums = (
  builder: GraphBuilder,
  { rows, columns, parts }: SumRowsPlan,
  value: string,
  isOfSquares: boolean,
): string => builder.emitKernel({ kind: 'sumRows', rows, columns, isOfSquares, parts }, [value])[0] as string

/** The sum of all columns of all parts. */
function totalOf(builder: GraphBuilder, sums: string, shape: Shape): string {
  const total = builder.emit('ReduceSum', [sums, builder.int64s([0, 1])], { keepdims: int(0) })
  return shape.length === 0 ? total : builder.reshape(total, shape)
}

/**
 * The sum of all squares, such as a gradient's for its norm, in one pass over memory. Undefined where another sum is meant,
 * or one that the engine has no kernel for.
 */
export function sumSquares(context: LoweringContext<'reduceSum'>): string | undefined {
  const { node, builder, kernelSupport, nameOf, isMade, uses } = context
  const [squares] = node.inputs as readonly [Node]
  if (squares.kind !== 'mul' || squares.dtype !== 'float32' || uses(squares) !== 1) return undefined
  const [x, other] = squares.inputs as readonly [Node, Node]
  if (x !== other || !isMade(x) || node.params.axes.length !== x.shape.length) return undefined
  const request = { elements: sizeOf(x.shape), columns: undefined, isOfSquares: true }
  const plan = kernelSupport.supports('sumRows', request)
  if (plan === false) return undefined
  return totalOf(builder, emitSums(builder, plan, nameOf(x), true), node.shape)
}
