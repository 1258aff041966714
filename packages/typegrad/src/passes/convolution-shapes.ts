import type { Shape } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { ConvolutionRequest } from '../kernel/support.ts'

/** A convolution, or its gradient to either side. */
export type AnyConvolution = Node & NodeOf<'conv' | 'convInputGradient' | 'convKernelGradient'>

/** The convolution that each of the three forms belongs to: images (N, C, …), kernel (O, C / groups, …), results (N, O, …). */
export function shapesOf({
  kind,
  inputs,
  shape,
}: AnyConvolution): Readonly<Record<'images' | 'kernel' | 'results', Shape>> {
  const [first, second] = inputs.map((input) => input.shape) as [Shape, Shape]
  switch (kind) {
    case 'conv':
      return { images: first, kernel: second, results: shape }
    case 'convInputGradient':
      return { images: shape, kernel: second, results: first }
    case 'convKernelGradient':
      return { images: first, kernel: shape, results: second }
  }
}

/** Whether channels are convolved each by itself: groups of several channels stay channels first. */
export const isByChannel = (node: Node): boolean =>
  node.kind === 'conv' && node.params.isChannelsLast === true && node.params.groups > 1

/** (N, C, …) → (N, …, C). */
const channelsBehind = ([batch, channels, ...size]: Shape): Shape => [
  batch as number,
  ...size,
  channels as number,
]

/** What an engine is asked about a convolution whose channels are first, which it would compute with channels last. */
export function requestOf(node: AnyConvolution): ConvolutionRequest {
  const { images, kernel, results } = shapesOf(node)
  const { strides, dilation, padding, groups } = node.params
  return {
    operation: node.kind,
    input: channelsBehind(images),
    output: channelsBehind(results),
    window: kernel.slice(2),
    strides,
    dilation,
    padding,
    groups,
  }
}
