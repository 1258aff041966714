import { type Shape, sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import type { PoolParams } from '../graph/primitives.ts'
import type { Windows } from '../kernel/patches.ts'
import { int, string } from './builder.ts'
import { channelWindows } from './depthwise.ts'
import { type LoweringContext, type LoweringRule, poolAttributes } from './lowering.ts'

type Context = LoweringContext<'maxPoolGradient'>

/**
 * Where the cotangent of a maximum goes: to the element that it is. Windows that do not overlap need no
 * positions, which are slow to find (MaxPool with indices and ScatterElements took 18 ms where comparing
 * with the enlarged maxima takes 4: 128 × 32 × 26 × 26, 2 cores).
 */
export const lowerMaxPoolGradient: LoweringRule<'maxPoolGradient'> = (context) => {
  const { window, strides, padding } = context.node.params
  const isChannelsLast = context.node.params.isChannelsLast === true
  const apart = window.every((size, i) => size === strides[i])
  const bare = padding.every(([before, after]) => before === 0 && after === 0)
  const isPairs = apart && bare && window.every((size) => size === 2)
  if (isChannelsLast && !isPairs) return byKernel(context)
  if (!apart || !bare || context.node.dtype !== 'float32') return scattered(context)
  const isUsual = window.length === 2 && window.every((size) => size === 2)
  const { node, inputs, builder, mayUseKernels } = context
  return isUsual && mayUseKernels && sizeOf(node.shape) > 0
    ? (builder.emitKernel(
        { kind: 'maxPoolGradient', shape: node.shape, isChannelsLast },
        inputs,
      )[0] as string)
    : compared(context)
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

/** Equal maxima of a window share its cotangent in equal parts. */
function compared({ node, inputs, builder }: Context): string {
  const { window } = node.params
  const [x, y, g] = inputs as readonly [string, string, string]
  const axes = window.map((_, i) => i + 2)
  const pooled = node.inputs[1]?.shape.slice(2) ?? []
  const covered = pooled.map((places, i) => places * (window[i] as number))
  const spatial = node.shape.slice(2)
  const whole = covered.every((size, i) => size === spatial[i])

  const seen = whole
    ? x
    : builder.emit('Slice', [
        x,
        builder.int64s(axes.map(() => 0)),
        builder.int64s(covered),
        builder.int64s(axes),
      ])
  const scales = builder.constant('float32', [window.length + 2], Float32Array.of(1, 1, ...window))
  const enlarged = (value: string): string =>
    builder.emit('Resize', [value, '', scales], {
      mode: string('nearest'),
      coordinate_transformation_mode: string('asymmetric'),
      nearest_mode: string('floor'),
    })
  const isMaximum = builder.cast(builder.emit('Equal', [seen, enlarged(y)]), 'float32')
  const share = builder.emit('AveragePool', [isMaximum], poolAttributes(node.params))
  const area = window.reduce((a, b) => a * b, 1)
  const each = builder.emit('Div', [g, builder.emit('Mul', [share, builder.scalar('float32', area)])])
  const spread = builder.emit('Mul', [isMaximum, enlarged(each)])
  if (whole) return spread
  const after = spatial.map((size, i) => size - (covered[i] as number))
  const pads = [...node.shape.map(() => 0), 0, 0, ...after]
  return builder.emit('Pad', [spread, builder.int64s(pads), builder.scalar('float32', 0)])
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
