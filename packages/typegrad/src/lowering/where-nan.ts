import type { DType } from '../base/dtype.ts'
import { isFloating } from '../base/dtype.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { GraphBuilder, int } from './builder.ts'

/** Elements up to which looking for NaN costs as much as making sure of the result. */
const fewElements = 2048
/** Parts in which many elements are looked through, on several threads. */
const parts = 16

/** A value of the graph. */
export interface Typed {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
}

/**
 * The runtime's maxima, pools and sorts step over NaN, or not, as it happens. Where a tensor holds NaN (its sum then is
 * NaN), `careful` makes the result, elsewhere `plain`, which is the operator by itself: one pass over memory is what that
 * costs. Small tensors are not looked through.
 *
 * @param mindsInfinity whether `careful` is needed for infinite elements too.
 */
export function whereNaN(
  builder: GraphBuilder,
  value: Typed,
  result: Omit<Typed, 'name'>,
  plain: (builder: GraphBuilder) => string,
  careful: (builder: GraphBuilder) => string,
  mindsInfinity = false,
): string {
  if (!isFloating(value.dtype)) return plain(builder)
  const size = sizeOf(value.shape)
  if (size <= fewElements) return careful(builder)
  const branch = (make: (builder: GraphBuilder) => string) => {
    const inner = new GraphBuilder(builder)
    const name = inner.emit('Identity', [make(inner)])
    return { type: 'graph', value: inner.graph('branch', [], [{ name, ...result }], true) } as const
  }
  const inParts = size % parts === 0 ? builder.reshape(value.name, [parts, size / parts]) : undefined
  const sums =
    inParts === undefined
      ? value.name
      : builder.emit('ReduceSum', [inParts, builder.int64s([1])], { keepdims: int(0) })
  const total = builder.emit('ReduceSum', [sums], { keepdims: int(0) })
  // ∞ − ∞ is NaN.
  const odd = mindsInfinity ? builder.emit('Sub', [total, total]) : total
  return builder.emit('If', [builder.emit('IsNaN', [odd])], {
    then_branch: branch(careful),
    else_branch: branch(plain),
  })
}

/** 1 where NaN stands, 0 elsewhere, as int32: what reductions and sorts of all kinds take. */
export const nanFlags = (builder: GraphBuilder, value: string): string =>
  builder.cast(builder.emit('IsNaN', [value]), 'int32')
