import { EngineError } from '../../base/errors.ts'
import { type Shape, sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { PoolParams } from '../../graph/primitives.ts'
import { windowsOf } from '../../kernel/convolution.ts'
import type { Windows } from '../../kernel/patches.ts'
import type { PoolingRequest } from '../../kernel/support.ts'
import { int, string } from '../builder.ts'
import type { LoweringContext, LoweringRule } from '../context.ts'
import { poolAttributes } from '../window-attributes.ts'
import { channelWindows } from './depthwise.ts'

type Context = LoweringContext<'maxPoolGradient'>

/** Where the cotangent of a maximum goes: to the first element that is it, as in Keras and PyTorch. */
export const lowerMaxPoolGradient: LoweringRule<'maxPoolGradient'> = (context) => {
  const { node, inputs, builder, kernelSupport } = context
  const { shape, params } = node
  const output = (node.inputs[1] as Node).shape
  const isChannelsLast = params.isChannelsLast === true
  const request = { ...params, operation: 'maxGradient', input: shape, output, isChannelsLast } as const
  const plan = node.dtype === 'float32' && kernelSupport.supports('pooling', request)
  if (plan !== false && plan.by === 'pairs')
    return builder.emitKernel({ kind: 'maxPoolGradient', shape, isChannelsLast }, inputs)[0] as string
  if (!isChannelsLast) return scattered(context)
  if (plan === false) return unsupported(request)
  return channelWindows(builder, 'maxGradient', windowsOfPool(params, shape, output), inputs, plan.parts)
}

/** The largest elements of windows whose channels are last. */
export function lowerMaxPoolLast({
  node,
  inputs,
  builder,
  kernelSupport,
}: LoweringContext<'maxPool'>): string {
  const { shape: output, params } = node
  const input = (node.inputs[0] as Node).shape
  const request = { ...params, operation: 'max', input, output, isChannelsLast: true } as const
  const plan = kernelSupport.supports('pooling', request)
  if (plan === false || plan.by !== 'channels') return unsupported(request)
  return channelWindows(builder, 'max', windowsOfPool(params, input, output), inputs, plan.parts)
}

/** Passes leave poolings channels first that the engine has no kernel for. */
function unsupported({ operation }: PoolingRequest): never {
  throw new EngineError({
    where: `lowering: a pooling (${operation}) with channels last`,
    expected: 'the answer that passes got: that the engine has a kernel for it',
    received: 'another one',
  })
}

/** The windows of a pooling whose channels are last. */
const windowsOfPool = (params: PoolParams, input: Shape, output: Shape): Windows =>
  windowsOf({ ...params, input, output, dilation: [1, 1] })

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
