import { type Shape, sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { PoolParams } from '../../graph/primitives.ts'
import type { Windows } from '../../kernel/patches.ts'
import { int, string } from '../builder.ts'
import type { LoweringContext, LoweringRule } from '../context.ts'
import { poolAttributes } from '../window-attributes.ts'
import { channelWindows } from './depthwise.ts'

type Context = LoweringContext<'maxPoolGradient'>

/** Where the cotangent of a maximum goes: to the first element that is it, as in Keras and PyTorch. */
export const lowerMaxPoolGradient: LoweringRule<'maxPoolGradient'> = (context) => {
  const { window, strides, padding } = context.node.params
  const isChannelsLast = context.node.params.isChannelsLast === true
  const apart = window.every((size, i) => size === strides[i])
  const bare = padding.every(([before, after]) => before === 0 && after === 0)
  const isPairs = apart && bare && window.every((size) => size === 2)
  if (isChannelsLast && !isPairs) return byKernel(context)
  const isUsual = isPairs && window.length === 2 && context.node.dtype === 'float32'
  const { node, inputs, builder, mayUseKernels } = context
  return isUsual && mayUseKernels && sizeOf(node.shape) > 0
    ? (builder.emitKernel(
        { kind: 'maxPoolGradient', shape: node.shape, isChannelsLast },
        inputs,
      )[0] as string)
    : scattered(context)
}

/** The windows of a pooling whose channels are last. */
export const windowsOfPool = (
  { window, strides, padding }: PoolParams,
  images: Shape,
  places: Shape,
): Windows => ({
  images,
  places: [places[1] as number, places[2] as number],
  window: window as readonly [number, number],
  strides: strides as readonly [number, number],
  dilation: [1, 1],
  before: [padding[0]?.[0] ?? 0, padding[1]?.[0] ?? 0],
})

/** The first of equal maxima of a window gets its cotangent. */
function byKernel(context: Context): string {
  const { node, inputs } = context
  const windows = windowsOfPool(node.params, node.shape, (node.inputs[1] as Node).shape)
  return channelWindows(context, 'maxGradient', windows, inputs)
}

/** The cotangents scattered to the positions of the maxima; windows that share one add up. */
function scattered({ node, inputs, builder }: Context): string {
  const [x, , g] = inputs as readonly [string, string, string]
  const indices = builder.emitAll('MaxPool', [x], 2, poolAttributes(node.params))[1] as string
  const flat = builder.emit(
    'ScatterElements',
    [
      builder.zeros(node.dtype, [sizeOf(node.shape)]),
      builder.reshape(indices, [-1]),
      builder.reshape(g, [-1]),
    ],
    { axis: int(0), reduction: string('add') },
  )
  return builder.reshape(flat, node.shape)
}
