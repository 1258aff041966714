import type { Node, NodeOf } from '../graph/node.ts'
import type { LoweringContext } from './lowering.ts'
import { patchConv, patchInputGradient, patchKernelGradient } from './patch-convolution.ts'
import {
  type Convolution,
  suitsWinograd,
  winogradConv,
  winogradInputGradient,
  winogradKernelGradient,
} from './winograd.ts'

/** Convolutions whose channels are last: kernels compute them, which have threads to share. */
type Context<P extends 'conv' | 'convInputGradient' | 'convKernelGradient'> = Pick<
  LoweringContext<P>,
  'node' | 'inputs' | 'builder' | 'threads'
>

/** The convolution that a node is, with a bias and the activation after it where these are given. */
export function lowerConv(
  { builder, threads }: Pick<LoweringContext<'conv'>, 'builder' | 'threads'>,
  node: Node & NodeOf<'conv'>,
  values: readonly [x: string, kernel: string, bias?: string],
  hasRelu = false,
): string {
  const [x, kernel] = node.inputs as readonly [Node, Node]
  const convolution = { ...node.params, input: x.shape, output: node.shape, window: kernel.shape.slice(0, 2) }
  if (suitsWinograd(convolution)) return winogradConv(builder, convolution, values, { hasRelu, threads })
  const result = patchConv(builder, convolution, values)
  return hasRelu ? builder.emit('Relu', [result]) : result
}

export function lowerConvInputGradient({
  node,
  inputs,
  builder,
  threads,
}: Context<'convInputGradient'>): string {
  const [g, kernel] = node.inputs as readonly [Node, Node]
  const convolution: Convolution = {
    ...node.params,
    input: node.shape,
    output: g.shape,
    window: kernel.shape.slice(0, 2),
  }
  const values = inputs as readonly [string, string]
  return suitsWinograd(convolution)
    ? winogradInputGradient(builder, convolution, values, threads)
    : patchInputGradient(builder, convolution, values)
}

export function lowerConvKernelGradientLast({
  node,
  inputs,
  builder,
  threads,
}: Context<'convKernelGradient'>): string {
  const [x, g] = node.inputs as readonly [Node, Node]
  const convolution: Convolution = {
    ...node.params,
    input: x.shape,
    output: g.shape,
    window: node.shape.slice(0, 2),
  }
  const values = inputs as readonly [string, string]
  return suitsWinograd(convolution)
    ? winogradKernelGradient(builder, convolution, values, threads)
    : patchKernelGradient(builder, convolution, values, node.shape)
}
