import type { Work } from '../../base/work.ts'
import { makeNode, type Node, ordering } from '../../graph/node.ts'
import { rewriting } from './rewrite.ts'

/** Where axes come to stand: (N, C, …) → (N, …, C) and back, (O, I, …) → (…, I, O) and back. */
const toLast = [0, 2, 3, 1]
const toFirst = [0, 3, 1, 2]
const kernelToLast = [2, 3, 1, 0]
const kernelToFirst = [3, 2, 0, 1]

const transposed = (node: Node, permutation: readonly number[]): Node =>
  makeNode('transpose', [node], { permutation })

/**
 * Convolutions and poolings with their channels last, between transposes that meet those of layers which keep theirs so
 * too: for engines whose kernels compute convolutions. It is all of a graph's convolutions or none, so that images are
 * not turned around between them.
 */
export function* channelsLast(outputs: readonly Node[]): Work<Node[]> {
  const convolutions = yield* convolutionsOf(outputs)
  return convolutions.length > 0 && convolutions.every(isPlain)
    ? yield* rewriting(outputs, rewritten)
    : [...outputs]
}

type Convolution = Node & { kind: 'conv' | 'convInputGradient' | 'convKernelGradient' }

/** Those in the bodies of loops too. */
function* convolutionsOf(outputs: readonly Node[], stops?: ReadonlySet<Node>): Work<Convolution[]> {
  const found: Convolution[] = []
  for (const node of yield* ordering(outputs, stops)) {
    switch (node.kind) {
      case 'conv':
      case 'convInputGradient':
      case 'convKernelGradient':
        found.push(node)
        break
      case 'scan': {
        const { body } = node.params
        found.push(...(yield* convolutionsOf(body.outputs, new Set(body.inputs))))
      }
    }
  }
  return found
}

/** Whether there are kernels for a convolution. */
const isPlain = ({ dtype, inputs, params }: Convolution): boolean =>
  dtype === 'float32' &&
  inputs.every(
    (input) => input.dtype === 'float32' && input.shape.length === 4 && !input.shape.includes(0),
  ) &&
  params.groups === 1 &&
  params.dilation.every((d) => d === 1)

function rewritten(node: Node): Node {
  const [a, b, c] = node.inputs as readonly [Node, Node, Node]
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
    case 'maxPool':
      return isPairs(node) ? transposed(largestOfFour(transposed(a, toLast)), toFirst) : node
    case 'maxPoolGradient': {
      if (!isPairs(node)) return node
      const params = { ...node.params, isChannelsLast: true } as const
      const inputs = [a, b, c].map((input) => transposed(input, toLast))
      return transposed(makeNode('maxPoolGradient', inputs, params), toFirst)
    }
    default:
      return node
  }
}

/** Whether windows are the usual ones: 2 × 2, side by side. */
const isPairs = (node: Node & { kind: 'maxPool' | 'maxPoolGradient' }): boolean => {
  const { window, strides, padding } = node.params
  return (
    node.dtype === 'float32' &&
    node.shape.length === 4 &&
    !node.shape.includes(0) &&
    [...window, ...strides].every((size) => size === 2) &&
    padding.every(([before, after]) => before === 0 && after === 0)
  )
}

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
