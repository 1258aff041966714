import { sizeOf } from '../base/shape.ts'
import { int, string } from './builder.ts'
import { type LoweringRule, poolAttributes } from './lowering.ts'

/** The cotangents scattered to where the maxima stood; windows that share a maximum add up. */
export const lowerMaxPoolGradient: LoweringRule<'maxPoolGradient'> = ({ node, inputs, builder }) => {
  const [x, , g] = inputs as readonly [string, string, string]
  const indices = builder.emitAll('MaxPool', [x], 2, poolAttributes(node.params))[1] as string
  const size = sizeOf(node.shape)
  const flat = builder.emit(
    'ScatterElements',
    [builder.zeros(node.dtype, [size]), builder.reshape(indices, [-1]), builder.reshape(g, [-1])],
    { axis: int(0), reduction: string('add') },
  )
  return builder.reshape(flat, node.shape)
}
