import { makeNode, type Node } from '../graph/node.ts'
import { sliced, transposed } from './axes.ts'
import type { AnyConvolution } from './convolution-shapes.ts'

/** (N, C, …) → (N, …, C), or the other way. */
const moved = (node: Node, [from, to]: readonly [number, number]): Node => {
  const axes = [...node.shape.keys()]
  return transposed(node, axes.toSpliced(from, 1).toSpliced(to, 0, from))
}

/** Part `i` of `parts` of an axis. */
function part(node: Node, axis: number, i: number, parts: number): Node {
  const size = (node.shape[axis] as number) / parts
  return sliced(node, axis, i * size, (i + 1) * size)
}

/** A group's channels of (N, C, …), cut where channels are last, so that no transpose stays. */
function channelsOf(node: Node, i: number, parts: number): Node {
  const last = node.shape.length - 1
  return moved(part(moved(node, [1, last]), last, i, parts), [last, 1])
}

function joined(nodes: readonly [Node, ...Node[]]): Node {
  const last = nodes[0].shape.length - 1
  const channelsLast = nodes.map((node) => moved(node, [1, last]))
  return moved(makeNode('concat', channelsLast, { axis: last }), [last, 1])
}

/**
 * A convolution in groups as one for each group.
 *
 * @param ofGroup gives another node for the convolution of one group.
 */
export function convolutionOfGroups(node: AnyConvolution, ofGroup: (node: Node) => Node): Node {
  const { groups } = node.params
  const [a, b] = node.inputs as readonly [Node, Node]
  const convolutionOf = (i: number): Node => {
    switch (node.kind) {
      case 'conv': {
        const params = { ...node.params, groups: 1 }
        return ofGroup(makeNode('conv', [channelsOf(a, i, groups), part(b, 0, i, groups)], params))
      }
      case 'convInputGradient': {
        const [batch, channels, ...size] = node.params.inputShape as readonly [number, number, ...number[]]
        const params = { ...node.params, groups: 1, inputShape: [batch, channels / groups, ...size] }
        return ofGroup(
          makeNode('convInputGradient', [channelsOf(a, i, groups), part(b, 0, i, groups)], params),
        )
      }
      case 'convKernelGradient': {
        const [outputs, ...size] = node.params.kernelShape as readonly [number, ...number[]]
        const params = { ...node.params, groups: 1, kernelShape: [outputs / groups, ...size] }
        const inputs = [channelsOf(a, i, groups), channelsOf(b, i, groups)]
        return ofGroup(makeNode('convKernelGradient', inputs, params))
      }
    }
  }
  const each = Array.from({ length: groups }, (_, i) => convolutionOf(i))
  return node.kind === 'convKernelGradient'
    ? makeNode('concat', each, { axis: 0 })
    : joined(each as [Node, ...Node[]])
}
