import type { DType } from '../base/dtype.ts'
import { mayHideAll, partsOfMaskedSoftmax } from '../graph/masked-softmax.ts'
import { type GraphBuilder, int } from './builder.ts'
import type { LoweringContext, LoweringRule } from './context.ts'

type Context = LoweringContext<'maskedSoftmax'>

/**
 * What scores of hidden keys fall by: e to the minus this is 0 in every dtype beside any score, and twice as much is
 * still a finite number.
 */
const hidden = (dtype: DType): number => (dtype === 'float16' ? 2 ** 14 : 2 ** 125)

/**
 * softmax(scores + bias), where the bias is 0 for keys that a query may see and very negative for all others. Of a query
 * that may see none this would be some mean, so its weights are multiplied by 0.
 *
 * The mask becomes numbers before it meets the scores: an addition that broadcasts is many times faster than a selection
 * that does. Positions and mask do so apart, while they are small, and once for all layers that have them in common.
 */
export const lowerMaskedSoftmax: LoweringRule<'maskedSoftmax'> = (context) => {
  const { node, inputs, builder } = context
  const bias = biasOf(context)
  const lowered =
    bias === undefined ? (inputs[0] as string) : builder.emit('Add', [inputs[0] as string, bias])
  const weights = builder.emit('Softmax', [lowered], { axis: int(node.shape.length - 1) })
  if (bias === undefined || node.params.blind === 'any' || !mayHideAll(node)) return weights
  return builder.emit('Mul', [weights, seeing(builder, bias, node.dtype)])
}

function biasOf(context: Context): string | undefined {
  const { node, builder, nameOf } = context
  const { causal, window } = node.params
  const { mask } = partsOfMaskedSoftmax(node.inputs)
  const positions = causal || window !== undefined ? biasOfPositions(context) : undefined
  if (mask === undefined) return positions
  const name = nameOf(mask)
  const masked = builder.once(`bias of ${name} ${node.dtype}`, () => biasOfBools(builder, name, node.dtype))
  if (positions === undefined) return masked
  return builder.once(`${masked} + ${positions}`, () => builder.emit('Add', [masked, positions]))
}

/** 0 where a bool is true, very negative where it is false. */
function biasOfBools(builder: GraphBuilder, bools: string, dtype: DType): string {
  const lacking = builder.emit('Sub', [builder.cast(bools, dtype), builder.scalar(dtype, 1)])
  return builder.emit('Mul', [lacking, builder.scalar(dtype, hidden(dtype))])
}

/** The bias of positions: (queries, keys). The same in every step of a loop, unless the offset is computed in it. */
function biasOfPositions({ node, builder: own, loop, nameOf }: Context): string {
  const { causal, window, offset: first } = node.params
  const { offset } = partsOfMaskedSoftmax(node.inputs)
  const [queries, keys] = node.shape.slice(-2) as [number, number]
  const builder = offset === undefined ? (loop?.around ?? own) : own
  const computed = offset === undefined ? undefined : nameOf(offset)
  const key = `positions ${JSON.stringify({ queries, keys, causal, window, first, computed })} ${node.dtype}`
  return builder.once(key, () => {
    const range = (from: number, to: number) =>
      builder.emit('Range', [builder.int64(from), builder.int64(to), builder.int64(1)])
    const whole = range(first, first + queries)
    const moved =
      computed === undefined ? whole : builder.emit('Add', [whole, builder.cast(computed, 'int64')])
    const away = builder.emit('Sub', [builder.reshape(moved, [-1, 1]), range(0, keys)])
    const past = causal ? builder.emit('LessOrEqual', [builder.int64(0), away]) : undefined
    const near =
      window === undefined
        ? undefined
        : builder.emit('Less', [builder.emit('Abs', [away]), builder.int64(window)])
    const both = past !== undefined && near !== undefined ? builder.emit('And', [past, near]) : (past ?? near)
    return biasOfBools(builder, both as string, node.dtype)
  })
}

/** 1 for queries that may see some key, 0 for others: (…, queries, 1). */
function seeing(builder: GraphBuilder, bias: string, dtype: DType): string {
  return builder.once(`seeing by ${bias}`, () => {
    const largest = builder.emit('ReduceMax', [bias, builder.int64s([-1])], { keepdims: int(1) })
    return builder.cast(builder.emit('Equal', [largest, builder.scalar(dtype, 0)]), dtype)
  })
}
