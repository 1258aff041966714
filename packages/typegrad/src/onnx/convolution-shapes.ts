import type { Shape } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'

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
