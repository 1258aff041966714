import { makeNode, type Node } from '../graph/node.ts'
import type { KernelSupport } from '../kernel/support.ts'
import { padded, reshaped, sliced, toFirst, toLast, transposed } from './axes.ts'
import { type AnyConvolution, shapesOf } from './convolution-shapes.ts'

type Sizes = readonly [number, number]

/**
 * (N, C, H, W) → (N · d · d′, C, ⌈H / d⌉, ⌈W / d′⌉): of each image one of every d-th row and d′-th column, for each row
 * and column to begin with. Zeros go before, and behind until there are `wanted` rows and columns of each.
 */
function phasesOf(images: Node, dilation: Sizes, before: Sizes, wanted: Sizes): Node {
  const [d0, d1] = dilation
  const [batch, channels, ...size] = images.shape as readonly [number, number, number, number]
  const behind = (i: 0 | 1): number => wanted[i] * dilation[i] - (size[i] as number) - before[i]
  const last = transposed(images, toLast)
  const whole = padded(padded(last, 1, [before[0], behind(0)]), 2, [before[1], behind(1)])
  const apart = reshaped(whole, [batch, wanted[0], d0, wanted[1], d1, channels])
  const turned = transposed(apart, [0, 2, 4, 1, 3, 5])
  return transposed(reshaped(turned, [batch * d0 * d1, wanted[0], wanted[1], channels]), toFirst)
}

/** The images again, of them `size` rows and columns from `first` on. */
function joinedPhases(phases: Node, dilation: Sizes, first: Sizes, size: Sizes): Node {
  const [d0, d1] = dilation
  const [all, channels, rows, columns] = phases.shape as readonly [number, number, number, number]
  const batch = all / (d0 * d1)
  const apart = reshaped(transposed(phases, toLast), [batch, d0, d1, rows, columns, channels])
  const whole = reshaped(transposed(apart, [0, 3, 1, 4, 2, 5]), [batch, rows * d0, columns * d1, channels])
  const part = sliced(whole, 1, first[0], first[0] + size[0])
  return transposed(sliced(part, 2, first[1], first[1] + size[1]), toFirst)
}

/**
 * A dilated convolution of images as a dense one of images of every d-th pixel, where that one is computed by Winograd's
 * transforms: for 64 → 64 channels of 32 images of 32 × 32 that is worth turning them around.
 *
 * @param ofImages gives another node for the dense convolution.
 */
export function denseOfDilated(
  node: AnyConvolution,
  kernelSupport: KernelSupport,
  ofImages: (node: Node) => Node,
): Node {
  const { strides, padding, groups } = node.params
  const dilation = node.params.dilation as Sizes
  if (groups > 1 || strides.some((stride) => stride > 1) || dilation.every((size) => size === 1)) return node
  const [a, b] = node.inputs as readonly [Node, Node]
  const { images, kernel } = shapesOf(node)
  const [batch, inputs, ...size] = images as readonly [number, number, number, number]
  const [outputs, , ...window] = kernel as readonly [number, number, number, number]
  const before: Sizes = [padding[0]?.[0] ?? 0, padding[1]?.[0] ?? 0]
  const seen = ([0, 1] as const).map((i) => {
    const [first, last] = padding[i] as readonly [number, number]
    return Math.ceil(((size[i] as number) + first + last) / dilation[i])
  }) as unknown as Sizes
  const places = seen.map((count, i) => count - (window[i] as number) + 1) as unknown as Sizes
  const phases = batch * dilation[0] * dilation[1]
  const none = [
    [0, 0],
    [0, 0],
  ] as const
  const dense = { strides, padding: none, dilation: [1, 1], groups }
  const plan = kernelSupport.supports('convolution', {
    ...dense,
    operation: node.kind,
    input: [phases, ...seen, inputs],
    output: [phases, ...places, outputs],
    window,
  })
  if (plan === false || plan.by !== 'winograd') return node
  switch (node.kind) {
    case 'conv': {
      const found = ofImages(makeNode('conv', [phasesOf(a, dilation, before, seen), b], dense))
      return joinedPhases(found, dilation, [0, 0], node.shape.slice(2) as unknown as Sizes)
    }
    case 'convInputGradient': {
      const params = { ...dense, inputShape: [phases, inputs, ...seen] }
      const g = phasesOf(a, dilation, [0, 0], places)
      const found = ofImages(makeNode('convInputGradient', [g, b], params))
      return joinedPhases(found, dilation, before, size as unknown as Sizes)
    }
    case 'convKernelGradient': {
      const params = { ...dense, kernelShape: kernel }
      const pair = [phasesOf(a, dilation, before, seen), phasesOf(b, dilation, [0, 0], places)]
      return ofImages(makeNode('convKernelGradient', pair, params))
    }
  }
}
