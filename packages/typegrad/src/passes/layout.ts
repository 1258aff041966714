import { sameShape, sizeOf } from '../base/shape.ts'
import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import { binaryPrimitives, comparisonPrimitives, unaryPrimitives } from '../graph/primitives.ts'
import type { RewriteRule } from './rewrite.ts'

const elementwise = new Set<string>([
  ...unaryPrimitives,
  ...binaryPrimitives,
  ...comparisonPrimitives,
  'select',
  'cast',
])

/**
 * Layers keep channels last, ONNX's convolutions want them first: each comes with a transpose before and
 * one after. This pass lets transposes sink through whatever does not care about the order of axes until
 * they meet their opposites (which `simplify` cancels), so that a stack of convolutions, activations and
 * poolings runs channels first throughout and only its ends are transposed.
 */
export const layout: RewriteRule = (node) => {
  if (elementwise.has(node.kind)) return sinkThroughElementwise(node)
  switch (node.kind) {
    case 'reduceSum':
    case 'reduceMax':
    case 'reduceMin':
    case 'reduceProd':
      return sinkThroughReduction(node)
    case 'softmax':
    case 'logSoftmax':
    case 'cumsum': {
      const inner = transposed(node.inputs[0])
      if (inner === undefined) return node
      const axis = inner.permutation[node.params.axis] as number
      return retransposed(
        makeNode(node.kind, [inner.source], { ...node.params, axis } as never),
        inner.permutation,
      )
    }
    case 'pad': {
      const inner = transposed(node.inputs[0])
      if (inner === undefined) return node
      const padding = inverse(inner.permutation).map(
        (axis) => node.params.padding[axis] as readonly [number, number],
      )
      return retransposed(makeNode('pad', [inner.source], { ...node.params, padding }), inner.permutation)
    }
    default:
      return node
  }
}

interface Transposed {
  readonly source: Node
  readonly permutation: readonly number[]
}

/** A kernel's gradient is transposed where it is made, which is free there. */
const isOwnLayout = (node: Node | undefined): boolean =>
  node?.kind === 'convKernelGradient' && node.params.isChannelsLast !== true

const transposed = (node: Node | undefined): Transposed | undefined =>
  node?.kind === 'transpose' && !isOwnLayout(node.inputs[0])
    ? { source: node.inputs[0] as Node, permutation: node.params.permutation }
    : undefined

const inverse = (permutation: readonly number[]): number[] =>
  permutation.map((_, axis) => permutation.indexOf(axis))

const retransposed = (node: Node, permutation: readonly number[]): Node =>
  permutation.every((axis, i) => axis === i) ? node : makeNode('transpose', [node], { permutation })

/** Matrices are left alone: products transpose their operands for free. */
function sinkThroughElementwise(node: Node): Node {
  const first = node.inputs
    .map(transposed)
    .find((inner) => inner !== undefined && inner.permutation.length > 2)
  if (first === undefined) return node
  const { permutation } = first
  const inputs = node.inputs.map((input) => untransposed(input, permutation))
  return inputs.every((input) => input !== undefined)
    ? retransposed(makeNode(node.kind, inputs, node.params), permutation)
    : node
}

/** An operand as it looks before the permutation; undefined if that would cost more than it saves. */
function untransposed(input: Node, permutation: readonly number[]): Node | undefined {
  const inner = transposed(input)
  if (inner !== undefined && sameShape(inner.permutation, permutation)) return inner.source
  if (sizeOf(input.shape) === 1) {
    return input.shape.length === 0 ? input : makeNode('reshape', [input], { shape: [] })
  }
  // A vector along one axis (a bias, a scale) only needs another shape.
  const rank = permutation.length
  const padded = [...new Array<number>(rank - input.shape.length).fill(1), ...input.shape]
  if (padded.filter((d) => d !== 1).length > 1) return undefined
  const shape = inverse(permutation).map((axis) => padded[axis] as number)
  return makeNode('reshape', [input], { shape })
}

type Reduction = NodeOf<'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProd'>

function sinkThroughReduction(node: Node & Reduction): Node {
  const inner = transposed(node.inputs[0])
  if (inner === undefined || inner.permutation.length < 3) return node
  const { permutation, source } = inner
  const { axes, keepDims } = node.params
  const mapped = axes.map((axis) => permutation[axis] as number).sort((a, b) => a - b)
  const reduced = makeNode(node.kind, [source], { axes: mapped, keepDims })
  if (keepDims) return retransposed(reduced, permutation)
  // What is left of the permutation once the reduced axes are gone.
  const left = permutation.filter((_, i) => !axes.includes(i))
  const ranks = [...left].sort((a, b) => a - b)
  return retransposed(
    reduced,
    left.map((axis) => ranks.indexOf(axis)),
  )
}
