import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import { kernelToFirst, kernelToLast, reshaped, toFirst, toLast, transposed } from './axes.ts'

type Windowed = Node &
  NodeOf<'conv' | 'convInputGradient' | 'convKernelGradient' | 'maxPool' | 'maxPoolGradient' | 'averagePool'>

/**
 * (N, C, L) → (N, C, 1, L), and back. The row is put between where channels are last, so that the transposes on both of
 * its sides meet their opposites.
 */
function asImages(node: Node): Node {
  const [batch, channels, length] = node.shape as readonly [number, number, number]
  const last = transposed(node, [0, 2, 1])
  return transposed(reshaped(last, [batch, 1, length, channels]), toFirst)
}
function asSequences(node: Node): Node {
  const [batch, channels, , length] = node.shape as readonly [number, number, 1, number]
  const last = transposed(node, toLast)
  return transposed(reshaped(last, [batch, length, channels]), [0, 2, 1])
}
/** The same of kernels, (O, I, w) → (O, I, 1, w), whose output channels are last in layers. */
function asKernelOfImages(node: Node): Node {
  const [outputs, inputs, window] = node.shape as readonly [number, number, number]
  const last = transposed(node, [2, 1, 0])
  return transposed(reshaped(last, [1, window, inputs, outputs]), kernelToFirst)
}
function asKernelOfSequences(node: Node): Node {
  const [outputs, inputs, , window] = node.shape as readonly [number, number, 1, number]
  const last = transposed(node, kernelToLast)
  return transposed(reshaped(last, [window, inputs, outputs]), [2, 1, 0])
}
const withRow = (shape: readonly number[]): number[] => shape.toSpliced(2, 0, 1)

/**
 * A convolution or pooling of sequences as one of images of one row.
 *
 * @param ofImages gives another node for that of images, or the same where it has none.
 */
export function ofSequences(node: Windowed, ofImages: (node: Node) => Node): Node {
  const hasKernel = node.kind === 'conv' || node.kind === 'convInputGradient'
  const inputs = node.inputs.map((input, i) => (hasKernel && i === 1 ? asKernelOfImages : asImages)(input))
  const { strides, padding } = node.params
  const moves = { strides: [1, ...strides], padding: [[0, 0] as const, ...padding] }
  const lifting = (): Node => {
    switch (node.kind) {
      case 'conv':
        return makeNode(node.kind, inputs, { ...node.params, ...moves, ...lifted(node.params) })
      case 'convInputGradient': {
        const inputShape = withRow(node.params.inputShape)
        return makeNode(node.kind, inputs, { ...node.params, ...moves, ...lifted(node.params), inputShape })
      }
      case 'convKernelGradient': {
        const kernelShape = withRow(node.params.kernelShape)
        return makeNode(node.kind, inputs, { ...node.params, ...moves, ...lifted(node.params), kernelShape })
      }
      default:
        return makeNode(node.kind, inputs, { ...node.params, ...moves, window: [1, ...node.params.window] })
    }
  }
  const images = lifting()
  const last = ofImages(images)
  if (last === images) return node
  return node.kind === 'convKernelGradient' ? asKernelOfSequences(last) : asSequences(last)
}

const lifted = ({ dilation }: { readonly dilation: readonly number[] }) => ({ dilation: [1, ...dilation] })
