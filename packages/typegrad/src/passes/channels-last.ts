import type { Shape } from '../base/shape.ts'
import type { Work } from '../base/work.ts'
import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import type { KernelSupport, PoolingRequest } from '../kernel/support.ts'
import { kernelToFirst, kernelToLast, toFirst, toLast, transposed } from './axes.ts'
import { type AnyConvolution, requestOf } from './convolution-shapes.ts'
import { denseOfDilated } from './dilated.ts'
import { convolutionOfGroups } from './groups.ts'
import { type RewriteRule, rewriteWork } from './rewrite.ts'
import { ofSequences } from './sequences.ts'
import { convolutionOfVolumes, poolingOfVolumes } from './volumes.ts'

const kinds = [
  'conv',
  'convInputGradient',
  'convKernelGradient',
  'maxPool',
  'maxPoolGradient',
  'averagePool',
] as const
type Windowed = Node & NodeOf<(typeof kinds)[number]>
type Pool = Node & NodeOf<'maxPool' | 'maxPoolGradient' | 'averagePool'>

/**
 * Convolutions and poolings with their channels last, between transposes that meet those of layers which keep theirs so
 * too: for engines whose kernels compute them. Each is decided by itself; sequences become images of one row, and
 * volumes images of slices. What no kernel computes (narrow groups, float64) stays as it is, channels first.
 */
export const channelsLast = (outputs: readonly Node[], kernelSupport: KernelSupport): Work<Node[]> =>
  rewriteWork(outputs, ruleOf(kernelSupport))

const isWindowed = (node: Node): node is Windowed => (kinds as readonly string[]).includes(node.kind)
const isConv = (node: Windowed): node is AnyConvolution => node.kind.startsWith('conv')

function ruleOf(kernelSupport: KernelSupport): RewriteRule {
  return function rewritten(node: Node): Node {
    if (!isWindowed(node)) return node
    const all = [node, ...node.inputs]
    if (!all.every(({ dtype, shape }) => dtype === 'float32' && !shape.includes(0))) return node
    switch (node.shape.length) {
      case 3:
        return ofSequences(node, rewritten)
      case 4:
        return isConv(node) ? convolution(node, kernelSupport, rewritten) : pooling(node, kernelSupport)
      case 5:
        return isConv(node) ? ofVolumes(node, kernelSupport, rewritten) : poolingOfVolumes(node, rewritten)
      default:
        return node
    }
  }
}

function ofVolumes(node: AnyConvolution, kernelSupport: KernelSupport, rewritten: RewriteRule): Node {
  if (node.params.groups === 1) return convolutionOfVolumes(node, rewritten)
  const plan = kernelSupport.supports('convolution', requestOf(node))
  return plan !== false && plan.by === 'groups' ? convolutionOfGroups(node, rewritten) : node
}

function convolution(node: AnyConvolution, kernelSupport: KernelSupport, rewritten: RewriteRule): Node {
  const plan = kernelSupport.supports('convolution', requestOf(node))
  if (plan === false) return node
  if (plan.by === 'groups') return convolutionOfGroups(node, rewritten)
  const dense = denseOfDilated(node, kernelSupport, rewritten)
  if (dense !== node) return dense
  const [a, b] = node.inputs as readonly [Node, Node]
  switch (node.kind) {
    case 'conv': {
      const params = { ...node.params, isChannelsLast: true } as const
      return transposed(
        makeNode('conv', [transposed(a, toLast), transposed(b, kernelToLast)], params),
        toFirst,
      )
    }
    case 'convInputGradient': {
      const inputShape = toLast.map((axis) => node.params.inputShape[axis] as number)
      const params = { ...node.params, inputShape, isChannelsLast: true } as const
      return transposed(
        makeNode('convInputGradient', [transposed(a, toLast), transposed(b, kernelToLast)], params),
        toFirst,
      )
    }
    case 'convKernelGradient': {
      const kernelShape = kernelToLast.map((axis) => node.params.kernelShape[axis] as number)
      const params = { ...node.params, kernelShape, isChannelsLast: true } as const
      return transposed(
        makeNode('convKernelGradient', [transposed(a, toLast), transposed(b, toLast)], params),
        kernelToFirst,
      )
    }
  }
}

/** What a pooling is, and the shapes of its images and results with channels last. */
function poolingRequestOf(node: Pool): PoolingRequest {
  const { window, strides, padding } = node.params
  const [images, results] =
    node.kind === 'maxPoolGradient'
      ? [node.shape, (node.inputs[1] as Node).shape]
      : [(node.inputs[0] as Node).shape, node.shape]
  const operation = ({ maxPool: 'max', maxPoolGradient: 'maxGradient', averagePool: 'average' } as const)[
    node.kind
  ]
  const last = (shape: Shape): Shape => toLast.map((axis) => shape[axis] as number)
  return {
    operation,
    input: last(images),
    output: last(results),
    isChannelsLast: true,
    window,
    strides,
    padding,
  }
}

function pooling(node: Pool, kernelSupport: KernelSupport): Node {
  const request = poolingRequestOf(node)
  if (kernelSupport.supports('pooling', request) === false) return node
  const inputs = node.inputs.map((input) => transposed(input, toLast))
  const [x] = inputs as [Node]
  switch (node.kind) {
    case 'maxPool':
      return transposed(
        isPairs(node)
          ? largestOfFour(x)
          : makeNode('maxPool', inputs, { ...node.params, isChannelsLast: true }),
        toFirst,
      )
    case 'maxPoolGradient':
      return transposed(
        makeNode('maxPoolGradient', inputs, { ...node.params, isChannelsLast: true }),
        toFirst,
      )
    case 'averagePool': {
      const groups = request.input.at(-1) as number
      const sums = { ...request, operation: 'conv', dilation: [1, 1], groups } as const
      const hasSums = kernelSupport.supports('convolution', sums) !== false
      return hasSums ? transposed(meanOfWindows(x, node), toFirst) : node
    }
  }
}

/** Sums of windows, which are depthwise convolutions with ones, over how many elements each has inside of the image. */
function meanOfWindows(x: Node, { shape, params }: NodeOf<'averagePool'> & Node): Node {
  const { window, strides, padding } = params
  const [, height, width, channels] = x.shape as readonly [number, number, number, number]
  const one = makeNode('constant', [], { data: Float32Array.of(1), shape: [], dtype: 'float32' })
  const ones = makeNode('broadcast', [one], { shape: [...window, 1, channels] })
  const moves = { strides, padding, dilation: [1, 1], groups: channels, isChannelsLast: true } as const
  const sums = makeNode('conv', [x, ones], moves)
  const inside = (axis: 0 | 1, size: number): number[] =>
    Array.from({ length: shape[axis + 2] as number }, (_, place) => {
      const first = place * (strides[axis] as number) - (padding[axis]?.[0] ?? 0)
      return Math.min(first + (window[axis] as number), size) - Math.max(first, 0)
    })
  const columns = inside(1, width)
  const counts = inside(0, height).flatMap((row) => columns.map((column) => row * column))
  const isSame = counts.every((count) => count === counts[0])
  const data = Float32Array.from(isSame ? counts.slice(0, 1) : counts)
  const countShape = isSame ? [] : [shape[2] as number, shape[3] as number, 1]
  const divisor = makeNode('constant', [], { data, shape: countShape, dtype: 'float32' })
  return makeNode('div', [sums, divisor], {})
}

/** Whether windows are the usual ones: 2 × 2, side by side. */
const isPairs = ({ params: { window, strides, padding } }: Pool): boolean =>
  [...window, ...strides].every((size) => size === 2) &&
  padding.every(([before, after]) => before === 0 && after === 0)

/** The maxima of windows of 2 × 2, of the slices that their four corners are: what kernels read in one pass. */
function largestOfFour(x: Node): Node {
  const [batch, height, width, channels] = x.shape as readonly [number, number, number, number]
  const corner = (row: number, column: number): Node =>
    makeNode('slice', [x], {
      starts: [0, row, column, 0],
      stops: [batch, 2 * Math.floor(height / 2), 2 * Math.floor(width / 2), channels],
      steps: [1, 2, 2, 1],
    })
  const larger = (a: Node, b: Node): Node => makeNode('max', [a, b], {})
  return larger(larger(corner(0, 0), corner(0, 1)), larger(corner(1, 0), corner(1, 1)))
}
