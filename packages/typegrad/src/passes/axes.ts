import { makeNode, type Node } from '../graph/node.ts'

/** (N, C, H, W) → (N, H, W, C) and back. */
export const toLast = [0, 2, 3, 1] as const
export const toFirst = [0, 3, 1, 2] as const
/** (O, I, h, w) → (h, w, I, O) and back. */
export const kernelToLast = [2, 3, 1, 0] as const
export const kernelToFirst = [3, 2, 0, 1] as const

export const transposed = (node: Node, permutation: readonly number[]): Node =>
  makeNode('transpose', [node], { permutation })

export const reshaped = (node: Node, shape: readonly number[]): Node => makeNode('reshape', [node], { shape })

/** A part of one axis. */
export function sliced(node: Node, axis: number, start: number, stop: number, step = 1): Node {
  const { shape } = node
  if (start === 0 && stop === shape[axis] && step === 1) return node
  return makeNode('slice', [node], {
    starts: shape.map((_, i) => (i === axis ? start : 0)),
    stops: shape.map((size, i) => (i === axis ? stop : size)),
    steps: shape.map((_, i) => (i === axis ? step : 1)),
  })
}

/** What lies before and after an axis. */
export type Pair = readonly [number, number]

/** Zeros before and after one axis. */
export function padded(node: Node, axis: number, [before, after]: Pair): Node {
  if (before === 0 && after === 0) return node
  const padding = node.shape.map((_, i): Pair => (i === axis ? [before, after] : [0, 0]))
  return makeNode('pad', [node], { padding, value: 0 })
}
