import { type Shape, sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { largestChannelWindow } from '../kernel/channel-windows.ts'

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

/** Whether each channel is convolved by itself, with one result, and a window that code is made for. */
export function isDepthwise(node: AnyConvolution): boolean {
  const { images, kernel } = shapesOf(node)
  const [outputs, , ...window] = kernel
  const { groups } = node.params
  return groups === images[1] && groups === outputs && sizeOf(window) <= largestChannelWindow
}
