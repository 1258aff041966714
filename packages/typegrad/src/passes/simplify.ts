import { sameShape, sizeOf } from '../base/shape.ts'
import { broadcastShapes } from '../graph/infer.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { binaryPrimitives, comparisonPrimitives } from '../graph/primitives.ts'
import { constantLike, scalarValue } from './constant-folding.ts'
import type { RewriteRule } from './rewrite.ts'

const broadcasting = new Set<string>([...binaryPrimitives, ...comparisonPrimitives, 'select'])

/**
 * Algebra that needs no knowledge of values: operations that do nothing or undo each other go away. Traced
 * and differentiated code is full of them: every reduction's gradient broadcasts, every bias reshapes.
 */
export const simplify: RewriteRule = (node) => {
  const plain = broadcasting.has(node.kind) ? withoutBroadcasts(node) : node
  return arithmetic(movement(plain))
}

/** Elementwise operations broadcast by themselves: an explicit broadcast before them is a wasted copy. */
function withoutBroadcasts(node: Node): Node {
  const inputs = node.inputs.map((input) => (input.kind === 'broadcast' ? (input.inputs[0] as Node) : input))
  if (inputs.every((input, i) => input === node.inputs[i])) return node
  // One operand must still give the whole shape.
  const shape = inputs.map((input) => input.shape).reduce((a, b) => broadcastShapes(node.kind, a, b))
  if (sameShape(shape, node.shape)) return makeNode(node.kind, inputs, node.params)
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i] === node.inputs[i]) continue
    const kept = inputs.with(i, node.inputs[i] as Node)
    const grown = kept.map((input) => input.shape).reduce((a, b) => broadcastShapes(node.kind, a, b))
    if (sameShape(grown, node.shape)) return makeNode(node.kind, kept, node.params)
  }
  return node
}

/** Reshapes, transposes, slices and the like that change nothing, or whose chain is one. */
function movement(node: Node): Node {
  const [x] = node.inputs
  if (x === undefined) return node
  switch (node.kind) {
    case 'reshape':
      if (sameShape(node.shape, x.shape)) return x
      return x.kind === 'reshape' ? movement(makeNode('reshape', x.inputs, node.params)) : node
    case 'broadcast':
      return sameShape(node.shape, x.shape) ? x : node
    case 'transpose': {
      const { permutation } = node.params
      if (permutation.every((axis, i) => axis === i)) return x
      if (x.kind === 'transpose') {
        const composed = permutation.map((axis) => x.params.permutation[axis] as number)
        return movement(makeNode('transpose', x.inputs, { permutation: composed }))
      }
      // Moving axes of size 1 moves no element.
      const order = permutation.filter((axis) => x.shape[axis] !== 1)
      return order.every((axis, i) => i === 0 || axis > (order[i - 1] as number)) && node.shape.length !== 2
        ? movement(makeNode('reshape', [x], { shape: node.shape }))
        : node
    }
    case 'cast':
      return node.dtype === x.dtype ? x : node
    case 'concat':
      return node.inputs.length === 1 ? x : node
    case 'slice':
    case 'pad':
      return sameShape(node.shape, x.shape) &&
        (node.kind === 'pad' || node.params.steps.every((step) => step === 1))
        ? x
        : node
    case 'dynamicSlice':
      return sameShape(node.shape, x.shape) ? x : node
    case 'dynamicUpdateSlice': {
      const update = node.inputs[1] as Node
      if (sameShape(update.shape, x.shape)) return update
      return sizeOf(update.shape) === 0 ? x : node
    }
    case 'reduceSum':
    case 'reduceMax':
    case 'reduceMin':
    case 'reduceProd':
      return sizeOf(node.shape) === sizeOf(x.shape)
        ? movement(makeNode('reshape', [x], { shape: node.shape }))
        : node
    default:
      return node
  }
}

function arithmetic(node: Node): Node {
  const [a, b] = node.inputs
  if (a === undefined || b === undefined)
    return node.kind === 'neg' && a?.kind === 'neg' ? (a.inputs[0] as Node) : node
  const [ca, cb] = [scalarValue(a), scalarValue(b)]
  const unchanged = (x: Node): boolean => sameShape(x.shape, node.shape)
  switch (node.kind) {
    case 'add':
      if (cb === 0 && unchanged(a)) return a
      if (ca === 0 && unchanged(b)) return b
      if (a === b) return times(a, 2) ?? node
      if (b.kind === 'neg') return makeNode('sub', [a, b.inputs[0] as Node], {})
      if (a.kind === 'neg') return makeNode('sub', [b, a.inputs[0] as Node], {})
      return node
    case 'sub':
      if (cb === 0 && unchanged(a)) return a
      if (b.kind === 'neg') return makeNode('add', [a, b.inputs[0] as Node], {})
      return node
    case 'mul':
      if (a.kind === 'maxPoolGradient') return maskedPool(node, a, b) ?? node
      if (b.kind === 'maxPoolGradient') return maskedPool(node, b, a) ?? node
      if (cb === 1 && unchanged(a)) return a
      if (ca === 1 && unchanged(b)) return b
      if (cb !== undefined) return scaled(node, a, cb)
      if (ca !== undefined) return scaled(node, b, ca)
      return node
    case 'div':
      if (cb === 1 && unchanged(a)) return a
      return node
    default:
      return node
  }
}

const times = (x: Node, factor: number): Node | undefined => {
  const constant = constantLike(factor, x.dtype)
  return constant === undefined ? undefined : arithmetic(makeNode('mul', [x, constant], {}))
}

/**
 * A pooling's cotangents times a mask of its input: the mask may be taken of the maxima instead, which are
 * the same numbers where it matters and fewer. Saves a quarter of the time of relu and pooling's gradient.
 */
function maskedPool(node: Node, pool: Node & { kind: 'maxPoolGradient' }, mask: Node): Node | undefined {
  const [x, y, g] = pool.inputs as readonly [Node, Node, Node]
  const condition = mask.kind === 'cast' ? mask.inputs[0] : undefined
  const [bound, value] = condition?.inputs ?? []
  if (condition?.kind !== 'less' || value !== x || scalarValue(bound) === undefined) return undefined
  if (!sameShape(node.shape, pool.shape)) return undefined
  const isAbove = makeNode('less', [bound as Node, y], {})
  const masked = makeNode('mul', [g, makeNode('cast', [isAbove], { dtype: g.dtype })], {})
  return makeNode('maxPoolGradient', [x, y, masked], pool.params)
}

/** (x · c) · d → x · (c·d), and x · −1 → −x. */
function scaled(node: Node, x: Node, factor: number): Node {
  if (!sameShape(x.shape, node.shape)) return node
  if (factor === -1) return makeNode('neg', [x], {})
  if (x.kind !== 'mul') return node
  const [a, b] = x.inputs as readonly [Node, Node]
  const [ca, cb] = [scalarValue(a), scalarValue(b)]
  const inner = cb ?? ca
  const rest = cb === undefined ? b : a
  if (inner === undefined || !sameShape(rest.shape, node.shape)) return node
  return times(rest, inner * factor) ?? node
}
