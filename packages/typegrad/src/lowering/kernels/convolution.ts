import { EngineError } from '../../base/errors.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Node, NodeOf } from '../../graph/node.ts'
import type { Primitive } from '../../graph/primitives.ts'
import { windowsOf } from '../../kernel/convolution.ts'
import type { ConvolutionPlan, ConvolutionRequest } from '../../kernel/support.ts'
import { isByChannel } from '../../passes/convolution-shapes.ts'
import type { LoweringContext } from '../context.ts'
import { convAttributes } from '../window-attributes.ts'
import { channelWindows } from './depthwise.ts'
import { patchConv, patchInputGradient, patchKernelGradient } from './patch-convolution.ts'
import { winogradConv, winogradInputGradient, winogradKernelGradient } from './winograd.ts'

/**
 * How the engine computes a convolution whose channels are last.
 *
 * @throws EngineError where it does not: passes leave such convolutions channels first.
 */
function planOf(
  { kernelSupport }: Pick<LoweringContext<'conv'>, 'kernelSupport'>,
  request: ConvolutionRequest,
): Exclude<ConvolutionPlan, { by: 'groups' }> {
  const plan = kernelSupport.supports('convolution', request)
  if (plan !== false && plan.by !== 'groups') return plan
  throw new EngineError({
    where: `lowering: a ${request.operation} with channels last`,
    expected: 'the answer that passes got: that the engine has a kernel for it',
    received: JSON.stringify(plan),
  })
}

/** The convolution that a node is, with a bias and the activation after it where these are given. */
function lowerConv(
  context: Pick<LoweringContext<'conv'>, 'builder' | 'kernelSupport'>,
  node: Node & NodeOf<'conv'>,
  values: readonly [x: string, kernel: string, bias?: string],
  hasRelu = false,
): string {
  const { builder } = context
  const [x, kernel] = node.inputs as readonly [Node, Node]
  const request: ConvolutionRequest = {
    ...node.params,
    operation: 'conv',
    input: x.shape,
    output: node.shape,
    window: kernel.shape.slice(0, 2),
  }
  const plan = planOf(context, request)
  switch (plan.by) {
    case 'channels':
      return channelWindows(builder, 'conv', windowsOf(request), values as readonly string[], plan.parts)
    case 'winograd':
      return winogradConv(builder, request, values, { hasRelu, tasks: plan.tasks })
    case 'patches': {
      const result = patchConv(builder, request, plan, values)
      return hasRelu ? builder.emit('Relu', [result]) : result
    }
  }
}

/** A convolution, and the bias (C) that is added to it if there is one. */
interface BiasedConv {
  readonly convolution: Node & NodeOf<'conv'>
  readonly bias?: Node
}

/** What `node` is the sum of, if that is a convolution that no other node reads and a bias. */
function biasedConv(
  node: Node,
  { uses, isMade }: Pick<LoweringContext<Primitive>, 'uses' | 'isMade'>,
): BiasedConv | undefined {
  if (node.kind !== 'add' || node.dtype !== 'float32') return undefined
  for (const [i, convolution] of node.inputs.entries()) {
    const bias = node.inputs[1 - i]
    // One that others read too would be computed twice, and its kernel read later than the graph says.
    if (convolution.kind !== 'conv' || isByChannel(convolution) || uses(convolution) !== 1) continue
    if (bias === undefined || !isMade(bias)) continue
    // Of nothing it is zeros, and no operator that could add a bias.
    if (convolution.inputs.some((input) => sizeOf(input.shape) === 0)) continue
    const rank = node.shape.length
    const channelAxis = convolution.params.isChannelsLast === true ? rank - 1 : 1
    const channels = convolution.shape[channelAxis] as number
    const shape = [...new Array<number>(rank - bias.shape.length).fill(1), ...bias.shape]
    if (shape.every((size, axis) => size === (axis === channelAxis ? channels : 1)))
      return { convolution, bias }
  }
  return undefined
}

/** A convolution with its channels last, by kernels that add the bias and end with relu by themselves. */
function convByKernels(
  context: LoweringContext<Primitive>,
  { convolution, bias }: BiasedConv,
  hasRelu: boolean,
): string {
  const { builder, nameOf } = context
  const [x, kernel] = convolution.inputs.map(nameOf) as [string, string]
  const vector = bias && builder.reshape(nameOf(bias), [sizeOf(bias.shape)])
  return lowerConv(context, convolution, vector === undefined ? [x, kernel] : [x, kernel, vector], hasRelu)
}

/** `conv + bias` as one operator; undefined where a sum is something else. */
export function lowerBiasedConv(context: LoweringContext<'add'>): string | undefined {
  const { node, builder, nameOf } = context
  const biased = biasedConv(node, context)
  if (biased?.bias === undefined) return undefined
  const { convolution, bias } = biased
  if (convolution.params.isChannelsLast === true) return convByKernels(context, biased, false)
  // ONNX's convolution adds a bias of its own accord, and the runtime then fuses the activation after it.
  const operands = builder.operandsOf(nameOf(convolution))
  if (operands === undefined) return undefined
  const vector = builder.reshape(nameOf(bias), [sizeOf(bias.shape)])
  return builder.emit('Conv', [...operands, vector], convAttributes(convolution.params))
}

/** `relu(conv)` or `relu(conv + bias)` by kernels, which end with relu; undefined where it is something else. */
export function lowerReluOfConv(context: LoweringContext<'relu'>): string | undefined {
  const [x] = context.node.inputs as readonly [Node]
  if (context.uses(x) !== 1) return undefined
  if (isByChannel(x)) return undefined
  const biased = x.kind === 'conv' ? { convolution: x } : biasedConv(x, context)
  return biased?.convolution.params.isChannelsLast === true ? convByKernels(context, biased, true) : undefined
}

export const lowerConvByKernels = (context: LoweringContext<'conv'>): string =>
  convByKernels(context, { convolution: context.node as Node & NodeOf<'conv'> }, false)

export function lowerConvInputGradient(context: LoweringContext<'convInputGradient'>): string {
  const { node, inputs, builder } = context
  const [g, kernel] = node.inputs as readonly [Node, Node]
  const request: ConvolutionRequest = {
    ...node.params,
    operation: 'convInputGradient',
    input: node.shape,
    output: g.shape,
    window: kernel.shape.slice(0, 2),
  }
  const values = inputs as readonly [string, string]
  const plan = planOf(context, request)
  switch (plan.by) {
    case 'channels':
      return channelWindows(builder, 'convInputGradient', windowsOf(request), values, plan.parts)
    case 'winograd':
      return winogradInputGradient(builder, request, values, plan.tasks)
    case 'patches':
      return patchInputGradient(builder, request, plan, values)
  }
}

export function lowerConvKernelGradientLast(context: LoweringContext<'convKernelGradient'>): string {
  const { node, inputs, builder } = context
  const [x, g] = node.inputs as readonly [Node, Node]
  const request: ConvolutionRequest = {
    ...node.params,
    operation: 'convKernelGradient',
    input: x.shape,
    output: g.shape,
    window: node.shape.slice(0, 2),
  }
  const values = inputs as readonly [string, string]
  const plan = planOf(context, request)
  switch (plan.by) {
    case 'channels':
      return channelWindows(builder, 'convKernelGradient', windowsOf(request), values, plan.parts)
    case 'winograd':
      return winogradKernelGradient(builder, request, values, plan.tasks)
    case 'patches':
      return patchKernelGradient(builder, request, plan, values, node.shape)
  }
}
